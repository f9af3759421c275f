//! Stores that keep everything in memory and forget it at the end of the test; each can be made to fail.

mod identity;
mod sessions;

pub use identity::MemoryIdentity;
pub use sessions::MemorySessions;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use cloakroom_core::ports::StoreError;

/// A value behind a lock and an outage switch.
#[derive(Debug, Default)]
struct Guarded<T> {
    value: Mutex<T>,
    out: AtomicBool,
}

impl<T> Guarded<T> {
    fn fail(&self, out: bool) {
        self.out.store(out, Ordering::SeqCst);
    }

    /// Each operation of a store holds this from its first line to its last: that makes it atomic.
    fn lock(&self) -> Result<MutexGuard<'_, T>, StoreError> {
        if self.out.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable("switched off by the test".into()));
        }
        Ok(self.value.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A key that must be new is there already: the caller's randomness is broken.
fn taken(table: &'static str, column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table,
        column,
        what: "the value is stored already".into(),
    }
}

/// How many elements `limit` allows.
fn at_most(limit: u32) -> usize {
    usize::try_from(limit).unwrap_or(usize::MAX)
}
