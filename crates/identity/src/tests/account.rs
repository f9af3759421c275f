//! What users do with their own account, and cannot do with anybody else's.

use cloakroom_core::EndReason;
use cloakroom_core::ports::Whose;
use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::world::{Ask, PASSWORD, World, login_as, me, refresh};

const NEW: &str = "granite kettle hums softly";

fn patch(username: &str, token: &str, body: &Value) -> Ask {
    let path = format!("/api/v1/user/{username}");
    Ask::new(Method::PATCH, &path).json(body).bearer(token)
}

fn delete(username: &str, token: &str) -> Ask {
    Ask::new(Method::DELETE, &format!("/api/v1/user/{username}")).bearer(token)
}

fn change(token: &str, current: &str, new: &str, end_others: Option<bool>) -> Ask {
    let mut body = json!({"current_password": current, "new_password": new});
    if let Some(end_others) = end_others {
        body["end_others"] = json!(end_others);
    }
    Ask::post("/api/v1/user/me/password")
        .json(&body)
        .bearer(token)
}

#[tokio::test]
async fn me_is_the_caller_with_and_without_the_slash() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    for path in ["/api/v1/user/me", "/api/v1/user/me/"] {
        let answer = world.send(Ask::get(path).bearer(&tokens.access)).await;
        assert_eq!(answer.body["username"], "ada", "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
    }
}

#[tokio::test]
async fn a_token_that_does_not_hold_is_nobody() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    let cut = &tokens.access[..tokens.access.len() - 4];
    for bad in ["", "x", cut, &tokens.refresh] {
        let answer = world.send(me(bad)).await;
        assert_eq!(answer.refusal(), (401, "unauthenticated"), "{bad}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
    }
    let twice = me(&tokens.access).header("authorization", "Bearer x");
    assert_ne!(world.send(twice).await.status, StatusCode::OK);
    let elsewhere = World::with_ada().await.login("ada").await;
    assert_eq!(
        world.send(me(&elsewhere.access)).await.refusal(),
        (401, "unauthenticated")
    );
    world.pass(900);
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
}

#[tokio::test]
async fn a_profile_changes_field_by_field() {
    let world = World::with_ada().await;
    world.add("bob", &[]).await;
    let access = world.login("ada").await.access;
    let body = json!({"name": "Ada L.", "profile_image_url": "https://example.com/a.png"});
    let answer = world.send(patch("ada", &access, &body)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["name"], "Ada L.");
    assert_eq!(answer.body["email"], "ada@example.com");
    let answer = world
        .send(patch("ADA", &access, &json!({"profile_image_url": null})))
        .await;
    assert!(answer.body["profile_image_url"].is_null());
    assert_eq!(answer.body["name"], "Ada L.");
    let taken = world
        .send(patch("ada", &access, &json!({"email": "Bob@example.com"})))
        .await;
    assert_eq!(taken.refusal(), (409, "email_taken"));
    let taken = world
        .send(patch("ada", &access, &json!({"username": "bob"})))
        .await;
    assert_eq!(taken.refusal(), (409, "username_taken"));
    let renamed = world
        .send(patch("ada", &access, &json!({"username": "countess"})))
        .await;
    assert_eq!(renamed.body["username"], "countess");
    assert_eq!(
        world
            .send(patch("ada", &access, &json!({})))
            .await
            .refusal(),
        (404, "not_found")
    );
}

// ID-11
#[tokio::test]
async fn fields_that_are_not_the_users_to_assign_refuse_the_change() {
    let world = World::with_ada().await;
    let token = world.login("ada").await.access;
    for field in ["roles", "id", "tier_id", "password", "disabled_at"] {
        let answer = world
            .send(patch("ada", &token, &json!({"name": "X", field: "admin"})))
            .await;
        assert_eq!(answer.refusal(), (422, "invalid_fields"));
        assert_eq!(answer.wrong_fields(), [field]);
    }
    let user = world.user("ada").await;
    assert!(user.roles.is_empty());
    assert_eq!(user.name, "ada of Example");
}

// ID-12
#[tokio::test]
async fn somebody_elses_account_is_404_whether_it_exists_or_not() {
    let world = World::new(|_| {});
    world.add("ada", &["admin"]).await;
    world.add("bob", &[]).await;
    let token = world.login("bob").await.access;
    let ada = world.user("ada").await.id.to_string();
    for username in ["ada", "nobody", "a%2Fb", "%FF", &ada] {
        let changed = world
            .send(patch(username, &token, &json!({"name": "X"})))
            .await;
        assert_eq!(changed.refusal(), (404, "not_found"), "{username}");
        let deleted = world.send(delete(username, &token)).await;
        assert_eq!(deleted.refusal(), (404, "not_found"), "{username}");
        assert_eq!(changed.body, deleted.body);
    }
    assert_eq!(world.user("ada").await.name, "ada of Example");
}

