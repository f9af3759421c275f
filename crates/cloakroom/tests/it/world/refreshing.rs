//! One refresh per expiry, whoever asks and whatever gets lost: at two gateways, with lost answers, after a death.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cloakroom_core::ports::Clock;
use cloakroom_testkit::{Gate, TestClock};
use http::StatusCode;
use tokio::task::JoinSet;

use super::assembly::{ACCESS_TTL, STEP, World, settle, until};
use super::network::{Fault, REFRESH};
use super::person::{Ask, Person};

const HOUR: Duration = Duration::from_secs(3600);

// RF-01, F-01
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_requests_on_two_threads_on_an_expired_token_cost_one_refresh() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.advance(ACCESS_TTL);
    let mut all = JoinSet::new();
    for _ in 0..500 {
        let ada = ada.clone();
        all.spawn(async move { ada.fetch("/api/goals").await.status });
    }
    assert_eq!(all.join_all().await, [StatusCode::OK; 500]);
    assert_eq!(world.network.refreshes(), 1);
}

// RF-01, F-02
#[tokio::test]
async fn a_hundred_requests_at_two_gateways_on_an_expired_token_cost_one_refresh() {
    let mut world = World::new();
    let other = world.start();
    let ada = world.signed_in("ada").await;
    let first = world.network.latest();
    world.advance(ACCESS_TTL);
    let answered = Arc::new(AtomicUsize::new(0));
    let mut all = JoinSet::new();
    for n in 0..100 {
        let person = if n % 2 == 0 {
            ada.clone()
        } else {
            ada.at(&other)
        };
        let answered = Arc::clone(&answered);
        all.spawn(async move {
            let answer = person.fetch("/api/goals").await;
            answered.fetch_add(1, Ordering::SeqCst);
            answer.status
        });
    }
    // One gateway has the lease and needs no clock; the other one looks at the lease every 250 ms.
    until("one gateway has answered", || {
        answered.load(Ordering::SeqCst) >= 50
    })
    .await;
    while answered.load(Ordering::SeqCst) < 100 {
        world.advance(STEP);
        settle().await;
    }
    let statuses = all.join_all().await;
    assert_eq!(statuses, [StatusCode::OK; 100]);
    assert_eq!(world.network.refreshes(), 1);
    let seen = world.app.seen();
    assert_eq!(seen.len(), 100);
    assert_ne!(world.network.latest().access, first.access);
    for seen in seen {
        assert_eq!(seen.token(), Some(world.network.latest().access.as_str()));
    }
}

// F-06
#[tokio::test]
async fn a_lost_refresh_answer_is_made_good_by_the_next_request() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    for round in 0..100 {
        world.advance(ACCESS_TTL);
        let before = world.network.refreshes();
        world.network.fail(REFRESH, Fault::LostAnswer, 1);
        ada.fetch("/api/goals")
            .await
            .asks_to_wait("refresh_unavailable");
        let lost = world.network.latest();
        let answer = ada.fetch("/api/goals").await;
        assert_eq!(answer.status, StatusCode::OK, "round {round}");
        assert!(answer.leaves_cookies_alone());
        assert_eq!(world.network.refreshes() - before, 2, "round {round}");
        // The same successor again, so that nobody is left with a token that nobody has.
        assert_eq!(
            world.network.latest().refresh,
            lost.refresh,
            "round {round}"
        );
    }
}

// F-06
#[tokio::test]
async fn whoever_comes_back_hours_after_a_lost_answer_and_a_rotation_of_all_keys_is_still_logged_in()
 {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.pass(ACCESS_TTL).await;
    world.network.fail(REFRESH, Fault::LostAnswer, 1);
    assert_eq!(
        ada.page("/dashboard").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    let lost = world.network.latest();
    world.rotate_all_keys();
    world.pass(9 * HOUR).await;
    world.rotate_all_keys();
    world.pass(30 * HOUR).await;
    let answer = ada.page("/dashboard").await;
    assert_eq!(answer.status, StatusCode::OK, "no login page");
    assert!(answer.leaves_cookies_alone());
    assert_eq!(world.network.latest().refresh, lost.refresh);
    // And so it goes on, under the new keys alone.
    world.pass(30 * HOUR).await;
    assert_eq!(ada.page("/dashboard").await.status, StatusCode::OK);
}

// RF-11
#[tokio::test]
async fn a_token_is_renewed_ahead_of_its_end_without_anybody_waiting() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    let first = world.network.latest();
    world.pass(Duration::from_secs(800)).await;
    let gate = Gate::new();
    world.network.fail(REFRESH, Fault::Held(gate.clone()), 1);
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    assert_eq!(world.app.seen()[0].token(), Some(first.access.as_str()));
    gate.open();
    settle().await;
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    assert_eq!(
        world.app.seen()[1].token(),
        Some(world.network.latest().access.as_str())
    );
    assert_eq!(world.network.refreshes(), 1);
}

