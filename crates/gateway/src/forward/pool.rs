//! Idle connections to one upstream.

use std::sync::atomic::{AtomicU64, Ordering};

use super::link::Link;
use crate::shard::Sharded;

/// How many sweeps, a second apart, a connection outlives unused. Node and uvicorn close idle connections
/// after 5 s; an upstream's goodbye must not race our request.
const SWEEPS: u64 = 4;
/// How many idle connections a thread keeps.
const MAX_IDLE: usize = 256;

/// Idle connections, the most recently used last. Each thread has its own, and takes another's only when
/// it has none. Their age is counted in sweeps: a request reads no clock for it.
pub(super) struct Pool {
    idle: Sharded<Vec<Idle>>,
    sweeps: AtomicU64,
}

struct Idle {
    link: Link,
    since: u64,
}

impl Pool {
    /// An empty pool.
    pub(super) fn new() -> Self {
        Self {
            idle: Sharded::new(),
            sweeps: AtomicU64::new(0),
        }
    }

    /// A connection that is still open, as far as a look can tell.
    pub(super) fn take(&self) -> Option<Link> {
        let usable = |mut idle: Idle| idle.link.is_reusable().then_some(idle.link);
        let mine = self
            .idle
            .mine()
            .and_then(|mut mine| std::iter::from_fn(|| mine.pop()).find_map(usable));
        mine.or_else(|| {
            self.idle
                .each()
                .find_map(|mut other| std::iter::from_fn(|| other.pop()).find_map(usable))
        })
    }

    /// Takes a connection back, if it can be used again.
    pub(super) fn put(&self, mut link: Link) {
        if !link.is_reusable() {
            return;
        }
        let since = self.sweeps.load(Ordering::Relaxed);
        if let Some(mut mine) = self.idle.mine()
            && mine.len() < MAX_IDLE
        {
            mine.push(Idle { link, since });
        }
    }

    /// Closes connections that have been idle for too long. To be called once a second.
    pub(super) fn sweep(&self) {
        let now = self.sweeps.fetch_add(1, Ordering::Relaxed) + 1;
        for mut shard in self.idle.each() {
            shard.retain(|idle| now.saturating_sub(idle.since) < SWEEPS);
        }
    }
}
