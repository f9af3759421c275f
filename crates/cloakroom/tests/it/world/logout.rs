//! Logging out wins: against refreshes under way, against requests beside it, and without the identity service.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use cloakroom_testkit::Gate;
use http::StatusCode;
use tokio::task::JoinSet;

use super::assembly::{ACCESS_TTL, World, settle, until};
use super::network::{Fault, REFRESH};
use super::person::{Ask, Person};

async fn log_out(person: &Person) {
    let answer = person.send(Ask::post("/auth/logout")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT, "{}", answer.text());
    assert_eq!(person.cookie(), None);
}

// LO-05, LO-02
#[tokio::test]
async fn a_logout_beats_a_refresh_whether_or_not_it_has_reached_the_service() {
    for fault in [Fault::Held, Fault::AnswerHeld] {
        let world = World::new();
        let ada = world.signed_in("ada").await;
        world.advance(ACCESS_TTL);
        let gate = Gate::new();
        world.network.fail(REFRESH, fault(gate.clone()), 1);
        let before = ada.cookie().unwrap();
        let racing = tokio::spawn({
            let ada = ada.clone();
            async move { ada.fetch("/api/goals").await }
        });
        gate.until_waiting(1).await;
        log_out(&ada).await;
        gate.open();
        let answer = racing.await.unwrap();
        assert_eq!(answer.reason(), "logout");
        assert!(!answer.sets_a_session());
        assert!(world.app.seen().is_empty(), "the app saw nothing");
        settle().await;
        for issued in world.network.issued() {
            assert!(
                !world.holds(&issued.refresh).await,
                "a refresh token outlives its logout"
            );
            assert!(
                !world.holds(&issued.access).await,
                "an access token outlives its logout"
            );
        }
        ada.plant(&before);
        assert_eq!(ada.fetch("/api/goals").await.reason(), "logout");
    }
}

// F-26, LO-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_request_that_begins_after_the_logout_was_acknowledged_is_authenticated() {
    let world = World::new();
    for round in 0..8 {
        let ada = world.signed_in("ada").await;
        if round % 2 == 1 {
            world.advance(ACCESS_TTL);
        }
        // The cookie as a browser fixed it before the logout: requests that queue carry it on.
        let cookie = format!("{}={}", super::person::COOKIE, ada.cookie().unwrap());
        let acknowledged = Arc::new(AtomicBool::new(false));
        let mut all = JoinSet::new();
        for n in 0..200 {
            let (person, cookie) = (world.anonymous(), cookie.clone());
            let acknowledged = Arc::clone(&acknowledged);
            all.spawn(async move {
                for _ in 0..n % 10 {
                    tokio::task::yield_now().await;
                }
                let mut wire = person.connect().await;
                let late = acknowledged.load(Ordering::SeqCst);
                let answer = wire
                    .send(Ask::fetch("/api/goals").with("cookie", &cookie))
                    .await;
                assert!(!answer.sets_a_session());
                assert!(!late || answer.reason() == "logout", "{}", answer.status);
                late
            });
        }
        log_out(&ada).await;
        acknowledged.store(true, Ordering::SeqCst);
        let straggler = world.anonymous();
        let late = straggler
            .connect()
            .await
            .send(Ask::fetch("/api/goals").with("cookie", &cookie))
            .await;
        assert_eq!(late.reason(), "logout");
        while let Some(done) = all.join_next().await {
            done.unwrap();
        }
    }
}

// LO-01
#[tokio::test]
async fn a_logout_at_one_gateway_is_one_at_the_other_within_a_second() {
    let mut world = World::new();
    let other = world.start();
    let ada = world.signed_in("ada").await;
    let there = ada.at(&other);
    assert_eq!(there.fetch("/api/goals").await.status, StatusCode::OK);
    let cookie = ada.cookie().unwrap();
    log_out(&ada).await;
    ada.plant(&cookie);
    assert_eq!(ada.fetch("/api/goals").await.reason(), "logout");
    ada.plant(&cookie);
    world.pass(Duration::from_secs(1)).await;
    assert_eq!(there.fetch("/api/goals").await.reason(), "logout");
}

// LO-02
#[tokio::test]
async fn a_logout_needs_no_identity_service() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.network.break_down("*", Fault::Unreachable);
    let cookie = ada.cookie().unwrap();
    log_out(&ada).await;
    ada.plant(&cookie);
    assert_eq!(ada.fetch("/api/goals").await.reason(), "logout");
}

// LO-02
#[tokio::test]
async fn a_logout_that_cannot_be_stored_is_not_called_one() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.sessions.fail(true);
    ada.send(Ask::post("/auth/logout"))
        .await
        .asks_to_wait("store_unavailable");
    world.sessions.fail(false);
    // Its tokens are revoked all the same: the session ends with its access token at the latest.
    let issued = world.network.latest();
    until("the revocation has been sent", || world.network.is_quiet()).await;
    settle().await;
    assert!(!world.holds(&issued.refresh).await);
}
