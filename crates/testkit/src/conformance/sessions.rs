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
use std::time::Duration;

use bytes::Bytes;
use cloakroom_core::ports::SessionStore;
use cloakroom_core::secret::Digest;
use cloakroom_core::session::{
    Beat, Created, Device, Fence, Lease, NewSession, Opened, Owner, Record, SealedTokens, Seq,
};
use cloakroom_core::{EndReason, Handle, LookupId, Principal, Timestamp};

use super::world::at;

type Store = Arc<dyn SessionStore>;

/// Sessions here live for 1000 s, and for 100 s without activity.
const ABSOLUTE: Duration = Duration::from_secs(1000);
const IDLE: Duration = Duration::from_secs(100);

fn id(n: u8) -> LookupId {
    LookupId::new([n; 32])
}

fn handle(n: u8) -> Handle {
    Handle::parse(&format!("handle-{n}")).unwrap()
}

fn principal(subject: &str) -> Principal {
    Principal {
        provider: "builtin".into(),
        subject: subject.into(),
    }
}

fn tokens(content: &'static [u8]) -> SealedTokens {
    SealedTokens {
        access_expires: at(60),
        blob: Bytes::from_static(content),
    }
}

/// Session `n` of `subject`, created at `created`; the login began a second before, at the provider's login
/// `sid-<n>`.
fn session(n: u8, subject: &str, created: i64) -> NewSession {
    let begun = at(created);
    NewSession {
        record: Record {
            id: id(n),
            handle: handle(n),
            verifier: Digest::new([n ^ 0xff; 32]),
            principal: principal(subject),
            issuer: "https://id.test".into(),
            issuer_sid: Some(format!("sid-{n}")),
            device: Device {
                user_agent: "Test/1".into(),
                ip: "192.0.2.1".into(),
            },
            created: begun,
            last_seen: begun,
            idle_until: begun.plus(IDLE),
            absolute_until: begun.plus(ABSOLUTE),
            tokens: tokens(b"first"),
            lease: None,
            fence: Fence(0),
            seq: Seq(0),
        },
        began: at(created - 1),
        replaces: None,
        limit: 100,
    }
}

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
    use cloakroom_core::session::Changes;
    match store.changes(Seq(0)).await.unwrap() {
        Changes::Since { upto, .. } | Changes::Behind { upto } => upto,
    }
}

/// The end of everything that was begun at `created`.
fn end_of(created: i64) -> Timestamp {
    at(created).plus(ABSOLUTE)
}