// ID-12
#[tokio::test]
async fn others_see_the_public_part_of_a_user_and_nothing_of_a_disabled_one() {
    let world = World::new(|_| {});
    world.add("ada", &["admin"]).await;
    world.add("bob", &[]).await;
    let token = world.login("bob").await.access;
    let read = |username: &str| Ask::get(&format!("/api/v1/user/{username}"));
    let seen = world.send(read("ada").bearer(&token)).await.body;
    let fields: Vec<_> = seen
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(fields, ["id", "name", "profile_image_url", "username"]);
    let own = world.send(read("bob").bearer(&token)).await.body;
    assert_eq!(own["email"], "bob@example.com");
    assert_eq!(
        world.send(read("ada")).await.refusal(),
        (401, "unauthenticated")
    );
    world.admin().disable("ada").await.unwrap();
    let gone = world.send(read("ada").bearer(&token)).await;
    assert_eq!(gone.refusal(), (404, "not_found"));
}

// LO-08
#[tokio::test]
async fn a_deleted_account_takes_all_its_logins_with_it() {
    let world = World::with_ada().await;
    let here = world.login("ada").await;
    let there = world.login("ada").await;
    assert_eq!(
        world.send(delete("ada", &here.access)).await.status,
        StatusCode::NO_CONTENT
    );
    for tokens in [here, there] {
        assert_eq!(
            world.send(me(&tokens.access)).await.refusal(),
            (401, "unauthenticated")
        );
        let renewed = world.send(refresh(&tokens.refresh).gateway()).await;
        assert_eq!(renewed.refusal(), (401, "revoked"));
    }
    assert_eq!(world.outbox().await[0].reason, EndReason::Disabled);
    assert_eq!(
        world.send(login_as("ada", PASSWORD)).await.refusal(),
        (401, "invalid_credentials")
    );
}

// ID-06, LO-07
#[tokio::test]
async fn a_new_password_ends_all_other_logins_unless_told_otherwise() {
    for (end_others, ends) in [(None, true), (Some(true), true), (Some(false), false)] {
        let world = World::with_ada().await;
        let here = world.login("ada").await;
        let there = world.login("ada").await;
        let changed = world
            .send(change(&here.access, PASSWORD, NEW, end_others))
            .await;
        assert_eq!(changed.status, StatusCode::NO_CONTENT, "{}", changed.body);
        assert_eq!(world.send(me(&here.access)).await.status, StatusCode::OK);
        let other = world.send(refresh(&there.refresh).gateway()).await;
        assert_eq!(other.status == StatusCode::UNAUTHORIZED, ends);
        let outbox = world.outbox().await;
        assert_eq!(outbox.len(), usize::from(ends));
        if let Some(event) = outbox.first() {
            assert_eq!(event.reason, EndReason::PasswordChanged);
            let sid = here.claims()["sid"].as_str().map(str::to_owned);
            assert!(matches!(&event.whose, Whose::Subject { except, .. } if *except == sid));
        }
        world.pass(1);
        assert_eq!(
            world.send(login_as("ada", NEW)).await.status,
            StatusCode::OK
        );
        assert_eq!(
            world.send(login_as("ada", PASSWORD)).await.status,
            StatusCode::UNAUTHORIZED
        );
    }
}

// ID-06
#[tokio::test]
async fn the_current_password_is_limited_like_a_login() {
    let world = World::with_ada().await;
    let token = world.login("ada").await.access;
    for _ in 0..10 {
        let wrong = world
            .send(change(&token, "wrong password", NEW, None))
            .await;
        assert_eq!(wrong.refusal(), (403, "wrong_password"));
    }
    let right = world.send(change(&token, PASSWORD, NEW, None)).await;
    assert_eq!(right.refusal(), (429, "rate_limited"));
    assert_eq!(
        world.send(login_as("ada", PASSWORD)).await.refusal(),
        (429, "rate_limited")
    );
}

#[tokio::test]
async fn the_gateway_is_believed_beside_a_users_token() {
    let world = World::with_ada().await;
    let device = |ask: Ask| ask.header("x-client-device", "ada's laptop");
    let answer = world
        .send(device(login_as("ada", PASSWORD).gateway()))
        .await;
    let token = super::world::Tokens::from(&answer).access;
    for _ in 0..10 {
        world.send(login_as("ada", "wrong password")).await;
    }
    let plain = world
        .send(device(change(&token, PASSWORD, NEW, None)))
        .await;
    assert_eq!(plain.refusal(), (429, "rate_limited"));
    let known = device(change(&token, PASSWORD, NEW, None)).gateway_beside();
    assert_eq!(world.send(known).await.status, StatusCode::NO_CONTENT);
    let wrong = change(&token, PASSWORD, NEW, None).header("x-client-authorization", "Basic eDp5");
    assert_eq!(world.send(wrong).await.refusal(), (401, "invalid_client"));
}

// ID-04
#[tokio::test]
async fn a_bad_new_password_costs_no_attempt() {
    let world = World::with_ada().await;
    let token = world.login("ada").await.access;
    for _ in 0..11 {
        let answer = world.send(change(&token, PASSWORD, "ada12345", None)).await;
        assert_eq!(answer.refusal(), (422, "invalid_fields"));
        assert_eq!(answer.wrong_fields(), ["new_password"]);
    }
    let answer = world.send(change(&token, PASSWORD, NEW, None)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
}
