//! The store's change feed: how this node hears of what others did, and how it knows that it still hears.

use std::sync::atomic::{AtomicBool, Ordering};

use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{Changes, Seq};
use cloakroom_core::{EndReason, Handle};
use tokio::sync::Mutex;

use super::Sessions;

/// What happened to sessions, for whoever keeps something open on their behalf. A listener that lags takes it as
/// [`News::Everything`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum News {
    /// This one changed somewhere: judge it anew.
    Changed(Handle),
    /// This one has ended here.
    Ended(Handle, EndReason),
    /// The tokens of this one were renewed here.
    Refreshed(Handle),
    /// Any of them may have changed.
    Everything,
}

/// Where this node stands in the feed.
#[derive(Default)]
pub(super) struct Feed {
    /// Locked while a look is under way, so that looks do not overtake each other.
    at: Mutex<Seq>,
    /// Whether the last look failed: an outage is logged once.
    out: AtomicBool,
}

impl Sessions {
    /// Reads what changed since the last time and forgets it.
    pub(super) async fn read_feed(&self) -> Result<(), StoreError> {
        let mut at = self.feed.at.lock().await;
        let began = self.clock.ticks();
        let changes = match self.store.changes(*at).await {
            Ok(changes) => changes,
            Err(cause) => {
                if !self.feed.out.swap(true, Ordering::Relaxed) {
                    tracing::warn!(target: "cloakroom::session", %cause, "the session store cannot be read");
                }
                return Err(cause);
            }
        };
        match changes {
            Changes::Since { upto, handles } => {
                for handle in handles {
                    self.cache.remove(&handle);
                    self.tell(News::Changed(handle));
                }
                *at = upto;
            }
            Changes::Behind { upto } => {
                self.cache.remove_all(|_| true);
                self.tell(News::Everything);
                *at = upto;
            }
        }
        self.cache.looked(began);
        if self.feed.out.swap(false, Ordering::Relaxed) {
            tracing::info!(target: "cloakroom::session", "the session store can be read again");
        }
        Ok(())
    }

    /// Whether the store answers now.
    pub(crate) async fn is_reachable(&self) -> bool {
        self.read_feed().await.is_ok()
    }
}
