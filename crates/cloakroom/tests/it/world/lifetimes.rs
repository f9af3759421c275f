//! How long a session lives: by the server's clock, by what a person does, and never longer than it may.

use std::time::Duration;

use http::StatusCode;

use super::assembly::World;
use super::person::Ask;

const DAY: Duration = Duration::from_secs(86_400);
const HOUR: Duration = Duration::from_secs(3600);

// CK-12, CK-14
#[tokio::test]
async fn polling_keeps_no_session_alive() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    for _ in 0..6 {
        world.pass(DAY).await;
        assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
        assert_eq!(
            ada.fetch("/auth/session").await.json()["authenticated"],
            true
        );
        assert_eq!(
            ada.send(Ask::post("/auth/refresh")).await.status,
            StatusCode::OK
        );
    }
    world.pass(23 * HOUR).await;
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    world.pass(HOUR).await;
    assert_eq!(ada.fetch("/api/goals").await.reason(), "idle");
    assert_eq!(ada.cookie(), None);
}

// CK-12, CK-14
#[tokio::test]
async fn a_person_who_opens_pages_stays_logged_in_until_the_absolute_end() {
    let mut world = World::new();
    let other = world.start();
    let ada = world.signed_in("ada").await;
    for _ in 0..4 {
        world.pass(3 * DAY).await;
        assert_eq!(ada.page("/dashboard").await.status, StatusCode::OK);
        // What slid at one gateway has slid at the other, once it is written.
        world.pass(2 * HOUR).await;
        assert_eq!(
            ada.at(&other).fetch("/api/goals").await.status,
            StatusCode::OK
        );
    }
    // 12 days and 8 hours have passed.
    world.pass(39 * HOUR).await;
    assert_eq!(ada.page("/dashboard").await.status, StatusCode::OK);
    world.pass(HOUR).await;
    let cookie = ada.cookie().unwrap();
    for person in [ada.clone(), ada.at(&other)] {
        person.plant(&cookie);
        assert_eq!(person.fetch("/api/goals").await.reason(), "absolute");
    }
}

// CK-14
#[tokio::test]
async fn each_kind_of_request_slides_as_its_class_says() {
    let slides = |ask: Ask, expected: bool| async move {
        let world = World::new();
        let ada = world.signed_in("ada").await;
        world.pass(6 * DAY).await;
        assert!(ada.send(ask).await.status.is_success());
        world.pass(2 * DAY).await;
        let lives = ada.fetch("/auth/session").await.json()["authenticated"] == true;
        assert_eq!(lives, expected);
    };
    slides(Ask::page("/dashboard"), true).await;
    slides(Ask::post("/api/goals"), true).await;
    slides(
        Ask::fetch("/api/goals").with("x-cloakroom-activity", "1"),
        true,
    )
    .await;
    slides(Ask::fetch("/dashboard").with("rsc", "1"), true).await;
    slides(
        Ask::fetch("/dashboard")
            .with("rsc", "1")
            .with("next-hmr-refresh", "1"),
        false,
    )
    .await;
    slides(
        Ask::page("/dashboard").with("sec-purpose", "prefetch"),
        false,
    )
    .await;
    slides(Ask::fetch("/api/goals"), false).await;
    slides(Ask::fetch("/auth/session"), false).await;
    slides(Ask::page("/auth/session"), false).await;
    slides(Ask::post("/auth/refresh"), false).await;
    let attended = Ask::post("/auth/refresh").with("x-cloakroom-activity", "1");
    slides(attended, true).await;
}

// CK-13
#[tokio::test]
async fn the_profile_aal2_ends_a_session_after_an_idle_hour_or_a_day() {
    let profile = "[session]\nprofile = \"aal2\"\n";
    let world = World::with(profile);
    let idle = world.signed_in("ada").await;
    let active = world.signed_in("ada").await;
    for _ in 0..47 {
        world.pass(HOUR / 2).await;
        assert_eq!(active.page("/dashboard").await.status, StatusCode::OK);
    }
    assert_eq!(idle.fetch("/api/goals").await.reason(), "idle");
    world.pass(HOUR / 2).await;
    assert_eq!(active.fetch("/api/goals").await.reason(), "absolute");
}
