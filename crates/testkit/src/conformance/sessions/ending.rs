//! Ending sessions, and what stays of them.

use std::time::Duration;

use cloakroom_core::EndReason;
use cloakroom_core::session::{Except, Opened, Selector};

use super::{Store, create, end_of, ended};
use crate::sample::{at, handle, id, principal, session};

async fn three_of_ada_and_one_of_bob(store: &Store) {
    for (n, subject) in [(1, "ada"), (2, "ada"), (3, "ada"), (4, "bob")] {
        create(store, session(n, subject, 0)).await;
    }
}

async fn end(store: &Store, which: Selector, why: EndReason) -> u64 {
    store.end(which, why, at(10)).await.unwrap()
}

async fn who_lives(store: &Store) -> Vec<u8> {
    let mut living = Vec::new();
    for n in 1..=4 {
        if ended(store, n).await.is_none() {
            living.push(n);
        }
    }
    living
}

pub async fn an_operator_ends_a_session_by_its_handle(store: &Store) {
    // LO-01: it holds as soon as the call returns.
    three_of_ada_and_one_of_bob(store).await;
    let one = Selector::Handle(handle(2));
    assert_eq!(end(store, one.clone(), EndReason::RevokedByAdmin).await, 1);
    assert_eq!(ended(store, 2).await, Some(EndReason::RevokedByAdmin));
    assert_eq!(who_lives(store).await, [1, 3, 4]);
    assert_eq!(end(store, one, EndReason::RevokedByAdmin).await, 0);
}

pub async fn an_owner_ends_only_their_own_session(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    let foreign = Selector::Own(principal("ada"), handle(4));
    assert_eq!(end(store, foreign, EndReason::RevokedByUser).await, 0);
    let unknown = Selector::Own(principal("ada"), handle(99));
    assert_eq!(end(store, unknown, EndReason::RevokedByUser).await, 0);
    let own = Selector::Own(principal("ada"), handle(1));
    assert_eq!(end(store, own, EndReason::RevokedByUser).await, 1);
    assert_eq!(who_lives(store).await, [2, 3, 4]);
}

pub async fn a_provider_ends_the_sessions_of_one_login(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    let elsewhere = Selector::IssuerSid("another".into(), "sid-2".into());
    assert_eq!(end(store, elsewhere, EndReason::ReuseDetected).await, 0);
    let login = Selector::IssuerSid("builtin".into(), "sid-2".into());
    assert_eq!(end(store, login, EndReason::ReuseDetected).await, 1);
    assert_eq!(who_lives(store).await, [1, 3, 4]);
}

pub async fn an_ending_of_a_principal_spares_the_session_it_names(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    let others = Selector::Principal(principal("ada"), Some(Except::Handle(handle(2))));
    assert_eq!(end(store, others, EndReason::RevokedByUser).await, 2);
    assert_eq!(who_lives(store).await, [2, 4]);
    let all = Selector::Principal(principal("ada"), None);
    assert_eq!(end(store, all, EndReason::Disabled).await, 1);
    assert_eq!(who_lives(store).await, [4]);
}

pub async fn an_ending_of_a_principal_spares_the_login_it_names(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    let mut nameless = session(5, "ada", 0);
    nameless.record.issuer_sid = None;
    create(store, nameless).await;
    let kept = Some(Except::IssuerSid("sid-3".into()));
    let others = Selector::Principal(principal("ada"), kept);
    assert_eq!(end(store, others, EndReason::PasswordChanged).await, 3);
    assert_eq!(who_lives(store).await, [3, 4]);
    assert_eq!(ended(store, 5).await, Some(EndReason::PasswordChanged));
}

pub async fn everybody_is_ended_at_once(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    let all = end(store, Selector::Everybody, EndReason::Restored).await;
    assert_eq!(all, 4);
    assert!(who_lives(store).await.is_empty());
}

pub async fn the_first_ending_counts(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    end(store, Selector::Handle(handle(1)), EndReason::Logout).await;
    end(store, Selector::Everybody, EndReason::Restored).await;
    assert_eq!(ended(store, 1).await, Some(EndReason::Logout));
}

pub async fn an_ending_heard_again_leaves_later_sessions_alone(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    let all = Selector::Principal(principal("ada"), None);
    assert_eq!(end(store, all.clone(), EndReason::Disabled).await, 3);
    create(store, session(5, "ada", 20)).await;
    assert_eq!(end(store, all, EndReason::Disabled).await, 0);
    assert_eq!(ended(store, 5).await, None);
}

pub async fn a_tombstone_keeps_the_verifier_and_the_reason_until_it_is_purged(store: &Store) {
    three_of_ada_and_one_of_bob(store).await;
    end(store, Selector::Handle(handle(1)), EndReason::Logout).await;
    let just_before = end_of(0).minus(Duration::from_micros(1));
    assert_eq!(store.purge(just_before, 100).await, Ok(0));
    let Opened::Ended(tombstone) = store.load(&id(1)).await.unwrap() else {
        panic!("the tombstone should be there");
    };
    assert_eq!(tombstone.handle, handle(1));
    assert_eq!(tombstone.verifier, session(1, "ada", 0).record.verifier);
    assert_eq!(tombstone.reason, EndReason::Logout);
    assert_eq!(tombstone.ended_at, at(10));
    store.purge(end_of(0), 100).await.unwrap();
    assert!(matches!(store.load(&id(1)).await.unwrap(), Opened::Absent));
}
