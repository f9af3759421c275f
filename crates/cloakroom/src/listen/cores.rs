//! One single-threaded runtime for each core, for connections that are many and busy.
//!
//! A connection then stays on one core with all that it does: its upstream's answer wakes no other thread, and no
//! two threads share a timer wheel. What a connection starts beside its requests runs there too, so these runtimes
//! have to outlive every connection and every refresh: they end when this is dropped.

use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio_util::sync::{CancellationToken, DropGuard};

/// Where connections are served.
#[derive(Debug)]
pub struct Cores {
    runtimes: Vec<Handle>,
    next: AtomicUsize,
    _end: DropGuard,
}

impl Cores {
    /// The runtime of whoever calls `serve`: for listeners with little to do.
    pub fn shared() -> Self {
        Self::of(Vec::new(), CancellationToken::new())
    }

    /// A runtime of its own for each core of the machine.
    pub fn each() -> io::Result<Self> {
        let end = CancellationToken::new();
        let count = thread::available_parallelism().map_or(1, NonZero::get);
        let mut runtimes = Vec::with_capacity(count);
        for number in 0..count {
            let runtime = Builder::new_current_thread().enable_all().build()?;
            runtimes.push(runtime.handle().clone());
            let ended = end.clone();
            thread::Builder::new()
                .name(format!("core-{number}"))
                .spawn(move || runtime.block_on(ended.cancelled()))?;
        }
        Ok(Self::of(runtimes, end))
    }

    fn of(runtimes: Vec<Handle>, end: CancellationToken) -> Self {
        Self {
            runtimes,
            next: AtomicUsize::new(0),
            _end: end.drop_guard(),
        }
    }

    /// The runtime for the next connection, in turn.
    pub(super) fn next(&self) -> Handle {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.runtimes.len().max(1);
        let chosen = self.runtimes.get(turn % count);
        chosen.cloned().unwrap_or_else(Handle::current)
    }
}
