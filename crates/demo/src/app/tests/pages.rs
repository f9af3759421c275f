//! The pages: who sees them, what their forms do, and what they keep when a form is refused.

use std::time::Duration;

use super::*;

/// The id of the first goal on a page.
fn first_goal(page: &str) -> String {
    let after = page.split("id=\"goal-").nth(1).unwrap();
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_home_page_is_for_everybody_and_greets_whoever_is_logged_in() {
    let world = World::new().await;
    let guest = world.anonymous().get("/").await;
    assert_eq!(guest.status, StatusCode::OK);
    assert!(
        guest
            .body
            .contains("href=\"/auth/login?return_to=/dashboard\"")
    );
    assert!(guest.body.contains("href=\"/auth/register\""));
    let ada = world.ada().get("/").await;
    assert!(ada.body.contains("Welcome back, Ada Lovelace"));
    assert!(ada.body.contains("action=\"/auth/logout\""));
}

#[tokio::test]
async fn every_other_page_asks_to_log_in_and_leads_back() {
    let world = World::new().await;
    for path in ["/dashboard", "/goals", "/admin"] {
        let answer = world.anonymous().get(path).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert!(
            answer
                .body
                .contains(&format!("/auth/login?return_to={path}\"")),
            "{path}"
        );
    }
    let posted = world.anonymous().form("/goals", "title=Run").await;
    assert_eq!(posted.status, StatusCode::UNAUTHORIZED);
    assert!(posted.body.contains("/auth/login?return_to=/dashboard\""));
}

#[tokio::test]
async fn a_page_believes_the_assertion_alone_and_only_a_real_one() {
    let world = World::new().await;
    let no_assertion = world.ada().without("x-cloakroom-session");
    assert_eq!(
        no_assertion.get("/goals").await.status,
        StatusCode::UNAUTHORIZED
    );
    let mut forged = world.ada();
    let stranger = TestIssuer::new()
        .unwrap()
        .assertion(&json!({"sub": "u-ada"}))
        .unwrap();
    forged
        .headers
        .insert("x-cloakroom-session", stranger.parse().unwrap());
    assert_eq!(forged.get("/goals").await.status, StatusCode::UNAUTHORIZED);
    assert!(!forged.get("/").await.body.contains("Welcome back"));
}

#[tokio::test]
async fn the_admin_page_checks_the_role_itself() {
    let world = World::new().await;
    let bob = world.bob().get("/admin").await;
    assert_eq!(bob.status, StatusCode::FORBIDDEN);
    assert!(
        !bob.body.contains("href=\"/admin\""),
        "the navigation offers what is refused"
    );
    let ada = world.ada();
    ada.get("/goals").await;
    let page = ada.get("/admin").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("Ada Lovelace"));
}

#[tokio::test]
async fn the_dashboard_greets_by_name_and_shows_each_renewal() {
    let world = World::new().await;
    world.clock.advance(Duration::from_secs(12));
    let first = world.ada().get("/dashboard").await;
    assert!(first.body.contains("Hello, Ada Lovelace"));
    assert!(first.body.contains("token renewed 12 s ago, no. 1"));
    assert!(first.body.contains("lives for 60 s"));
    assert!(world.ada().get("/dashboard").await.body.contains("no. 1"));
    let renewed = world.person(&json!({"sub": "u-ada", "jti": "a2"}));
    assert!(renewed.get("/dashboard").await.body.contains("ago, no. 2"));
}

#[tokio::test]
async fn the_dashboard_stands_without_an_access_token() {
    let world = World::new().await;
    let page = world.ada().without("authorization").get("/dashboard").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("No access token came with this request"));
    let mut mixed = world.ada();
    mixed.headers.insert(
        header::AUTHORIZATION,
        world.bob().headers["authorization"].clone(),
    );
    assert!(
        mixed
            .get("/dashboard")
            .await
            .body
            .contains("No access token"),
        "another person's token"
    );
}

#[tokio::test]
async fn a_form_leads_back_to_the_same_filter_and_page() {
    let world = World::new().await;
    let bob = world.bob();
    let created = bob
        .form("/goals", "title=Run+far&status=active&page=2")
        .await;
    assert_eq!(created.status, StatusCode::SEE_OTHER);
    assert_eq!(
        created.header("location"),
        "/goals?status=active&page=2&notice=created"
    );
    let list = bob.get("/goals").await;
    assert!(list.body.contains("Run far"));

    let id = first_goal(&list.body);
    for (action, fields, notice) in [
        ("progress", "progress=30", "saved"),
        ("progress", "progress=100", "completed"),
        ("reopen", "", "reopened"),
        ("complete", "", "completed"),
        ("delete", "", "deleted"),
    ] {
        let fields = format!("{fields}&status=all&page=1");
        let answer = bob.form(&format!("/goals/{id}/{action}"), &fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{action}");
        let expected = format!("/goals?status=all&page=1&notice={notice}");
        assert_eq!(answer.header("location"), expected, "{action}");
    }
    assert!(!bob.get("/goals").await.body.contains("Run far"));
}

#[tokio::test]
async fn the_pages_and_the_api_show_the_same_goals() {
    let world = World::new().await;
    world.bob().form("/goals", "title=From+the+form").await;
    let api = world.bob().get("/api/goals").await.value();
    assert_eq!(api["items"][0]["title"], "From the form");
    world
        .bob()
        .json("POST", "/api/goals", json!({"title": "From the API"}))
        .await;
    assert!(
        world
            .bob()
            .get("/goals")
            .await
            .body
            .contains("From the API")
    );
}

#[tokio::test]
async fn a_refused_goal_keeps_what_was_typed_and_says_why_at_the_field() {
    let world = World::new().await;
    let fields = "title=&description=Keep+%3Cme%3E&progress=150&status=active&page=1";
    let answer = world.bob().form("/goals", fields).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("Keep &#60;me&#62;</textarea>"));
    assert!(answer.body.contains("value=\"150\""));
    assert!(
        answer
            .body
            .contains("aria-describedby=\"title-error\" autofocus")
    );
    assert!(
        answer
            .body
            .contains("id=\"progress-error\">Progress is a whole number")
    );
    assert!(answer.body.contains("name=\"status\" value=\"active\""));
}

