//! Logging out, with whichever token there is.

use cloakroom_core::EndReason;
use http::StatusCode;

use super::world::{Ask, World, me, refresh};

fn logout() -> Ask {
    Ask::post("/api/v1/logout")
}

#[tokio::test]
async fn the_access_token_ends_itself_and_its_login_again_and_again() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    for _ in 0..2 {
        let answer = world.send(logout().bearer(&tokens.access)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
        assert!(
            answer
                .set_cookie()
                .unwrap()
                .starts_with("refresh_token=; Max-Age=0;")
        );
    }
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
    let renewed = world.send(refresh(&tokens.refresh).gateway()).await;
    assert_eq!(renewed.refusal(), (401, "revoked"));
    let outbox = world.outbox().await;
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].reason, EndReason::Logout);
}

#[tokio::test]
async fn an_expired_access_token_still_ends_its_login() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    world.pass(86_400);
    let answer = world.send(logout().bearer(&tokens.access)).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    let renewed = world.send(refresh(&tokens.refresh).gateway()).await;
    assert_eq!(renewed.refusal(), (401, "revoked"));
}

#[tokio::test]
async fn the_refresh_token_ends_its_login_for_its_owner_and_for_nobody_else() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    let body = serde_json::json!({"refresh_token": tokens.refresh});
    let stranger = world.send(logout().json(&body)).await;
    assert_eq!(stranger.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(me(&tokens.access)).await.status, StatusCode::OK);
    world.send(logout().json(&body).gateway()).await;
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
    let plain = world.login_plain("ada").await;
    world.send(logout().cookie(&plain.refresh)).await;
    assert_eq!(
        world.send(me(&plain.access)).await.refusal(),
        (401, "unauthenticated")
    );
}

#[tokio::test]
async fn a_forged_token_ends_nothing_and_is_not_told_so() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    let elsewhere = World::with_ada().await.login("ada").await;
    for forged in ["x", &elsewhere.access, "a.b.c"] {
        let answer = world.send(logout().bearer(forged)).await;
        assert_eq!(answer.status, StatusCode::NO_CONTENT);
    }
    assert_eq!(world.send(logout()).await.status, StatusCode::NO_CONTENT);
    assert_eq!(world.send(me(&tokens.access)).await.status, StatusCode::OK);
    assert!(world.outbox().await.is_empty());
}
