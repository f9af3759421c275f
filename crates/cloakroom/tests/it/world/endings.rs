//! An ending reaches everyone: from the identity service, from another process, at every gateway, within a second.

use std::time::Duration;

use cloakroom_core::session::Selector;
use cloakroom_core::{EndReason, Handle};
use http::StatusCode;

use super::assembly::World;
use super::person::Person;

const SECOND: Duration = Duration::from_secs(1);

/// Two gateways, and somebody whom both of them know.
async fn known_at_both(name: &str) -> (World, [Person; 2]) {
    let mut world = World::new();
    let other = world.start();
    let person = world.signed_in(name).await;
    let both = [person.clone(), person.at(&other)];
    world.pass(SECOND).await;
    for person in &both {
        assert_eq!(person.fetch("/api/goals").await.status, StatusCode::OK);
    }
    (world, both)
}

async fn ended_for(both: &[Person; 2], reason: &str) {
    let cookie = both[0].cookie().unwrap();
    for person in both {
        person.plant(&cookie);
        assert_eq!(person.fetch("/api/goals").await.reason(), reason);
    }
}

// LO-08, F-27
#[tokio::test]
async fn disabling_a_user_ends_their_sessions_at_both_gateways_within_a_second() {
    let (world, both) = known_at_both("ada").await;
    world.admin().disable("ada").await.unwrap();
    world.pass(SECOND).await;
    ended_for(&both, "disabled").await;
}

// LO-08, F-27
#[tokio::test]
async fn deleting_a_user_ends_their_sessions_at_both_gateways_within_a_second() {
    let (world, both) = known_at_both("ada").await;
    world.admin().delete("ada").await.unwrap();
    world.pass(SECOND).await;
    ended_for(&both, "disabled").await;
}

// LO-07
#[tokio::test]
async fn a_changed_password_ends_all_sessions_of_its_user_and_nobody_elses() {
    let (world, both) = known_at_both("ada").await;
    let bob = world.signed_in("bob").await;
    let fresh = "cobalt ladder sings at dusk".to_owned();
    world
        .admin()
        .set_password("ada", Some(fresh.into()))
        .await
        .unwrap();
    world.pass(SECOND).await;
    ended_for(&both, "password_changed").await;
    assert_eq!(bob.fetch("/api/goals").await.status, StatusCode::OK);
}

// LO-01, LO-09
#[tokio::test]
async fn a_session_that_another_process_revokes_is_over_in_every_cache_within_a_second() {
    let (world, both) = known_at_both("ada").await;
    let sid = both[0]
        .fetch("/api/goals")
        .await
        .header("x-cloakroom-sid")
        .unwrap()
        .to_owned();
    let which = Selector::Handle(Handle::parse(&sid).unwrap());
    let now = cloakroom_core::ports::Clock::now(&*world.clock);
    let ended = world
        .stores
        .sessions
        .end(which, EndReason::RevokedByAdmin, now)
        .await
        .unwrap();
    assert_eq!(ended, 1);
    world.pass(SECOND).await;
    ended_for(&both, "revoked_by_admin").await;
}

// LO-08
#[tokio::test]
async fn an_ending_that_cannot_be_stored_is_told_again_until_it_is() {
    let (world, both) = known_at_both("ada").await;
    world.sessions.fail(true);
    world.admin().disable("ada").await.unwrap();
    world.pass(10 * SECOND).await;
    world.sessions.fail(false);
    world.pass(30 * SECOND).await;
    ended_for(&both, "disabled").await;
}

#[tokio::test]
async fn the_reason_is_told_only_to_who_has_the_secret() {
    let (world, [ada, _]) = known_at_both("ada").await;
    let cookie = ada.cookie().unwrap();
    world.admin().disable("ada").await.unwrap();
    world.pass(SECOND).await;
    let (id, secret) = cookie.rsplit_once('.').unwrap();
    let other = if secret.starts_with('A') { "B" } else { "A" };
    let guessed = format!("{id}.{other}{}", &secret[1..]);
    for (value, reason) in [(&guessed, "no_session"), (&cookie, "disabled")] {
        let person = world.anonymous();
        person.plant(value);
        assert_eq!(person.fetch("/api/goals").await.reason(), reason);
        assert_eq!(person.cookie(), None, "a dead cookie is cleared");
    }
}

// GD-10
#[tokio::test]
async fn a_role_that_is_taken_away_is_gone_at_the_next_refresh_at_both_gateways() {
    let mut world = World::new();
    let other = world.start();
    let root = world.with_role("admin").await;
    let both = [root.clone(), root.at(&other)];
    for person in &both {
        assert_eq!(person.page("/admin").await.status, StatusCode::OK);
    }
    assert!(world.admin().revoke("admin", "admin").await.unwrap());
    world.pass(6 * SECOND).await;
    assert_eq!(
        root.page("/admin").await.status,
        StatusCode::OK,
        "the token still says so"
    );
    let renewed = root.send(super::person::Ask::post("/auth/refresh")).await;
    assert_eq!(renewed.status, StatusCode::OK);
    assert_eq!(root.page("/admin").await.status, StatusCode::FORBIDDEN);
    world.pass(SECOND).await;
    for person in &both {
        assert_eq!(person.page("/admin").await.status, StatusCode::FORBIDDEN);
        assert_eq!(person.page("/dashboard").await.status, StatusCode::OK);
    }
}
