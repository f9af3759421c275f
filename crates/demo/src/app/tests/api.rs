//! The API: what it answers, to whom, and what it refuses.

use super::*;

#[tokio::test]
async fn a_list_has_pages_a_filter_and_says_whether_there_is_more() {
    let world = World::new().await;
    let first = world.bob().get("/api/goals").await.value();
    assert_eq!(first["page"], 1);
    assert_eq!(first["totalPages"], 2);
    assert_eq!(first["hasMore"], true);
    assert_eq!(first["items"].as_array().unwrap().len(), 5);
    let second = world.bob().get("/api/goals?page=2").await.value();
    assert_eq!(second["hasMore"], false);
    let completed = world.bob().get("/api/goals?status=completed").await.value();
    let items = completed["items"].as_array().unwrap();
    assert!(!items.is_empty());
    assert!(
        items
            .iter()
            .all(|goal| goal["status"] == "completed" && goal["progress"] == 100)
    );
}

#[tokio::test]
async fn a_list_query_that_makes_no_sense_is_400() {
    let world = World::new().await;
    for query in ["page=0", "page=x", "status=done", "page=1&page=2"] {
        let answer = world.bob().get(&format!("/api/goals?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
        assert_eq!(answer.value()["error"], "bad_request");
    }
}

#[tokio::test]
async fn a_goal_lives_from_creation_to_deletion() {
    let world = World::new().await;
    let bob = world.bob();
    let created = bob
        .json(
            "POST",
            "/api/goals",
            json!({"title": " Run ", "progress": 10}),
        )
        .await;
    assert_eq!(created.status, StatusCode::CREATED);
    let path = created.header("location").to_owned();
    assert_eq!(created.value()["title"], "Run");
    assert_eq!(bob.get(&path).await.value(), created.value());

    let done = bob
        .json("PATCH", &path, json!({"status": "completed"}))
        .await;
    assert_eq!(
        (done.status, done.value()["progress"].as_u64()),
        (StatusCode::OK, Some(100))
    );
    let again = bob.json("PATCH", &path, json!({"status": "active"})).await;
    assert_eq!(again.value()["progress"], 10);

    let deleted = bob.send("DELETE", &path, "", Body::empty()).await;
    assert_eq!(
        (deleted.status, deleted.body.as_str()),
        (StatusCode::NO_CONTENT, "")
    );
    assert_eq!(bob.get(&path).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_goals_of_somebody_else_are_not_found_whatever_is_done_to_them() {
    let world = World::new().await;
    let created = world
        .ada()
        .json("POST", "/api/goals", json!({"title": "Hers"}))
        .await;
    let path = created.header("location");
    let bob = world.bob();
    let nothing = "/api/goals/01890a5d-ac96-774b-bcce-b302099a8057";
    let unknown = bob.get(nothing).await;
    for answer in [
        bob.get(path).await,
        bob.json("PATCH", path, json!({"title": "His"})).await,
        bob.send("DELETE", path, "", Body::empty()).await,
        bob.get("/api/goals/7").await,
    ] {
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
        assert_eq!(answer.body, unknown.body);
    }
    assert_eq!(world.ada().get(path).await.value()["title"], "Hers");
}

#[tokio::test]
async fn wrong_fields_are_422_and_each_is_named() {
    let world = World::new().await;
    let answer = world
        .bob()
        .json("POST", "/api/goals", json!({"title": "", "progress": 101}))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let body = answer.value();
    assert_eq!(body["error"], "invalid_fields");
    assert!(body["fields"]["title"].is_string() && body["fields"]["progress"].is_string());
}

#[tokio::test]
async fn a_body_that_cannot_be_read_is_refused_by_what_is_wrong_with_it() {
    let world = World::new().await;
    let bob = world.bob();
    let large = format!("{{\"title\":\"{}\"}}", "a".repeat(70_000));
    for (media_type, body, status) in [
        ("text/plain", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("", "{}", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        ("application/json", "{", StatusCode::BAD_REQUEST),
        ("application/json", "[]", StatusCode::BAD_REQUEST),
        (
            "application/json; charset=utf-8",
            "{}",
            StatusCode::UNPROCESSABLE_ENTITY,
        ),
        ("application/json", &large, StatusCode::PAYLOAD_TOO_LARGE),
    ] {
        let answer = bob
            .send(
                "POST",
                "/api/goals",
                media_type,
                Body::from(body.to_owned()),
            )
            .await;
        assert_eq!(answer.status, status, "{media_type} {body:.20}");
        assert!(answer.value()["message"].is_string());
    }
}

#[tokio::test]
async fn without_a_valid_access_token_there_is_only_401() {
    let world = World::new().await;
    let assertion_only = world.bob().without("authorization");
    let stranger = TestIssuer::new()
        .unwrap()
        .bearer(&json!({"sub": "u-bob"}))
        .unwrap();
    let mut forged = world.bob();
    forged
        .headers
        .insert(header::AUTHORIZATION, stranger.parse().unwrap());
    for person in [world.anonymous(), assertion_only, forged] {
        for path in [
            "/api/goals",
            "/api/goals/7",
            "/api/admin/stats",
            "/api/stream",
        ] {
            let answer = person.get(path).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
            assert_eq!(answer.value()["error"], "unauthenticated");
        }
    }
}

#[tokio::test]
async fn the_numbers_of_everybody_are_for_admins() {
    let world = World::new().await;
    world.bob().get("/api/goals").await;
    let refused = world.bob().get("/api/admin/stats").await;
    assert_eq!(
        (refused.status, refused.value()["error"].as_str()),
        (StatusCode::FORBIDDEN, Some("forbidden"))
    );
    let stats = world.ada().get("/api/admin/stats").await.value();
    assert_eq!(stats["users"][0]["name"], "Bob Martin");
    assert_eq!(stats["goals"], 7);
    assert!(
        !stats.to_string().contains("bicycle"),
        "goals themselves are nobody else's business"
    );
}

#[tokio::test]
async fn an_unknown_address_or_method_is_answered_in_json() {
    let world = World::new().await;
    let unknown = world.bob().get("/api/nothing").await;
    assert_eq!(
        (unknown.status, unknown.value()["error"].as_str()),
        (StatusCode::NOT_FOUND, Some("not_found"))
    );
    let method = world
        .bob()
        .send("PUT", "/api/goals", "", Body::empty())
        .await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(method.value()["error"], "method_not_allowed");
    assert!(
        method.header("allow").contains("POST"),
        "{}",
        method.header("allow")
    );
}

#[tokio::test]
async fn the_echo_tells_what_arrived_and_no_secret() {
    let world = World::new().await;
    let mut bob = world.bob();
    bob.headers.insert("x-user-id", "u-bob".parse().unwrap());
    bob.headers.insert("Cookie", "theme=dark".parse().unwrap());
    let answer = bob
        .send(
            "REPORT",
            "/api/echo?a=1&b=%20",
            "text/plain",
            Body::from("hello"),
        )
        .await;
    let echo = answer.value();
    assert_eq!(echo["method"], "REPORT");
    assert_eq!(echo["path"], "/api/echo?a=1&b=%20");
    assert_eq!(echo["body_bytes"], 5);
    assert_eq!(echo["authorization"], "present");
    assert_eq!(echo["user_id"], "u-bob");
    assert!(
        echo["headers"]
            .as_array()
            .unwrap()
            .contains(&json!("cookie"))
    );
    for secret in [
        "theme=dark",
        "Bearer",
        bob.headers["x-cloakroom-session"].to_str().unwrap(),
    ] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
    let nobody = world.anonymous().get("/api/echo").await.value();
    assert_eq!(
        (&nobody["authorization"], &nobody["user_id"]),
        (&json!("absent"), &Value::Null)
    );
}

// AU-05: what went wrong inside is for the log; the client gets a stable code and no path.
#[tokio::test]
async fn a_change_that_cannot_be_saved_is_503_and_tells_nothing_about_the_disk() {
    let world = World::new().await;
    let before = world.bob().get("/api/goals").await.body;
    world.break_the_disk();
    let refused = world
        .bob()
        .json("POST", "/api/goals", json!({"title": "Lost"}))
        .await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.value()["error"], "store_unavailable");
    assert!(!refused.body.contains(world.folder.path().to_str().unwrap()));
    assert_eq!(world.bob().get("/api/goals").await.body, before);
}
