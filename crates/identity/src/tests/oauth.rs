//! Revocation (RFC 7009) and introspection (RFC 7662), for the authenticated client alone.

use http::StatusCode;
use serde_json::json;

use super::world::{Ask, World, me, refresh};

fn revoke(token: &str) -> Ask {
    Ask::post("/oauth2/revoke").form(&[("token", token), ("token_type_hint", "refresh_token")])
}

fn introspect(token: &str) -> Ask {
    Ask::post("/oauth2/introspect").form(&[("token", token)])
}

#[tokio::test]
async fn without_the_clients_credential_both_are_refused() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    for ask in [revoke(&tokens.refresh), introspect(&tokens.access)] {
        assert_eq!(
            world.send(ask.clone()).await.refusal(),
            (401, "invalid_client")
        );
        let wrong = ask.basic("cloakroom-gateway", "wrong");
        assert_eq!(world.send(wrong).await.refusal(), (401, "invalid_client"));
    }
    assert_eq!(world.send(me(&tokens.access)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_revoked_refresh_token_ends_its_login_and_revoking_it_again_is_no_error() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    for _ in 0..2 {
        let answer = world.send(revoke(&tokens.refresh).gateway()).await;
        assert_eq!(answer.status, StatusCode::OK);
    }
    assert_eq!(
        world.send(revoke("nonsense").gateway()).await.status,
        StatusCode::OK
    );
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
    assert_eq!(world.outbox().await.len(), 1);
}

#[tokio::test]
async fn a_revoked_access_token_is_called_back_and_its_login_goes_on() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    world.send(revoke(&tokens.access).gateway()).await;
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
    let told = world.send(introspect(&tokens.access).gateway()).await;
    assert_eq!(told.body, json!({"active": false}));
    let renewed = world.send(refresh(&tokens.refresh).gateway()).await;
    assert_eq!(renewed.status, StatusCode::OK);
}

#[tokio::test]
async fn a_client_cannot_revoke_what_is_not_its_own() {
    let world = World::with_ada().await;
    let tokens = world.login_plain("ada").await;
    for token in [&tokens.refresh, &tokens.access] {
        assert_eq!(
            world.send(revoke(token).gateway()).await.status,
            StatusCode::OK
        );
    }
    assert_eq!(world.send(me(&tokens.access)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn introspection_tells_of_both_kinds_of_token() {
    let world = World::new(|_| {});
    world.add("ada", &["admin"]).await;
    let tokens = world.login("ada").await;
    let claims = tokens.claims();
    let access = world.send(introspect(&tokens.access).gateway()).await.body;
    assert_eq!(access["active"], true);
    for name in ["iss", "sub", "aud", "sid", "jti", "iat", "exp"] {
        assert_eq!(access[name], claims[name], "{name}");
    }
    assert_eq!(access["client_id"], "cloakroom-gateway");
    assert_eq!(access["token_type"], "Bearer");
    assert_eq!(access["roles"], json!(["admin"]));
    let spare = world.send(introspect(&tokens.refresh).gateway()).await.body;
    assert_eq!(
        (&spare["active"], &spare["sid"]),
        (&json!(true), &claims["sid"])
    );
    assert!(spare.get("token_type").is_none());
}

#[tokio::test]
async fn what_does_not_hold_any_more_is_inactive_and_nothing_else_is_said() {
    let world = World::with_ada().await;
    let inactive = json!({"active": false});
    let spent = world.login("ada").await;
    world.send(refresh(&spent.refresh).gateway()).await;
    let expired = world.login("ada").await;
    world.pass(900);
    let disabled = world.login("ada").await;
    world.admin().disable("ada").await.unwrap();
    for token in [
        &spent.refresh,
        &expired.access,
        &disabled.access,
        &disabled.refresh,
        "x",
    ] {
        let told = world.send(introspect(token).gateway()).await;
        assert_eq!(told.body, inactive);
    }
}
