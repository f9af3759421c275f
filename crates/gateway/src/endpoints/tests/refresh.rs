use cloakroom_core::EndReason;
use cloakroom_testkit::Browser;
use http::StatusCode;

use super::stub::Mood;
use super::world::{World, get, open, post};
use crate::refusal::Refusal;

#[tokio::test]
async fn a_script_renews_now_but_not_twice_within_five_seconds() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(4);
    let answer = world
        .send(&mut browser, post("/auth/refresh"))
        .await
        .json()
        .await;
    assert_eq!(answer["expires_in"], 896);
    assert_eq!(world.provider.refreshes(), 0);
    world.wait(1);
    let answer = world
        .send(&mut browser, post("/auth/refresh"))
        .await
        .json()
        .await;
    assert_eq!(answer["expires_in"], 900);
    assert_eq!(world.provider.refreshes(), 1);
}

#[tokio::test]
async fn a_refused_refresh_token_ends_the_session_and_its_cookie() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(10);
    world.provider.is(Mood::Refusing);
    let answer = world.send(&mut browser, post("/auth/refresh")).await;
    assert_eq!(
        answer.refusal(),
        &Refusal::Unauthenticated(Some(EndReason::IssuerRefused))
    );
    assert!(browser.cookie("cloakroom").is_none());
}

#[tokio::test]
async fn a_provider_that_is_down_ends_nothing() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(10);
    world.provider.is(Mood::Down);
    let answer = world.send(&mut browser, post("/auth/refresh")).await;
    assert_eq!(answer.refusal(), &Refusal::RefreshUnavailable);
    assert!(world.is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn a_page_is_led_back_renewed_once_a_minute_and_then_told_what_is_wrong() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(10);
    let answer = world
        .send(&mut browser, open("/auth/refresh?return_to=/goals?p=1"))
        .await;
    assert_eq!(answer.location(), "/goals?p=1");
    assert_eq!(world.provider.refreshes(), 1);
    world.wait(59);
    let answer = world
        .send(&mut browser, open("/auth/refresh?return_to=/goals?p=2"))
        .await;
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(
        answer
            .text()
            .await
            .contains("This page keeps sending you back")
    );
    assert_eq!(world.provider.refreshes(), 1);
    world.wait(1);
    let answer = world
        .send(&mut browser, open("/auth/refresh?return_to=/goals"))
        .await;
    assert_eq!(answer.location(), "/goals");
}

#[tokio::test]
async fn only_navigations_renew_by_get() {
    // CS-08
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(10);
    let answer = world
        .send(&mut browser, get("/auth/refresh?return_to=/goals"))
        .await;
    assert!(matches!(answer.refusal(), Refusal::BadRequest(_)));
    assert_eq!(world.provider.refreshes(), 0);
}

#[tokio::test]
async fn without_a_session_the_way_leads_over_the_login() {
    let world = World::new();
    let answer = world
        .send(&mut Browser::http(), open("/auth/refresh?return_to=/goals"))
        .await;
    assert_eq!(answer.location(), "/auth/login?return_to=%2Fgoals");
    let mut browser = world.logged_in("ada").await;
    world.wait(10);
    world.provider.is(Mood::Refusing);
    let answer = world
        .send(&mut browser, open("/auth/refresh?return_to=/goals"))
        .await;
    assert_eq!(answer.location(), "/auth/login?return_to=%2Fgoals");
    assert!(browser.cookie("cloakroom").is_none());
}
