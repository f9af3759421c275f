//! How many event streams each session has: at most two, given back when a stream is dropped.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_core::Handle;

/// Streams a session may have: one for each of two browsers that share its cookie, or one that is being
/// replaced by another.
const PER_SESSION: usize = 2;

/// The event streams that are open.
#[derive(Default)]
pub(in crate::endpoints) struct Seats(Mutex<HashMap<Handle, usize>>);

/// One stream's place; dropping it gives it back.
pub(super) struct Seat {
    seats: Arc<Seats>,
    session: Handle,
}

impl Seats {
    /// A place for one more stream of this session, if there is one.
    pub(super) fn take(seats: &Arc<Self>, session: &Handle) -> Option<Seat> {
        let mut open = seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = open.entry(session.clone()).or_default();
        if *count >= PER_SESSION {
            return None;
        }
        *count += 1;
        Some(Seat {
            seats: Arc::clone(seats),
            session: session.clone(),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut open = self.seats.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.session) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.session);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_has_two_places_and_gets_them_back() {
        let (seats, ada) = (Arc::new(Seats::default()), Handle::parse("ada").unwrap());
        let first = Seats::take(&seats, &ada);
        let second = Seats::take(&seats, &ada);
        assert!(first.is_some() && second.is_some());
        assert!(Seats::take(&seats, &ada).is_none());
        assert!(Seats::take(&seats, &Handle::parse("bob").unwrap()).is_some());
        drop(first);
        assert!(Seats::take(&seats, &ada).is_some());
        drop(second);
        assert!(seats.0.lock().unwrap().is_empty());
    }
}
