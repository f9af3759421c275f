//! The audit log: one event for each decision, and no secret anywhere in any log.

use http::Method;
use serde_json::json;

use super::world::{Ask, Log, PASSWORD, World, login_as, refresh};

fn pair(event: &str, outcome: &str) -> (String, String) {
    (event.to_owned(), outcome.to_owned())
}

// AU-01
#[tokio::test]
async fn each_decision_writes_exactly_one_event() {
    let world = World::new(|config| config.limits.account_failures = 1);
    let (log, _guard) = Log::capture();
    let body =
        json!({"name": "Ada", "username": "ada", "email": "ada@example.com", "password": PASSWORD});
    world.send(Ask::post("/api/v1/user").json(&body)).await;
    world.send(Ask::post("/api/v1/user").json(&body)).await;
    world.pass(1);
    let tokens = world.login("ada").await;
    world.send(login_as("nobody", "wrong password")).await;
    world.send(login_as("nobody", "wrong password")).await;
    world.admin().grant("ada", "admin").await.unwrap();
    world.admin().grant("ada", "admin").await.unwrap();
    let renewed = world.send(refresh(&tokens.refresh).gateway()).await;
    let token = super::world::Tokens::from(&renewed).access;
    let change = |current: &str, new: &str| {
        let body = json!({"current_password": current, "new_password": new});
        Ask::post("/api/v1/user/me/password")
            .json(&body)
            .bearer(&token)
    };
    world
        .send(change(PASSWORD, "granite kettle hums softly"))
        .await;
    world.send(change("wrong password", PASSWORD)).await;
    world.send(Ask::post("/api/v1/logout").bearer(&token)).await;
    world.send(Ask::post("/api/v1/logout").bearer(&token)).await;
    world.admin().disable("ada").await.unwrap();
    world.admin().enable("ada").await.unwrap();
    world
        .admin()
        .set_password("ada", Some(PASSWORD.to_owned().into()))
        .await
        .unwrap();
    world.pass(1000);
    let token = world.login("ada").await.access;
    world
        .send(Ask::new(Method::DELETE, "/api/v1/user/ada").bearer(&token))
        .await;
    assert_eq!(
        log.audited(),
        [
            pair("issuer_register", "ok"),
            pair("issuer_register", "failed"),
            pair("issuer_login", "ok"),
            pair("issuer_login", "failed"),
            pair("lock_out", "refused"),
            pair("role_change", "ok"),
            pair("issuer_password_change", "ok"),
            pair("issuer_password_change", "failed"),
            pair("issuer_logout", "ok"),
            pair("disable", "ok"),
            pair("enable", "ok"),
            pair("issuer_password_change", "ok"),
            pair("issuer_login", "ok"),
            pair("delete", "ok"),
        ]
    );
}

// AU-02
#[tokio::test]
async fn no_log_line_holds_a_password_a_token_a_secret_or_a_typed_name() {
    let world = World::with_ada().await;
    let (log, _guard) = Log::capture();
    let device = "device-canary";
    let tokens = world.login("ada").await;
    let ask = login_as("ada", PASSWORD)
        .gateway()
        .header("x-client-device", device);
    world.send(ask).await;
    world
        .send(login_as("typed-name-canary", "password-canary"))
        .await;
    let renewed = world.send(refresh(&tokens.refresh).gateway()).await;
    let renewed = super::world::Tokens::from(&renewed);
    world.send(refresh(&tokens.refresh)).await;
    world
        .send(Ask::get("/api/v1/user/me").bearer(&tokens.access))
        .await;
    world.store.fail(true);
    world.send(login_as("ada", PASSWORD)).await;
    let text = log.text();
    assert!(text.contains("refresh_reuse") && text.contains("the identity store failed"));
    let client = cloakroom_core::hex::encode(&[7; 32]);
    for secret in [
        PASSWORD,
        "password-canary",
        "typed-name-canary",
        device,
        &tokens.refresh,
        &tokens.access,
        &renewed.refresh,
        &renewed.access,
        &client,
        "$argon2id$",
    ] {
        assert!(!text.contains(secret), "{secret}");
    }
}

// AU-03, AU-04
#[tokio::test]
async fn an_event_has_the_browsers_network_and_a_user_agent_that_cannot_forge_a_line() {
    let world = World::with_ada().await;
    let (log, _guard) = Log::capture();
    let agent = http::HeaderValue::from_bytes(b"Mozilla\xff\t{\"event\":\"x\"}").unwrap();
    let ask = login_as("ada", PASSWORD)
        .gateway()
        .header("x-client-ip", "2001:db8:1:2::9")
        .header_value("x-client-user-agent", agent);
    world.send(ask).await;
    let event = log.last_audit();
    assert_eq!(event["network"], "2001:db8:1:2::/64");
    assert_eq!(event["user_agent"], "Mozilla??{\"event\":\"x\"}");
    assert_eq!(event["user.id"], world.user("ada").await.id.to_string());
    assert!(event.contains_key("family"));
}
