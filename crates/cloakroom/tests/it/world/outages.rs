//! What is served, and what is said, while something is down; and that nobody is logged out by it.

use std::time::Duration;

use http::StatusCode;

use super::assembly::{ACCESS_TTL, PASSWORD, World, credentials};
use super::network::{Fault, REFRESH};

const SECOND: Duration = Duration::from_secs(1);

// RF-10, F-09, F-13
#[tokio::test]
async fn without_the_identity_service_good_tokens_are_served_and_spent_ones_wait() {
    let faults = [
        Fault::Unreachable,
        Fault::LostAnswer,
        Fault::Status(503),
        Fault::Status(500),
        Fault::Page,
    ];
    for fault in faults {
        let world = World::new();
        let ada = world.signed_in("ada").await;
        world.network.break_down("*", fault);
        assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
        // In the window in which it would be renewed the old one is still good.
        world.pass(800 * SECOND).await;
        assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
        world.pass(90 * SECOND).await;
        assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
        world.pass(10 * SECOND).await;
        for _ in 0..3 {
            ada.fetch("/api/goals")
                .await
                .asks_to_wait("refresh_unavailable");
            world.pass(60 * SECOND).await;
        }
        let page = ada.page("/dashboard").await;
        assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(page.leaves_cookies_alone());
        world.network.mend();
        let answer = ada.fetch("/api/goals").await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }
}

// F-13
#[tokio::test]
async fn an_identity_service_that_says_nothing_costs_a_request_its_patience_and_no_session() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.advance(ACCESS_TTL);
    world.network.fail(REFRESH, Fault::Silence, 1);
    let waiting = tokio::spawn({
        let ada = ada.clone();
        async move { ada.fetch("/api/goals").await }
    });
    world.pass(9 * SECOND).await;
    assert!(!waiting.is_finished());
    world.pass(3 * SECOND).await;
    waiting.await.unwrap().asks_to_wait("refresh_unavailable");
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
}

// F-09
#[tokio::test]
async fn nobody_logs_in_without_the_identity_service_and_it_is_said_so() {
    let world = World::new();
    world.add("ada", &[]).await;
    world.network.break_down("*", Fault::Unreachable);
    let person = world.anonymous();
    let answer = person.send(credentials("ada", PASSWORD)).await;
    assert_eq!(
        answer.status,
        StatusCode::SERVICE_UNAVAILABLE,
        "{}",
        answer.text()
    );
    assert!(answer.header("retry-after").is_some());
    world.network.mend();
    person.log_in("ada").await;
}

// F-09, F-10, F-22
#[tokio::test]
async fn without_the_session_store_known_sessions_are_served_for_the_grace_and_nobody_is_logged_out()
 {
    let mut world = World::new();
    let other = world.start();
    let ada = world.signed_in("ada").await;
    let unknown_there = ada.at(&other);
    world.pass(SECOND).await;
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    world.sessions.fail(true);
    for _ in 0..4 {
        world.pass(7 * SECOND).await;
        assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
        unknown_there
            .fetch("/api/goals")
            .await
            .asks_to_wait("store_unavailable");
    }
    // 28 s have passed, and 30 s are the grace.
    world.pass(2 * SECOND).await;
    for path in ["/api/goals", "/"] {
        ada.fetch(path).await.asks_to_wait("store_unavailable");
    }
    let page = ada.page("/dashboard").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(page.leaves_cookies_alone());
    world.sessions.fail(false);
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    assert_eq!(
        unknown_there.fetch("/api/goals").await.status,
        StatusCode::OK
    );
}

// F-10, F-22
#[tokio::test]
async fn a_grace_of_zero_fails_closed_as_soon_as_the_store_is_missed() {
    let world = World::with("[session]\noutage_grace = \"0s\"\n");
    let ada = world.signed_in("ada").await;
    world.pass(SECOND).await;
    world.sessions.fail(true);
    world.pass(SECOND).await;
    ada.fetch("/api/goals")
        .await
        .asks_to_wait("store_unavailable");
    world.sessions.fail(false);
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
}

// RF-10
#[tokio::test]
async fn a_store_that_fails_during_a_refresh_ends_nothing() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.pass(ACCESS_TTL).await;
    world.sessions.fail(true);
    ada.fetch("/api/goals")
        .await
        .asks_to_wait("store_unavailable");
    assert_eq!(
        world.network.refreshes(),
        0,
        "nothing is presented without a lease"
    );
    world.sessions.fail(false);
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_app_that_is_down_is_a_503_and_no_end_of_a_session() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    world.app.stop();
    ada.fetch("/api/goals")
        .await
        .asks_to_wait("upstream_unavailable");
    let page = ada.page("/dashboard").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    world.app.start();
    assert_eq!(ada.page("/dashboard").await.status, StatusCode::OK);
}
