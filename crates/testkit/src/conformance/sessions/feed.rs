//! The change feed, by which every cache learns what it must forget.

use std::time::Duration;

use cloakroom_core::session::{Changes, FEED_KEPT, Fence, Selector, Seq, Slide, Swap};
use cloakroom_core::{EndReason, Handle};

use super::{Store, create, hold, live, position};
use crate::sample::{at, handle, id, principal, session, tokens};

async fn since(store: &Store, after: Seq) -> (Seq, Vec<Handle>) {
    match store.changes(after).await.unwrap() {
        Changes::Since { upto, handles } => (upto, handles),
        Changes::Behind { .. } => panic!("the feed should reach back to {after:?}"),
    }
}

pub async fn the_feed_of_a_new_store_is_empty(store: &Store) {
    let (upto, handles) = since(store, Seq(0)).await;
    assert!(handles.is_empty());
    assert_eq!(since(store, upto).await, (upto, vec![]));
}

pub async fn creating_renewing_and_ending_are_in_the_feed(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    create(store, session(2, "ada", 0)).await;
    let (start, handles) = since(store, Seq(0)).await;
    assert_eq!(handles, [handle(1), handle(2)]);

    let record = hold(store, 1, Fence(0), "me").await;
    let stored = store.store(&id(1), record.fence, tokens(b"second")).await;
    assert_eq!(stored, Ok(Swap::Done));
    let (renewed, handles) = since(store, start).await;
    assert_eq!(handles, [handle(1)]);

    let all = Selector::Principal(principal("ada"), None);
    assert_eq!(store.end(all, EndReason::Disabled, at(1)).await, Ok(2));
    let (_, mut handles) = since(store, renewed).await;
    handles.sort();
    assert_eq!(handles, [handle(1), handle(2)]);
}

pub async fn slides_beats_and_leases_are_not_in_the_feed(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let before = position(store).await;
    let record = hold(store, 1, Fence(0), "me").await;
    assert_eq!(store.beat(&id(1), record.fence).await, Ok(true));
    store.release(&id(1), record.fence).await.unwrap();
    let slide = Slide {
        id: id(1),
        seen: at(50),
        idle_until: at(150),
    };
    store.touch(&[slide]).await.unwrap();
    let unknown = store.end(Selector::Handle(handle(9)), EndReason::Logout, at(1));
    assert_eq!(unknown.await, Ok(0));
    assert_eq!(since(store, before).await, (before, vec![]));
}

pub async fn a_record_carries_the_position_of_its_last_change(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let created = position(store).await;
    assert_eq!(live(store, 1).await.seq, created);
    create(store, session(2, "ada", 0)).await;
    assert_eq!(live(store, 1).await.seq, created);
    let record = hold(store, 1, Fence(0), "me").await;
    let stored = store.store(&id(1), record.fence, tokens(b"second")).await;
    assert_eq!(stored, Ok(Swap::Done));
    assert_eq!(live(store, 1).await.seq, position(store).await);
}

pub async fn a_position_from_the_future_is_behind(store: &Store) {
    // A reader that has seen more than the store knows has outlived a restored backup.
    create(store, session(1, "ada", 0)).await;
    let upto = position(store).await;
    let asked = store.changes(Seq(upto.0 + 1)).await;
    assert_eq!(asked, Ok(Changes::Behind { upto }));
}

pub async fn the_feed_keeps_what_is_young_and_tells_who_is_behind(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    store.purge(at(10), 100).await.unwrap();
    create(store, session(2, "ada", 20)).await;
    let just_before = at(10).plus(FEED_KEPT).minus(Duration::from_micros(1));
    store.purge(just_before, 100).await.unwrap();
    let (upto, handles) = since(store, Seq(0)).await;
    assert_eq!(handles, [handle(1), handle(2)]);

    store.purge(at(10).plus(FEED_KEPT), 100).await.unwrap();
    let first = live(store, 1).await.seq;
    assert_eq!(store.changes(Seq(0)).await, Ok(Changes::Behind { upto }));
    assert_eq!(since(store, first).await, (upto, vec![handle(2)]));

    store.purge(at(500), 100).await.unwrap();
    assert_eq!(since(store, upto).await, (upto, vec![]));
    create(store, session(3, "ada", 500)).await;
    assert_eq!(since(store, upto).await.1, [handle(3)]);
}
