//! Idle connections to one upstream.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::ports::Clock;

use super::link::Link;
use crate::shard::Sharded;

/// Node and uvicorn close idle connections after 5 s; an upstream's goodbye must not race our request.
const IDLE: Duration = Duration::from_secs(4);
/// How many idle connections a thread keeps.
const MAX_IDLE: usize = 256;

/// Idle connections, the most recently used last. Each thread has its own, and takes another's only when
/// it has none.
pub(super) struct Pool {
    idle: Sharded<Vec<Idle>>,
    clock: Arc<dyn Clock>,
}

struct Idle {
    link: Link,
    since: Duration,
}

impl Pool {
    /// An empty pool.
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { idle: Sharded::new(), clock }
    }

    /// A connection that is still open, as far as a look can tell.
    pub(super) fn take(&self) -> Option<Link> {
        let now = self.clock.ticks();
        let usable = |mut idle: Idle| {
            let young = now.saturating_sub(idle.since) < IDLE;
            (young && idle.link.is_reusable()).then_some(idle.link)
        };
        let mine = self.idle.mine().and_then(|mut mine| {
            std::iter::from_fn(|| mine.pop()).find_map(usable)
        });
        mine.or_else(|| {
            self.idle.each().find_map(|mut other| std::iter::from_fn(|| other.pop()).find_map(usable))
        })
    }

    /// Takes a connection back, if it can be used again.
    pub(super) fn put(&self, mut link: Link) {
        if !link.is_reusable() {
            return;
        }
        let since = self.clock.ticks();
        if let Some(mut mine) = self.idle.mine()
            && mine.len() < MAX_IDLE
        {
            mine.push(Idle { link, since });
        }
    }

    /// Closes connections that have been idle for too long.
    pub(super) fn sweep(&self) {
        let now = self.clock.ticks();
        for mut shard in self.idle.each() {
            shard.retain(|idle| now.saturating_sub(idle.since) < IDLE);
        }
    }
}
