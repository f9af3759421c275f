//! The cases of a session store, and the few sessions that they are about.

mod creating;
mod ending;
mod feed;
mod leasing;
mod listing;
mod purging;
mod refusing;
mod sliding;

pub use creating::*;
pub use ending::*;
pub use feed::*;
pub use leasing::*;
pub use listing::*;
pub use purging::*;
pub use refusing::*;
pub use sliding::*;

use std::sync::Arc;

use cloakroom_core::ports::SessionStore;
use cloakroom_core::session::{
    Beat, Changes, Created, Fence, Lease, NewSession, Opened, Owner, Record, Seq,
};
use cloakroom_core::{EndReason, Timestamp};

use crate::sample::{self, at, id};

type Store = Arc<dyn SessionStore>;

async fn create(store: &Store, new: NewSession) {
    assert_eq!(store.create(new).await, Ok(Created::Done));
}

async fn live(store: &Store, n: u8) -> Record {
    match store.load(&id(n)).await.unwrap() {
        Opened::Live(record) => *record,
        other => panic!("session {n} should live: {other:?}"),
    }
}

/// Why session `n` has ended; `None` while it lives.
async fn ended(store: &Store, n: u8) -> Option<EndReason> {
    match store.load(&id(n)).await.unwrap() {
        Opened::Live(_) => None,
        Opened::Ended(tombstone) => Some(tombstone.reason),
        Opened::Absent => panic!("session {n} should be there"),
    }
}

fn owner(name: &str) -> Owner {
    Owner(name.into())
}

/// Takes the lease, which must be free and unchanged since `known`.
async fn hold(store: &Store, n: u8, known: Fence, me: &str) -> Record {
    match store.lease(&id(n), known, None, &owner(me)).await.unwrap() {
        Lease::Held(record) => *record,
        other => panic!("the lease should be free: {other:?}"),
    }
}

/// The beat of the lease that somebody holds.
async fn busy(store: &Store, n: u8) -> Beat {
    let asked = store.lease(&id(n), Fence(0), None, &owner("asker")).await;
    match asked.unwrap() {
        Lease::Busy(beat) => beat,
        other => panic!("the lease should be taken: {other:?}"),
    }
}

async fn position(store: &Store) -> Seq {
    match store.changes(Seq(0)).await.unwrap() {
        Changes::Since { upto, .. } | Changes::Behind { upto } => upto,
    }
}

/// The end of everything that was begun at `created`.
fn end_of(created: i64) -> Timestamp {
    at(created).plus(sample::SESSION)
}