#[tokio::test]
async fn a_refused_progress_is_shown_at_its_goal() {
    let world = World::new().await;
    let bob = world.bob();
    let id = first_goal(&bob.get("/goals").await.body);
    let answer = bob
        .form(&format!("/goals/{id}/progress"), "progress=lots")
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("value=\"lots\" aria-invalid=\"true\""));
    assert!(answer.body.contains(&format!("id=\"error-{id}\"")));
}

#[tokio::test]
async fn the_goals_of_somebody_else_are_a_page_that_is_not_found() {
    let world = World::new().await;
    let id = first_goal(&world.ada().get("/goals").await.body);
    for action in ["progress", "complete", "reopen", "delete"] {
        for fields in ["progress=50", "progress=lots"] {
            let answer = world
                .bob()
                .form(&format!("/goals/{id}/{action}"), fields)
                .await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{action}");
        }
    }
    assert!(world.ada().get("/goals").await.body.contains(&id));
}

#[tokio::test]
async fn the_list_has_a_filter_and_pages_and_a_bad_address_means_the_first() {
    let world = World::new().await;
    let bob = world.bob();
    let first = bob.get("/goals").await.body;
    assert!(
        first.contains("Page 1 of 2") && first.contains("href=\"/goals?status=all&amp;page=2\"")
    );
    let completed = bob.get("/goals?status=completed").await.body;
    assert!(completed.contains("Repair the bicycle") && !completed.contains("Run 5 km"));
    let nonsense = bob.get("/goals?status=x&page=-3&notice=%3Cb%3E").await;
    assert_eq!(nonsense.status, StatusCode::OK);
    assert!(nonsense.body.contains("Page 1 of 2") && !nonsense.body.contains("role=\"status\""));
    assert!(bob.get("/goals?page=99").await.body.contains("Page 2 of 2"));
}

#[tokio::test]
async fn a_form_that_is_none_is_refused_with_a_page() {
    let world = World::new().await;
    let json = world
        .bob()
        .json("POST", "/goals", json!({"title": "Run"}))
        .await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = format!("title={}", "a".repeat(70_000));
    assert_eq!(
        world.bob().form("/goals", &large).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let twice = world.bob().form("/goals", "title=a&title=b").await;
    assert_eq!(twice.status, StatusCode::BAD_REQUEST);
    assert!(twice.body.contains("<h1>"));
}

#[tokio::test]
async fn an_unknown_page_is_404_and_knows_who_is_looking() {
    let world = World::new().await;
    let answer = world.ada().get("/nothing/here").await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert!(answer.body.contains("Ada Lovelace") && answer.body.contains("404"));
    let method = world.ada().form("/dashboard", "").await;
    assert_eq!(method.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(method.body.contains("<h1>"));
    assert!(
        method.header("allow").contains("GET"),
        "{}",
        method.header("allow")
    );
}

#[tokio::test]
async fn every_page_is_kept_by_no_cache_and_runs_nothing_from_elsewhere() {
    let world = World::new().await;
    for path in ["/", "/dashboard", "/goals", "/admin", "/nothing"] {
        let answer = world.ada().get(path).await;
        assert_eq!(
            answer.header("cache-control"),
            "private, no-store",
            "{path}"
        );
        let policy = answer.header("content-security-policy");
        assert!(policy.starts_with("default-src 'self'; script-src 'self'; style-src 'self'"));
        assert!(!policy.contains("unsafe"), "{path}");
    }
}

#[tokio::test]
async fn nothing_a_page_sends_contains_a_token() {
    let world = World::new().await;
    let ada = world.ada();
    for path in [
        "/",
        "/dashboard",
        "/goals",
        "/admin",
        "/api/goals",
        "/api/echo",
    ] {
        let answer = ada.get(path).await;
        assert!(!answer.body.contains("eyJ"), "{path}");
        assert!(!format!("{:?}", answer.headers).contains("eyJ"), "{path}");
    }
}

// AU-05
#[tokio::test]
async fn a_form_that_cannot_be_saved_is_a_page_that_says_so_and_nothing_about_the_disk() {
    let world = World::new().await;
    world.bob().get("/goals").await;
    world.break_the_disk();
    let refused = world.bob().form("/goals", "title=Lost").await;
    assert_eq!(refused.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(refused.body.contains("We could not save that"));
    assert!(!refused.body.contains(world.folder.path().to_str().unwrap()));
    assert!(!world.bob().get("/goals").await.body.contains("Lost"));
}
