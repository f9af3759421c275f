use cloakroom_testkit::Browser;
use http::StatusCode;
use serde_json::json as value;

use super::world::{World, get};
use crate::refusal::Refusal;

#[tokio::test]
async fn whoever_is_logged_in_is_told_who_they_are_and_for_how_long() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(60);
    let told = world.session(&mut browser).await;
    assert_eq!(told["authenticated"], true);
    assert_eq!(
        told["user"],
        value!({
            "id": "ada", "name": "Ada Lovelace", "username": "ada", "email": "ada@example.com",
            "picture": null, "roles": ["user"], "claims": {},
        })
    );
    assert_eq!(told["expires_in"], 840);
    assert_eq!(told["idle_expires_in"], 7 * 86_400 - 60);
    assert_eq!(told["absolute_expires_in"], 14 * 86_400 - 60);
    assert_eq!(told["sid"].as_str().unwrap().len(), 22);
    assert_eq!(told.as_object().unwrap().len(), 6);
}

#[tokio::test]
async fn no_token_and_no_cookie_stands_in_the_answer() {
    // LG-01
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let answer = world.send(&mut browser, get("/auth/session")).await;
    assert!(!format!("{:?}", answer.0.headers()).contains("secret"));
    let text = answer.text().await;
    assert!(!text.contains("secret") && !text.contains("v1."), "{text}");
}

#[tokio::test]
async fn whoever_is_not_logged_in_is_told_where_to_and_led_back() {
    let world = World::new();
    let ask = get("/auth/session").with("referer", "http://localhost:8080/goals?p=2");
    let answer = world.send(&mut Browser::http(), ask).await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(
        answer.json().await,
        value!({
            "authenticated": false, "reason": "no_session",
            "login_url": "/auth/login?return_to=%2Fgoals%3Fp%3D2",
        })
    );
}

#[tokio::test]
async fn a_foreign_referer_is_no_way_back() {
    // LG-09
    let world = World::new();
    for referer in [
        "https://evil.example/goals",
        "http://localhost:80801/goals",
        "http://localhost:8080.evil.example/",
    ] {
        let ask = get("/auth/session").with("referer", referer);
        let told = world.send(&mut Browser::http(), ask).await.json().await;
        assert_eq!(told["login_url"], "/auth/login", "{referer}");
    }
}

#[tokio::test]
async fn an_idle_session_is_over_and_the_owner_is_told_why() {
    // CK-12
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(7 * 86_400);
    let told = world.session(&mut browser).await;
    assert_eq!(
        (&told["authenticated"], &told["reason"]),
        (&value!(false), &value!("idle"))
    );
}

#[tokio::test]
async fn a_store_that_cannot_be_asked_is_said_to_be_so() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.store.fail(true);
    let answer = world.send(&mut browser, get("/auth/session")).await;
    assert_eq!(answer.refusal(), &Refusal::StoreUnavailable);
    world.store.fail(false);
    assert!(world.is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn the_assertion_keys_are_public_and_cacheable() {
    let world = World::new();
    let answer = world
        .send(&mut Browser::http(), get("/auth/jwks.json"))
        .await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let keys: serde_json::Value = serde_json::from_str(&answer.text().await).unwrap();
    assert_eq!(keys["keys"][0]["kty"], "EC");
    assert!(keys["keys"][0].get("d").is_none());
}

#[tokio::test]
async fn the_style_sheet_of_a_page_is_there_and_kept_for_ever() {
    let world = World::new();
    let page = world
        .send(&mut Browser::http(), get("/auth/login"))
        .await
        .text()
        .await;
    let url = page
        .split("rel=\"stylesheet\" href=\"")
        .nth(1)
        .unwrap()
        .split('"')
        .next()
        .unwrap();
    let answer = world.send(&mut Browser::http(), get(url)).await;
    assert_eq!(
        answer.header("content-type"),
        Some("text/css; charset=utf-8")
    );
    assert_eq!(
        answer.header("cache-control"),
        Some("public, max-age=31536000, immutable")
    );
    let answer = world
        .send(&mut Browser::http(), get("/auth/assets/app.css?v=other"))
        .await;
    assert_eq!(answer.header("cache-control"), Some("no-cache"));
    let answer = world
        .send(&mut Browser::http(), get("/auth/assets/other.css"))
        .await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
}