// RF-12
#[tokio::test]
async fn a_browser_that_hangs_up_cancels_the_refresh_for_nobody() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.advance(ACCESS_TTL);
    let gate = Gate::new();
    world
        .network
        .fail(REFRESH, Fault::AnswerHeld(gate.clone()), 1);
    let impatient = spawn_fetch(&ada);
    gate.until_waiting(1).await;
    let patient = spawn_fetch(&ada);
    settle().await;
    impatient.abort();
    settle().await;
    gate.open();
    assert_eq!(patient.await.unwrap(), StatusCode::OK);
    assert_eq!(world.network.refreshes(), 1);
}

// F-04
#[tokio::test]
async fn a_gateway_that_dies_after_the_service_has_rotated_is_taken_over_after_five_seconds() {
    survives_a_death(Fault::Silence, 1).await;
}

// F-04
#[tokio::test]
async fn a_gateway_that_dies_before_its_call_arrives_is_taken_over_after_five_seconds() {
    survives_a_death(Fault::Held(Gate::new()), 0).await;
}

/// One gateway dies while it holds the lease and `reached` of its calls have reached the service.
async fn survives_a_death(fault: Fault, reached: usize) {
    let takeover = Duration::from_secs(5);
    let mut world = World::new();
    // Each process has its own clock; the dead one's stands still, so that it raises no beat any more.
    let clocks = [Arc::new(TestClock::new()), Arc::new(TestClock::new())];
    let dying = world.start_by(&clocks[0]);
    let heir = world.start_by(&clocks[1]);
    let ada = world.signed_in("ada").await;
    world.pass(ACCESS_TTL).await;
    world.network.fail(REFRESH, fault, 1);
    let lost = spawn_fetch(&ada.at(&dying));
    settle().await;
    assert_eq!(world.network.refreshes(), reached);
    let issued = world.network.latest();
    dying.kill();
    lost.abort();

    let waiting = spawn_fetch(&ada.at(&heir));
    let began = clocks[1].ticks();
    settle().await;
    while !waiting.is_finished() {
        let silent = clocks[1].ticks().saturating_sub(began);
        assert_eq!(
            world.network.refreshes(),
            reached,
            "taken over after {silent:?}"
        );
        assert!(silent < takeover + Duration::from_secs(1), "{silent:?}");
        clocks[1].advance(STEP);
        settle().await;
    }
    assert!(clocks[1].ticks().saturating_sub(began) >= takeover);
    assert_eq!(waiting.await.unwrap(), StatusCode::OK);
    assert_eq!(world.network.refreshes(), reached + 1);
    let repeated = world.network.latest().refresh == issued.refresh;
    assert_eq!(
        repeated,
        reached == 1,
        "what was handed out is handed out again"
    );

    // The session goes on living, at every gateway that does.
    for _ in 0..3 {
        world.clock.advance(ACCESS_TTL);
        clocks[1].advance(ACCESS_TTL);
        settle().await;
        for person in [ada.at(&heir), ada.clone()] {
            assert_eq!(person.fetch("/api/goals").await.status, StatusCode::OK);
        }
    }
    assert_eq!(world.network.refreshes(), reached + 4);
}

// RF-13
#[tokio::test]
async fn a_gateway_that_was_only_slow_writes_nothing_after_it_was_taken_over() {
    let mut world = World::new();
    let clocks = [Arc::new(TestClock::new()), Arc::new(TestClock::new())];
    let slow = world.start_by(&clocks[0]);
    let heir = world.start_by(&clocks[1]);
    let ada = world.signed_in("ada").await;
    world.pass(ACCESS_TTL).await;
    let gate = Gate::new();
    world
        .network
        .fail(REFRESH, Fault::AnswerHeld(gate.clone()), 1);
    let slow_request = spawn_fetch(&ada.at(&slow));
    gate.until_waiting(1).await;
    let quick_request = spawn_fetch(&ada.at(&heir));
    settle().await;
    while !quick_request.is_finished() {
        clocks[1].advance(STEP);
        settle().await;
    }
    assert_eq!(quick_request.await.unwrap(), StatusCode::OK);
    let heirs = world.network.latest();
    gate.open();
    assert_eq!(slow_request.await.unwrap(), StatusCode::OK);
    // The slow one made do with what the heir had stored.
    assert_eq!(world.network.refreshes(), 2);
    assert_eq!(
        world.app.seen().last().unwrap().token(),
        Some(heirs.access.as_str())
    );
}

// RF-16
#[tokio::test]
async fn a_session_whose_refresh_hangs_holds_up_no_other() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    let bob = world.signed_in("bob").await;
    world.advance(ACCESS_TTL);
    let gate = Gate::new();
    world.network.fail(REFRESH, Fault::Held(gate.clone()), 1);
    let hanging = spawn_fetch(&ada);
    gate.until_waiting(1).await;
    assert_eq!(bob.fetch("/api/goals").await.status, StatusCode::OK);
    assert!(!hanging.is_finished());
    gate.open();
    assert_eq!(hanging.await.unwrap(), StatusCode::OK);
}

fn spawn_fetch(person: &Person) -> tokio::task::JoinHandle<StatusCode> {
    let person = person.clone();
    tokio::spawn(async move { person.send(Ask::fetch("/api/goals")).await.status })
}
