//! Sessions kept open in memory. The cache never decides alone: it forgets whatever may have changed, and says
//! how old its last complete look at the store's feed is.
//!
//! 1. The key is the whole cookie value: an id with a wrong secret can never hit.
//! 2. An entry carries the position that stood *before* its record was read, and is refused if the session
//!    moved since: a slow read cannot bring back what an ending has just removed.
//! 3. A look counts as complete only after everything it told has been removed.
//!
//! A hit takes a read lock on one of many shards and nothing else; the book-keeping lock is for changes.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use cloakroom_core::Handle;

use super::cookie::{CacheKey, Presented};
use super::live::Session;

/// How old the last complete look at the feed may be while a hit is believed.
const FRESH: Duration = Duration::from_secs(1);

/// How many moves are remembered one by one. Beyond, reads that are under way are not cached, which costs each
/// of them one more read.
const MOVES_KEPT: usize = 10_000;

/// A moment in the order of changes as this process has seen them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(u64);

/// Sessions kept open in memory.
pub(super) struct Cache {
    sessions: quick_cache::sync::Cache<CacheKey, Arc<Session>>,
    book: Mutex<Book>,
    /// Where the last complete look at the feed began, in microseconds of ticks plus one; 0 before the first.
    looked: AtomicU64,
    capacity: usize,
}

#[derive(Default)]
struct Book {
    /// Counts changes.
    now: u64,
    /// Entries from before this position are refused whoever they are.
    floor: u64,
    /// When each session last moved.
    moved: HashMap<Handle, u64>,
    /// Where each session is cached; may name some that have been displaced since.
    keys: HashMap<Handle, CacheKey>,
}

impl Cache {
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            sessions: quick_cache::sync::Cache::new(capacity),
            book: Mutex::default(),
            looked: AtomicU64::new(0),
            capacity,
        }
    }

    /// The entry under this key, however old.
    pub(super) fn get(&self, key: Presented<'_>) -> Option<Arc<Session>> {
        self.sessions.get(&key)
    }

    /// Whether hits may be believed at `ticks`.
    pub(super) fn is_fresh(&self, ticks: Duration) -> bool {
        self.last_look()
            .is_some_and(|at| ticks.saturating_sub(at) < FRESH)
    }

    /// When the last complete look at the feed began.
    pub(super) fn last_look(&self) -> Option<Duration> {
        let stored = self.looked.load(Ordering::Acquire);
        stored.checked_sub(1).map(Duration::from_micros)
    }

    /// Notes a complete look that began at `ticks`, once all it told has been applied.
    pub(super) fn looked(&self, ticks: Duration) {
        let micros = u64::try_from(ticks.as_micros()).unwrap_or(u64::MAX - 1);
        self.looked
            .store(micros.saturating_add(1), Ordering::Release);
    }

    /// The position to carry along with a read that is about to begin.
    pub(super) fn position(&self) -> Position {
        Position(self.book().now)
    }

    /// Caches a session that was read at `position`; refuses it if it has moved since.
    pub(super) fn insert(&self, session: &Arc<Session>, position: Position) -> bool {
        let mut book = self.book();
        let moved = book.moved.get(&session.handle).copied().unwrap_or(0);
        if position.0 < book.floor || position.0 < moved {
            return false;
        }
        book.keys
            .insert(session.handle.clone(), session.key.clone());
        self.sessions
            .insert(session.key.clone(), Arc::clone(session));
        if book.keys.len() > self.capacity.saturating_mul(2) {
            book.keys.retain(|_, key| self.sessions.contains_key(key));
        }
        true
    }

    /// Removes one session, and refuses whatever is being read of it.
    pub(super) fn remove(&self, handle: &Handle) {
        let mut book = self.book();
        book.now += 1;
        let now = book.now;
        if book.moved.len() >= MOVES_KEPT {
            book.floor = now;
            book.moved.clear();
        }
        book.moved.insert(handle.clone(), now);
        if let Some(key) = book.keys.remove(handle) {
            self.sessions.remove(&key);
        }
    }

    /// Removes every session that `is_meant`, refuses whatever is being read, and returns whom it removed.
    pub(super) fn remove_all(&self, is_meant: impl Fn(&Session) -> bool) -> Vec<Handle> {
        let mut book = self.book();
        book.now += 1;
        book.floor = book.now;
        let mut removed = Vec::new();
        book.keys
            .retain(|handle, key| match self.sessions.peek(key) {
                Some(session) if is_meant(&session) => {
                    self.sessions.remove(key);
                    removed.push(handle.clone());
                    false
                }
                Some(_) => true,
                None => false,
            });
        removed
    }

    /// About how many there are.
    pub(super) fn len(&self) -> usize {
        self.sessions.len()
    }

    fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
