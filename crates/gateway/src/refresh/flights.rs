//! One flight per session in this process: whoever needs the same renewal waits for the same result.
//!
//! A flight leaves the list when it lands, or when its task dies; nobody waits for a flight that is gone.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloakroom_core::LookupId;
use tokio::sync::watch;

use super::Unfresh;
use super::outcome::Failure;
use crate::session::Session;

/// Over how many locks the sessions are spread.
const SHARDS: usize = 16;

/// What all passengers are told.
type Landing = Result<Arc<Session>, Unfresh>;

/// All flights of this process.
#[derive(Default)]
pub(super) struct Flights {
    shards: [Mutex<Shard>; SHARDS],
}

#[derive(Default)]
struct Shard {
    flying: HashMap<LookupId, watch::Receiver<Option<Landing>>>,
    /// Until when, in ticks, no other flight begins for a session whose token is still good.
    resting: HashMap<LookupId, Duration>,
}

/// A passenger.
pub(super) struct Waiter(watch::Receiver<Option<Landing>>);

/// Whoever has to do the work, and to land.
pub(super) struct Pilot {
    flights: Arc<Flights>,
    id: LookupId,
    tell: watch::Sender<Option<Landing>>,
}

impl Flights {
    /// Joins the session's flight; with a [`Pilot`] if there was none.
    pub(super) fn board(flights: &Arc<Self>, id: LookupId) -> (Waiter, Option<Pilot>) {
        let mut shard = flights.shard(&id);
        if let Some(flying) = shard.flying.get(&id) {
            return (Waiter(flying.clone()), None);
        }
        let (tell, hear) = watch::channel(None);
        shard.flying.insert(id, hear.clone());
        drop(shard);
        (
            Waiter(hear),
            Some(Pilot {
                flights: Arc::clone(flights),
                id,
                tell,
            }),
        )
    }

    /// Whether the last flight failed so short ago that a good token should be used instead of trying again.
    pub(super) fn is_resting(&self, id: &LookupId, ticks: Duration) -> bool {
        self.shard(id)
            .resting
            .get(id)
            .is_some_and(|until| ticks < *until)
    }

    fn rest(&self, id: LookupId, until: Duration, ticks: Duration) {
        let mut shard = self.shard(&id);
        shard.resting.retain(|_, until| ticks < *until);
        shard.resting.insert(id, until);
    }

    fn shard(&self, id: &LookupId) -> MutexGuard<'_, Shard> {
        let mut hasher = DefaultHasher::new();
        id.hash(&mut hasher);
        let [first, rest @ ..] = &self.shards;
        let index = usize::try_from(hasher.finish() % SHARDS as u64).unwrap_or(0);
        let chosen = index
            .checked_sub(1)
            .and_then(|index| rest.get(index))
            .unwrap_or(first);
        chosen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Waiter {
    /// How the flight ended.
    pub(super) async fn landing(mut self) -> Landing {
        match self.0.wait_for(Option::is_some).await {
            Ok(landing) => landing.clone().unwrap_or(Err(Unfresh::Unavailable)),
            // Its task died. The lease it may have held is taken over like any dead holder's.
            Err(_) => Err(Unfresh::Unavailable),
        }
    }
}

impl Pilot {
    /// Tells everybody.
    pub(super) fn land(self, landing: Result<Arc<Session>, Failure>, ticks: Duration) {
        let told = match landing {
            Ok(session) => Ok(session),
            Err(failure) => {
                self.flights
                    .rest(self.id, ticks.saturating_add(failure.rest), ticks);
                Err(failure.why)
            }
        };
        // Off the list first: whoever comes now sets out anew, and sees what this flight has stored.
        let tell = self.tell.clone();
        drop(self);
        tell.send_replace(Some(told));
    }
}

impl Drop for Pilot {
    fn drop(&mut self) {
        self.flights.shard(&self.id).flying.remove(&self.id);
    }
}
