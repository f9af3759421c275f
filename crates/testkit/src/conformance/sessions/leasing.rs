//! The refresh lease: one holder at a time, and nobody writes who is not it.

use std::sync::Arc;

use bytes::Bytes;
use cloakroom_core::EndReason;
use cloakroom_core::session::{Beat, Fence, Lease, Record, SealedTokens, Selector, Swap};

use super::{Store, busy, create, ended, hold, live, owner, position};
use crate::sample::{at, handle, id, session, tokens};

/// Session 1 with its lease held by `first`.
async fn held(store: &Store) -> Record {
    create(store, session(1, "ada", 0)).await;
    hold(store, 1, Fence(0), "first").await
}

async fn take_over(store: &Store, stale: &Beat, me: &str) -> Lease {
    let me = owner(me);
    let asked = store.lease(&id(1), Fence(0), Some(stale), &me).await;
    asked.unwrap()
}

fn won(lease: Lease) -> Record {
    match lease {
        Lease::Held(record) => *record,
        other => panic!("the lease should be ours: {other:?}"),
    }
}

pub async fn a_free_lease_is_held_and_raises_the_fence(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let before = live(store, 1).await;
    let record = hold(store, 1, before.fence, "first").await;
    assert!(record.fence > before.fence);
    assert_eq!(record.lease.unwrap().owner, owner("first"));
    assert_eq!(record.tokens, before.tokens);
    let unknown = store.lease(&id(9), Fence(0), None, &owner("first")).await;
    assert!(matches!(unknown, Ok(Lease::Gone(None))));
}

pub async fn a_lease_that_is_taken_is_busy(store: &Store) {
    let record = held(store).await;
    assert_eq!(Some(busy(store, 1).await), record.lease);
    let again = store
        .lease(&id(1), record.fence, None, &owner("first"))
        .await;
    assert!(matches!(again, Ok(Lease::Busy(_))));
}

pub async fn a_record_that_moved_on_is_returned_before_it_is_leased(store: &Store) {
    let record = held(store).await;
    let stored = store.store(&id(1), record.fence, tokens(b"second")).await;
    assert_eq!(stored, Ok(Swap::Done));
    let asked = store.lease(&id(1), Fence(0), None, &owner("late")).await;
    let Ok(Lease::Moved(moved)) = asked else {
        panic!("the record has moved on: {asked:?}");
    };
    assert_eq!(moved.tokens, tokens(b"second"));
    assert_eq!(moved.lease, None);
    hold(store, 1, moved.fence, "late").await;
}

pub async fn a_lease_that_was_given_back_leaves_the_record_moved(store: &Store) {
    let record = held(store).await;
    store.release(&id(1), record.fence).await.unwrap();
    store.release(&id(1), record.fence).await.unwrap();
    let asked = store.lease(&id(1), Fence(0), None, &owner("late")).await;
    assert!(matches!(asked, Ok(Lease::Moved(_))));
    let record = hold(store, 1, record.fence, "late").await;
    assert_eq!(record.tokens, tokens(b"first"));
}

pub async fn a_beat_shows_that_the_holder_lives(store: &Store) {
    let record = held(store).await;
    let before = busy(store, 1).await;
    assert_eq!(store.beat(&id(1), record.fence).await, Ok(true));
    let after = busy(store, 1).await;
    assert!(after.count > before.count);
    assert_eq!(after.owner, owner("first"));
    let older = Fence(record.fence.0 - 1);
    assert_eq!(store.beat(&id(1), older).await, Ok(false));
    assert_eq!(store.beat(&id(9), record.fence).await, Ok(false));
    store.release(&id(1), record.fence).await.unwrap();
    assert_eq!(store.beat(&id(1), record.fence).await, Ok(false));
}

pub async fn a_holder_that_shows_no_beat_is_taken_over(store: &Store) {
    let first = held(store).await;
    let stale = busy(store, 1).await;
    let second = won(take_over(store, &stale, "second").await);
    assert!(second.fence > first.fence);
    assert_eq!(busy(store, 1).await.owner, owner("second"));
}

pub async fn a_holder_whose_beat_moved_is_not_taken_over(store: &Store) {
    let first = held(store).await;
    let seen = busy(store, 1).await;
    assert_eq!(store.beat(&id(1), first.fence).await, Ok(true));
    let asked = take_over(store, &seen, "second").await;
    assert!(matches!(asked, Lease::Busy(beat) if beat.count > seen.count));
    assert_eq!(store.beat(&id(1), first.fence).await, Ok(true));
}

