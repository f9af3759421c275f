//! A key set that lives at an address: fetched when needed, once for all who wait, and never more often than
//! the cool-down allows, whatever key ids strangers invent.
//!
//! 1. One fetch at a time; it runs in its own task, so that a caller who hangs up cancels it for nobody.
//! 2. After a fetch, good or bad, the next one waits for the cool-down (a second while there are no keys yet).
//! 3. While the address answers, keys older than `fresh` are fetched anew before they are used. While it does
//!    not, the keys that are known go on being used, until they are `max_stale` old.
//! 4. Then, and before the first fetch has succeeded, there are no keys, and nothing verifies. Never is a
//!    verification skipped.
//!
//! An answer without one usable key counts as no answer. Time is monotonic and an argument (`ticks`). The
//! timeout, TLS and where the address may lead are the [`Fetch`]'s duty.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use arc_swap::ArcSwapOption;
use async_trait::async_trait;
use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio::task::JoinHandle;

use crate::error::{FetchError, VerifyError};
use crate::keyset::KeySet;

/// The largest key set that is read, in bytes.
const MAX_BODY: usize = 256 * 1024;

/// How long a failed fetch rests while there is no key at all: the issuer may be about to start.
const RETRY_WITHOUT_KEYS: Duration = Duration::from_secs(1);

/// Gets the body of an address whose answer is 200; bounded in time and size, following no redirect.
#[async_trait]
pub trait Fetch: Send + Sync {
    /// Gets `url`.
    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError>;
}

/// How old fetched keys may get.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Freshness {
    /// Until when they are used without asking again.
    pub fresh: Duration,
    /// The least time between two fetches.
    pub cool_down: Duration,
    /// Until when they are used while the address does not answer.
    pub max_stale: Duration,
}

impl Default for Freshness {
    /// 5 minutes, 10 seconds, 24 hours.
    fn default() -> Self {
        Self {
            fresh: Duration::from_secs(300),
            cool_down: Duration::from_secs(10),
            max_stale: Duration::from_secs(24 * 3600),
        }
    }
}

/// A key set at an address. Cloning shares it.
#[derive(Clone)]
pub struct Jwks {
    shared: Arc<Shared>,
}

struct Shared {
    url: String,
    fetch: Arc<dyn Fetch>,
    freshness: Freshness,
    held: ArcSwapOption<Held>,
    /// Locked while a fetch runs; inside is when the last one began.
    flight: Arc<Mutex<Option<Duration>>>,
    /// Whether the last fetch failed.
    outage: AtomicBool,
}

struct Held {
    keys: Arc<KeySet>,
    fetched: Duration,
}

impl Jwks {
    /// The set at `url`. Nothing is fetched before the first question.
    pub fn new(url: impl Into<String>, fetch: Arc<dyn Fetch>, freshness: Freshness) -> Self {
        Self {
            shared: Arc::new(Shared {
                url: url.into(),
                fetch,
                freshness,
                held: ArcSwapOption::empty(),
                flight: Arc::default(),
                outage: AtomicBool::new(false),
            }),
        }
    }

    /// The keys to judge a token with that names `kid`, at monotonic time `ticks`. Whether `kid` is among them
    /// is for the judge to find out.
    pub(crate) async fn keys_for(
        &self,
        kid: Option<&str>,
        ticks: Duration,
    ) -> Result<Arc<KeySet>, VerifyError> {
        if let Some(keys) = self.shared.fresh(kid, ticks) {
            return Ok(keys);
        }
        if self.shared.outage.load(Ordering::Relaxed)
            && let Some(keys) = self.shared.stale(ticks).filter(|keys| keys.has(kid))
        {
            // The next attempt holds up nobody whose key is known.
            if let Ok(last) = Arc::clone(&self.shared.flight).try_lock_owned() {
                self.fetch(last, ticks);
            }
            return Ok(keys);
        }
        let last = Arc::clone(&self.shared.flight).lock_owned().await;
        // Somebody else may have fetched while we waited for the lock.
        if self.shared.fresh(kid, ticks).is_none()
            && let Some(flight) = self.fetch(last, ticks)
            && flight.await.is_err()
        {
            tracing::error!(url = %self.shared.url, "fetching the keys was aborted");
        }
        self.shared.stale(ticks).ok_or(VerifyError::KeysUnavailable)
    }

    /// Begins a fetch, unless the last one was too short ago.
    fn fetch(
        &self,
        last: OwnedMutexGuard<Option<Duration>>,
        ticks: Duration,
    ) -> Option<JoinHandle<()>> {
        self.shared.may_fetch(*last, ticks).then(|| {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move { shared.fetch(last, ticks).await })
        })
    }
}

impl Shared {
    fn fresh(&self, kid: Option<&str>, ticks: Duration) -> Option<Arc<KeySet>> {
        self.younger_than(self.freshness.fresh, ticks)
            .filter(|keys| keys.has(kid))
    }

    fn stale(&self, ticks: Duration) -> Option<Arc<KeySet>> {
        self.younger_than(self.freshness.max_stale, ticks)
    }

    fn younger_than(&self, age: Duration, ticks: Duration) -> Option<Arc<KeySet>> {
        let held = self.held.load();
        let held = held.as_ref()?;
        (ticks.saturating_sub(held.fetched) < age).then(|| Arc::clone(&held.keys))
    }

    fn may_fetch(&self, last: Option<Duration>, ticks: Duration) -> bool {
        let rest = match self.stale(ticks) {
            Some(_) => self.freshness.cool_down,
            None => self.freshness.cool_down.min(RETRY_WITHOUT_KEYS),
        };
        last.is_none_or(|began| ticks.saturating_sub(began) >= rest)
    }

    /// Holds the lock until the fetch is over, whoever has lost interest meanwhile.
    async fn fetch(&self, mut last: OwnedMutexGuard<Option<Duration>>, ticks: Duration) {
        *last = Some(ticks);
        let body = match self.fetch.get(&self.url).await {
            Ok(body) if body.len() <= MAX_BODY => body,
            Ok(_) => return self.failed(&FetchError::TooLarge),
            Err(cause) => return self.failed(&cause),
        };
        match KeySet::from_json(&body) {
            Ok(keys) => {
                self.held.store(Some(Arc::new(Held {
                    keys: Arc::new(keys),
                    fetched: ticks,
                })));
                self.outage.store(false, Ordering::Relaxed);
            }
            Err(cause) => self.failed(&cause),
        }
    }

    fn failed(&self, cause: &dyn fmt::Display) {
        self.outage.store(true, Ordering::Relaxed);
        tracing::warn!(url = %self.url, %cause, "the issuer's keys could not be fetched");
    }
}

impl fmt::Debug for Jwks {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Jwks({})", self.shared.url)
    }
}

#[cfg(test)]
mod tests;
