//! Creating an account over HTTP.

use http::StatusCode;
use serde_json::{Value, json};

use super::login::futures;
use super::world::{Ask, PASSWORD, World, login_as};

fn register(body: &Value) -> Ask {
    Ask::post("/api/v1/user").json(body)
}

fn ada() -> Value {
    json!({"name": "Ada Lovelace", "username": "Ada", "email": "Ada@Example.com", "password": PASSWORD})
}

fn with(field: &str, value: Value) -> Value {
    let mut body = ada();
    body[field] = value;
    body
}

#[tokio::test]
async fn an_account_is_created_in_canonical_form_without_roles_and_can_log_in() {
    let world = World::new(|_| {});
    let answer = world.send(register(&ada())).await;
    assert_eq!(answer.status, StatusCode::CREATED);
    let id = world.user("ada").await.id.to_string();
    let expected = json!({
        "id": id, "name": "Ada Lovelace", "username": "ada", "email": "ada@example.com",
        "profile_image_url": null, "tier_id": null, "roles": [],
    });
    assert_eq!(answer.body, expected);
    world.pass(1);
    assert_eq!(
        world.send(login_as("ada", PASSWORD)).await.status,
        StatusCode::OK
    );
}

#[tokio::test]
async fn every_wrong_field_is_named_at_once_and_no_value_comes_back() {
    let world = World::new(|_| {});
    let body =
        json!({"name": " ", "username": "a/b", "email": "a@b@c.com", "password": "12345678"});
    let answer = world.send(register(&body)).await;
    assert_eq!(answer.refusal(), (422, "invalid_fields"));
    assert_eq!(
        answer.wrong_fields(),
        ["email", "name", "password", "username"]
    );
    assert!(!answer.body.to_string().contains("12345678"));
    let answer = world.send(register(&json!({}))).await;
    assert_eq!(
        answer.wrong_fields(),
        ["email", "name", "password", "username"]
    );
    assert_eq!(answer.body["detail"][0]["type"], "missing");
    let answer = world.send(register(&with("name", json!(7)))).await;
    assert_eq!(answer.wrong_fields(), ["name"]);
    for broken in ["", "{", "[]", "\"ada\""] {
        let ask = Ask::post("/api/v1/user").raw("application/json", broken.into());
        assert_eq!(
            world.send(ask).await.refusal(),
            (422, "invalid_fields"),
            "{broken}"
        );
    }
    let form = Ask::post("/api/v1/user").form(&[("name", "Ada")]);
    assert_eq!(
        world.send(form).await.refusal(),
        (415, "unsupported_media_type")
    );
}

// ID-02, ID-04
#[tokio::test]
async fn a_weak_a_common_or_an_endless_password_is_refused_without_a_hash() {
    let world = World::new(|_| {});
    let before = world.hashes();
    let endless = "x".repeat(1025);
    for password in ["short", "password1", "Lovelace1815", "cloakroom", &endless] {
        let answer = world
            .send(register(&with("password", json!(password))))
            .await;
        assert_eq!(answer.wrong_fields(), ["password"], "{password}");
    }
    let body = with("password", json!("x".repeat(1 << 20)));
    assert_eq!(
        world.send(register(&body)).await.refusal(),
        (413, "body_too_large")
    );
    assert_eq!(world.hashes(), before);
}

// ID-11
#[tokio::test]
async fn fields_that_are_not_the_users_to_assign_refuse_the_registration() {
    let world = World::new(|_| {});
    for field in [
        "roles",
        "id",
        "tier_id",
        "created_at",
        "disabled_at",
        "is_superuser",
        "email_verified",
    ] {
        let answer = world.send(register(&with(field, json!(["admin"])))).await;
        assert_eq!(answer.refusal(), (422, "invalid_fields"));
        assert_eq!(answer.wrong_fields(), [field]);
        assert_eq!(answer.body["detail"][0]["type"], "extra_forbidden");
    }
    assert!(world.admin().list(None, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_taken_name_or_address_is_409_in_any_spelling() {
    let world = World::with_ada().await;
    let name =
        json!({"name": "A", "username": "ADA", "email": "other@example.com", "password": PASSWORD});
    assert_eq!(
        world.send(register(&name)).await.refusal(),
        (409, "username_taken")
    );
    let email =
        json!({"name": "A", "username": "other", "email": "ADA@EXAMPLE.com", "password": PASSWORD});
    assert_eq!(
        world.send(register(&email)).await.refusal(),
        (409, "email_taken")
    );
    let reserved =
        json!({"name": "A", "username": "me", "email": "o@example.com", "password": PASSWORD});
    assert_eq!(
        world.send(register(&reserved)).await.wrong_fields(),
        ["username"]
    );
}

// ID-08
#[tokio::test]
async fn a_hundred_parallel_registrations_of_one_address_make_one_account() {
    let world = World::new(|config| {
        config.limits.registrations = 200;
        config.limits.network_failures = 200;
        config.password.queue = Some(200);
    });
    let all = (0..100).map(|number| {
        let body = json!({
            "name": "Ada", "username": format!("ada{number}"), "email": "ada@example.com",
            "password": PASSWORD,
        });
        world.send(register(&body))
    });
    let answers = futures(all).await;
    let created = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::CREATED);
    assert_eq!(created.count(), 1);
    let taken = answers
        .iter()
        .filter(|answer| answer.refusal() == (409, "email_taken"));
    assert_eq!(taken.count(), 99);
}

// ID-07
#[tokio::test]
async fn the_eleventh_registration_of_an_hour_from_one_network_is_refused() {
    let world = World::new(|_| {});
    for _ in 0..10 {
        world.send(register(&ada())).await;
    }
    let before = world.hashes();
    let refused = world.send(register(&ada())).await;
    assert_eq!(refused.refusal(), (429, "rate_limited"));
    assert_eq!(refused.header("retry-after"), Some("3600"));
    assert_eq!(world.hashes(), before);
    let elsewhere = world.send(register(&ada()).from("198.51.100.7")).await;
    assert_eq!(elsewhere.refusal(), (409, "username_taken"));
    world.pass(3600);
    assert_eq!(
        world.send(register(&ada())).await.refusal(),
        (409, "username_taken")
    );
}

#[tokio::test]
async fn a_member_that_comes_twice_refuses_the_body() {
    let world = World::new(|_| {});
    let once = ada().to_string();
    let twice = once.replacen('{', r#"{"email":"eve@example.com","#, 1);
    let send = |body: String| {
        let ask = Ask::post("/api/v1/user");
        world.send(ask.raw("application/json", body.into_bytes()))
    };
    assert_eq!(send(twice).await.refusal(), (422, "invalid_fields"));
    assert_eq!(send(once).await.status, StatusCode::CREATED);
}
