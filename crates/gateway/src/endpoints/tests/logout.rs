use std::time::Duration;

use cloakroom_testkit::Browser;
use http::StatusCode;

use super::stub::Mood;
use super::world::{World, form, get, json, open, post};
use crate::refusal::Refusal;

#[tokio::test]
async fn a_form_logs_out_and_leads_on() {
    // LO-01, LO-04
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let mut kept = browser.clone();
    let answer = world.send(&mut browser, form("/auth/logout", "")).await;
    assert_eq!(answer.location(), "/bye");
    assert_eq!(answer.header("clear-site-data"), Some("\"cache\""));
    assert_eq!(
        browser
            .header("/", cloakroom_testkit::browser::Initiator::SameSite)
            .unwrap()
            .matches("v1.")
            .count(),
        0
    );
    let told = world.session(&mut kept).await;
    assert_eq!(
        (&told["authenticated"], &told["reason"]),
        (&false.into(), &"logout".into())
    );
}

#[tokio::test]
async fn the_tokens_are_revoked_at_the_provider() {
    // LO-02
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.send(&mut browser, post("/auth/logout")).await;
    assert_eq!(
        world.provider.until_revoked(1).await,
        ["access-secret.ada.1"]
    );
}

#[tokio::test]
async fn programs_get_204_and_logging_out_twice_is_logging_out() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    for _ in 0..2 {
        let answer = world.send(&mut browser, post("/auth/logout")).await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        let answer = world
            .send(&mut browser, json("/auth/logout", &serde_json::json!({})))
            .await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    }
    assert!(!world.is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn a_provider_that_is_down_or_silent_holds_up_no_logout() {
    // LO-02
    let world = World::new();
    for mood in [Mood::Down, Mood::Silent] {
        world.provider.is(Mood::Well);
        let mut browser = world.logged_in("ada").await;
        world.provider.is(mood);
        let answer = world.send(&mut browser, form("/auth/logout", "")).await;
        assert_eq!(answer.location(), "/bye");
        assert!(!world.is_logged_in(&mut browser).await);
    }
    // The silent one is given up after a while: nothing sleeps for ever.
    world.clock.until_sleepers(1).await;
    world.clock.advance(Duration::from_secs(10));
    while world.clock.sleepers() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_logout_that_cannot_be_stored_is_not_called_one() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.store.fail(true);
    let answer = world.send(&mut browser, form("/auth/logout", "")).await;
    assert_eq!(answer.refusal(), &Refusal::StoreUnavailable);
    world.store.fail(false);
    assert!(world.is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn a_get_only_asks() {
    // LO-03, CS-08
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let page = world
        .send(&mut browser, open("/auth/logout"))
        .await
        .text()
        .await;
    assert!(page.contains("You are logged in as Ada Lovelace."));
    assert!(page.contains("<form class=\"fields\" method=\"post\" action=\"/auth/logout\">"));
    let _ = world.send(&mut browser, get("/auth/logout")).await;
    assert!(world.is_logged_in(&mut browser).await);
    let page = world
        .send(&mut Browser::http(), open("/auth/logout"))
        .await
        .text()
        .await;
    assert!(page.contains("You are logged out"));
}
