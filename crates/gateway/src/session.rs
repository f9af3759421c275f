//! The stage `session`: the one place that knows what a session cookie means, from `open` to `commit`.
//!
//! 1. A session is believed only while the store's word on it is less than a second old, or, when the store
//!    is out of reach, for the configured grace and not longer.
//! 2. What cannot be known is [`Visitor::Unavailable`], never "no session": store trouble logs nobody out.
//! 3. An ending holds at once on the node that did it, within a second on every other.
//! 4. The reason of an ending is told only to who has the cookie's secret.
//!
//! Refusal looks like [`Visitor::Anonymous`]; this stage itself answers nothing. A deployment defeats it by
//! giving a session store to two gateways whose clocks differ by more than the idle timeout, or by copying
//! session cookies into logs.

mod activity;
mod begin;
mod cache;
mod commit;
mod cookie;
mod ending;
mod feed;
mod live;
mod names;
mod open;
mod renewal;
mod seal;
mod upkeep;
mod visitor;

use std::sync::Arc;

use cloakroom_core::keys::Keys;
use cloakroom_core::ports::{Clock, Entropy, Provider, SessionStore};
use tokio::sync::broadcast;

use crate::assertion::Assertions;
use crate::config::{Config, SessionConfig};

use self::activity::Pending;
use self::cache::Cache;
use self::feed::Feed;
use self::seal::Seal;

pub(crate) use self::begin::{BeginError, GrantError};
pub(crate) use self::cookie::{CookieValue, DeviceName};
pub(crate) use self::feed::News;
pub(crate) use self::live::Session;
pub(crate) use self::names::CookieNames;
pub(crate) use self::open::{Admitted, Judged, Peek, Reading};
pub(crate) use self::renewal::Renewal;
pub(crate) use self::visitor::{Anonymous, SessionChange, StrayCookie, Unattended, Visitor};

/// How many sessions are kept open in memory.
const CACHED: usize = 100_000;

/// How many pieces of news a listener may lag behind before it is told that it missed some.
const NEWS_KEPT: usize = 1024;

/// What [`Sessions`] is plugged into.
pub(crate) struct Parts {
    /// All time.
    pub(crate) clock: Arc<dyn Clock>,
    /// All randomness.
    pub(crate) entropy: Arc<dyn Entropy>,
    /// Where sessions are kept.
    pub(crate) store: Arc<dyn SessionStore>,
    /// Whose subjects the sessions are about.
    pub(crate) provider: Arc<dyn Provider>,
    /// The ring that seals records.
    pub(crate) sealing: Keys,
    /// Who signs what the web app is told.
    pub(crate) assertions: Arc<Assertions>,
}

/// Opens, begins, ends and commits sessions. One per gateway.
pub(crate) struct Sessions {
    limits: SessionConfig,
    names: CookieNames,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    store: Arc<dyn SessionStore>,
    provider: Arc<dyn Provider>,
    assertions: Arc<Assertions>,
    seal: Seal,
    cache: Cache,
    feed: Feed,
    pending: Pending,
    news: broadcast::Sender<News>,
}

impl Sessions {
    /// Nothing is read before the first request, or before [`Self::run`].
    pub(crate) fn new(config: &Config, parts: Parts) -> Arc<Self> {
        Arc::new(Self {
            limits: config.session.clone(),
            names: CookieNames::new(config),
            seal: Seal::new(parts.sealing, Arc::clone(&parts.entropy)),
            clock: parts.clock,
            entropy: parts.entropy,
            store: parts.store,
            provider: parts.provider,
            assertions: parts.assertions,
            cache: Cache::new(CACHED),
            feed: Feed::default(),
            pending: Pending::new(),
            news: broadcast::Sender::new(NEWS_KEPT),
        })
    }

    /// The names and attributes of our cookies.
    pub(crate) const fn names(&self) -> &CookieNames {
        &self.names
    }

    /// Where sessions are kept, for whoever holds a lease there.
    pub(crate) fn store(&self) -> &dyn SessionStore {
        &*self.store
    }

    /// All time.
    pub(crate) fn clock(&self) -> &dyn Clock {
        &*self.clock
    }

    /// All randomness.
    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.entropy
    }

    /// What happens to sessions from now on, for whoever keeps something open on their behalf.
    pub(crate) fn news(&self) -> broadcast::Receiver<News> {
        self.news.subscribe()
    }

    /// Tells whoever listens; that nobody does is fine.
    fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }
}

#[cfg(test)]
pub(crate) mod fixture;
#[cfg(test)]
mod tests;
