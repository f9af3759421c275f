//! Spreads what all requests share over the threads, so that no two of them wait for one lock.

use std::cell::Cell;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// One value for each thread, or nearly so: a thread always comes back to the same one.
pub(crate) struct Sharded<T> {
    shards: Box<[Mutex<T>]>,
}

impl<T: Default> Sharded<T> {
    /// As many shards as the machine has cores, and as many again.
    pub(crate) fn new() -> Self {
        let cores = std::thread::available_parallelism().map_or(4, std::num::NonZero::get);
        Self {
            shards: (0..cores * 2).map(|_| Mutex::default()).collect(),
        }
    }

    /// This thread's shard, whose lock is practically never contended.
    pub(crate) fn mine(&self) -> Option<MutexGuard<'_, T>> {
        let shard = self
            .shards
            .get(thread_number() % self.shards.len().max(1))?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// All shards, one after the other.
    pub(crate) fn each(&self) -> impl Iterator<Item = MutexGuard<'_, T>> {
        self.shards
            .iter()
            .map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

fn thread_number() -> usize {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    thread_local! {
        static MINE: Cell<usize> = Cell::new(NEXT.fetch_add(1, Ordering::Relaxed));
    }
    MINE.get()
}