pub async fn whoever_was_taken_over_can_change_nothing(store: &Store) {
    let first = held(store).await;
    let stale = busy(store, 1).await;
    let second = won(take_over(store, &stale, "second").await);
    assert_eq!(store.beat(&id(1), first.fence).await, Ok(false));
    store.release(&id(1), first.fence).await.unwrap();
    let late = store.store(&id(1), first.fence, tokens(b"late")).await;
    assert_eq!(late, Ok(Swap::Fenced));
    assert_eq!(live(store, 1).await.tokens, tokens(b"first"));
    let good = store.store(&id(1), second.fence, tokens(b"good")).await;
    assert_eq!(good, Ok(Swap::Done));
    let late = store.store(&id(1), first.fence, tokens(b"late")).await;
    assert_eq!(late, Ok(Swap::Fenced));
    assert_eq!(live(store, 1).await.tokens, tokens(b"good"));
}

pub async fn storing_tokens_writes_them_and_frees_the_lease(store: &Store) {
    let record = held(store).await;
    let renewed = SealedTokens {
        access_expires: at(500),
        blob: Bytes::from_static(b"\x00second\xff"),
    };
    let stored = store.store(&id(1), record.fence, renewed.clone()).await;
    assert_eq!(stored, Ok(Swap::Done));
    let now = live(store, 1).await;
    assert_eq!(now.tokens, renewed);
    assert_eq!(now.lease, None);
    assert_eq!(now.last_seen, record.last_seen);
}

pub async fn tokens_are_stored_only_under_a_lease_that_is_held(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let never = store.store(&id(1), Fence(0), tokens(b"bad")).await;
    assert_eq!(never, Ok(Swap::Fenced));
    let record = hold(store, 1, Fence(0), "first").await;
    let once = store.store(&id(1), record.fence, tokens(b"good")).await;
    assert_eq!(once, Ok(Swap::Done));
    let before = position(store).await;
    let twice = store.store(&id(1), record.fence, tokens(b"bad")).await;
    assert_eq!(twice, Ok(Swap::Fenced));
    assert_eq!(live(store, 1).await.tokens, tokens(b"good"));
    let unknown = store.store(&id(9), Fence(0), tokens(b"bad")).await;
    assert_eq!(unknown, Ok(Swap::Gone(None)));
    assert_eq!(position(store).await, before);
}

pub async fn a_logout_beats_a_refresh(store: &Store) {
    // LO-05
    let record = held(store).await;
    let logout = store.end(Selector::Handle(handle(1)), EndReason::Logout, at(1));
    assert_eq!(logout.await, Ok(1));
    let late = store.store(&id(1), record.fence, tokens(b"late")).await;
    assert_eq!(late, Ok(Swap::Gone(Some(EndReason::Logout))));
    assert_eq!(store.beat(&id(1), record.fence).await, Ok(false));
    store.release(&id(1), record.fence).await.unwrap();
    let asked = store
        .lease(&id(1), record.fence, None, &owner("late"))
        .await;
    assert!(matches!(asked, Ok(Lease::Gone(Some(EndReason::Logout)))));
    assert_eq!(ended(store, 1).await, Some(EndReason::Logout));
}

pub async fn no_two_leases_of_a_session_show_the_same_beat(store: &Store) {
    // Whoever has watched the first for a while would take the second one over at once.
    let first = held(store).await;
    let beat = busy(store, 1).await;
    store.release(&id(1), first.fence).await.unwrap();
    hold(store, 1, first.fence, "first").await;
    assert_ne!(busy(store, 1).await, beat);
    assert!(matches!(
        take_over(store, &beat, "late").await,
        Lease::Busy(_)
    ));
}

async fn fifty_ask(store: &Store, stale: Option<Beat>) -> usize {
    let askers: Vec<_> = (0..50)
        .map(|n| {
            let (store, stale) = (Arc::clone(store), stale.clone());
            tokio::spawn(async move {
                let me = owner(&format!("asker-{n}"));
                store.lease(&id(1), Fence(0), stale.as_ref(), &me).await
            })
        })
        .collect();
    let mut winners = 0;
    for asker in askers {
        match asker.await.unwrap().unwrap() {
            Lease::Held(_) => winners += 1,
            Lease::Busy(_) => {}
            other => panic!("nobody gave the lease back: {other:?}"),
        }
    }
    winners
}

pub async fn of_fifty_parallel_askers_one_gets_the_lease(store: &Store) {
    // RF-01
    create(store, session(1, "ada", 0)).await;
    assert_eq!(fifty_ask(store, None).await, 1);
}

pub async fn of_fifty_parallel_askers_one_takes_a_dead_holder_over(store: &Store) {
    held(store).await;
    let stale = busy(store, 1).await;
    assert_eq!(fifty_ask(store, Some(stale)).await, 1);
}
