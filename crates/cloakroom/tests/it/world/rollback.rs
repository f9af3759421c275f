//! Stores that come back older than they were, as after a crash without fsync or a restored backup: files are
//! exchanged between two processes.

use std::path::Path;
use std::time::Duration;

use cloakroom_core::ports::Clock;
use cloakroom_core::session::Seq;
use http::StatusCode;

use super::assembly::{ACCESS_TTL, STEP, World, settle, until};
use super::network::{Fault, REFRESH};
use super::person::Person;
use super::witness::Witness;

fn keep(folder: &Path, name: &str) {
    std::fs::copy(folder.join(name), folder.join("kept")).unwrap();
}

fn put_back(folder: &Path, name: &str) {
    let beside = std::fs::metadata(folder.join(format!("{name}-wal")));
    assert!(
        beside.map_or(true, |wal| wal.len() == 0),
        "a store that was closed has all in one file"
    );
    std::fs::copy(folder.join("kept"), folder.join(name)).unwrap();
}

/// How many sleep on the clock while nothing is going on.
async fn quiet(world: &World) -> usize {
    let mut most = 0;
    for _ in 0..100 {
        // An answer of the store takes longer than whatever the background has begun by itself.
        world.stores.sessions.changes(Seq(0)).await.unwrap();
        settle().await;
        most = most.max(world.clock.sleepers());
    }
    most
}

/// So many renewals, each when it is due.
async fn renew(world: &World, person: &Person, times: usize) {
    for _ in 0..times {
        world.advance(ACCESS_TTL);
        assert_eq!(
            person.at(&world.node).fetch("/api/goals").await.status,
            StatusCode::OK
        );
    }
}

#[tokio::test]
async fn a_session_store_that_lost_one_renewal_goes_on_with_it() {
    let mut world = World::on_disk().await;
    let ada = world.signed_in("ada").await;
    world.restart(|folder| keep(folder, "sessions.db")).await;
    renew(&world, &ada, 1).await;
    let lost = world.network.latest();
    world
        .restart(|folder| put_back(folder, "sessions.db"))
        .await;
    renew(&world, &ada, 1).await;
    assert_eq!(
        world.network.latest().refresh,
        lost.refresh,
        "the same successor again"
    );
    renew(&world, &ada, 2).await;
}

#[tokio::test]
async fn a_session_store_that_lost_two_renewals_ends_the_session_once_and_says_why() {
    let mut world = World::on_disk().await;
    let witness = Witness::begin();
    let ada = world.signed_in("ada").await;
    world.restart(|folder| keep(folder, "sessions.db")).await;
    renew(&world, &ada, 2).await;
    world
        .restart(|folder| put_back(folder, "sessions.db"))
        .await;
    world.advance(ACCESS_TTL);
    let cookie = ada.cookie().unwrap();
    let idle = quiet(&world).await;
    let waiting = tokio::spawn({
        let ada = ada.at(&world.node);
        async move { ada.fetch("/api/goals").await }
    });
    // Somebody might be about to store a newer token: that is waited for, and not for long.
    let began = world.clock.ticks();
    loop {
        // Asleep are the request, the beat of its lease, and whoever looks for a newer record.
        until("the flight sleeps or has landed", || {
            waiting.is_finished()
                || (world.network.is_quiet() && world.clock.sleepers() >= idle + 3)
        })
        .await;
        if waiting.is_finished() {
            break;
        }
        world.clock.advance(STEP);
        settle().await;
    }
    let took = world.clock.ticks().saturating_sub(began);
    assert_eq!(took, Duration::from_secs(2));
    assert_eq!(waiting.await.unwrap().reason(), "rolled_back");
    ada.plant(&cookie);
    assert_eq!(
        ada.at(&world.node).fetch("/api/goals").await.reason(),
        "rolled_back"
    );
    let ended = witness.audited("session_ended");
    assert_eq!(ended.len(), 1, "{ended:?}");
    assert_eq!(ended[0]["reason"], "rolled_back");
    assert!(
        witness.audited("refresh_reuse").is_empty(),
        "an owner's stale token is no theft"
    );
}

#[tokio::test]
async fn an_identity_service_that_lost_its_last_rotation_is_shown_the_predecessor() {
    let mut world = World::on_disk().await;
    let ada = world.signed_in("ada").await;
    renew(&world, &ada, 1).await;
    world.restart(|folder| keep(folder, "identity.db")).await;
    renew(&world, &ada, 1).await;
    world
        .restart(|folder| put_back(folder, "identity.db"))
        .await;
    let before = world.network.refreshes();
    renew(&world, &ada, 1).await;
    assert_eq!(
        world.network.refreshes() - before,
        2,
        "the unknown token, then its predecessor, once"
    );
    renew(&world, &ada, 2).await;
    assert_eq!(world.network.refreshes() - before, 4);
}

// F-05
#[tokio::test]
async fn an_identity_service_that_dies_right_after_its_commit_repeats_itself_when_it_is_back() {
    let mut world = World::on_disk().await;
    let ada = world.signed_in("ada").await;
    for _ in 0..3 {
        world.advance(ACCESS_TTL);
        world.network.fail(REFRESH, Fault::LostAnswer, 1);
        let answer = ada.at(&world.node).fetch("/api/goals").await;
        answer.asks_to_wait("refresh_unavailable");
        let lost = world.network.latest();
        world.restart(|_| {}).await;
        let answer = ada.at(&world.node).fetch("/api/goals").await;
        assert_eq!(answer.status, StatusCode::OK);
        assert_eq!(world.network.latest().refresh, lost.refresh);
    }
}

// RF-06
#[tokio::test]
async fn what_was_spent_or_ended_stays_so_after_a_restart() {
    let mut world = World::on_disk().await;
    let ada = world.signed_in("ada").await;
    let bob = world.signed_in("bob").await;
    let spent = world.network.issued()[0].clone();
    renew(&world, &ada, 1).await;
    let cookie = bob.cookie().unwrap();
    let answer = bob.send(super::person::Ask::post("/auth/logout")).await;
    assert_eq!(answer.status, StatusCode::NO_CONTENT);
    world.restart(|_| {}).await;
    assert!(!world.holds(&spent.refresh).await);
    renew(&world, &ada, 1).await;
    bob.plant(&cookie);
    assert_eq!(
        bob.at(&world.node).fetch("/api/goals").await.reason(),
        "logout"
    );
}
