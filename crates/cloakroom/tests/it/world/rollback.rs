//! Stores that come back older than they were, as after a crash without fsync or a restored backup: files are
//! exchanged between two processes.

use std::path::Path;
use std::time::Duration;

use cloakroom_core::ports::Clock;
use cloakroom_core::session::Seq;
use http::StatusCode;

use super::assembly::{ACCESS_TTL, STEP, World};
use super::person::Person;
use super::witness::Witness;

fn keep(folder: &Path, name: &str) {
    std::fs::copy(folder.join(name), folder.join("kept")).unwrap();
}

fn put_back(folder: &Path, name: &str) {
    for beside in ["-wal", "-shm"] {
        let path = folder.join(format!("{name}{beside}"));
        assert!(!path.exists() || std::fs::metadata(&path).unwrap().len() == 0 || beside == "-shm");
    }
    std::fs::copy(folder.join("kept"), folder.join(name)).unwrap();
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
    let began = world.clock.ticks();
    let waiting = tokio::spawn({
        let ada = ada.at(&world.node);
        async move { ada.fetch("/api/goals").await }
    });
    // Somebody might be about to store a newer token: that is waited for, and not for long.
    let mut took = Duration::ZERO;
    while !waiting.is_finished() {
        // The store has answered several times in a row: whoever asked it before has its answer.
        for _ in 0..20 {
            world.stores.sessions.changes(Seq(0)).await.unwrap();
        }
        if waiting.is_finished() {
            break;
        }
        took = world.clock.ticks() - began;
        world.clock.advance(STEP);
    }
    assert!(
        took >= Duration::from_millis(1750) && took <= Duration::from_secs(3),
        "{took:?}"
    );
    let cookie = ada.cookie();
    assert_eq!(waiting.await.unwrap().reason(), "rolled_back");
    ada.plant(&cookie.unwrap());
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
