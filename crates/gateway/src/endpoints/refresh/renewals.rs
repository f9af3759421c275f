//! Which session was renewed on the way to which page, for a minute: what makes a loop end.
//!
//! It is bounded, and forgets the oldest first: forgetting costs one more turn of a loop, nothing else.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use cloakroom_core::Handle;

/// How long one renewal has to suffice for a path.
const WINDOW: Duration = Duration::from_secs(60);

/// How many renewals are remembered.
const REMEMBERED: usize = 1024;

/// Renewals on the way to pages.
#[derive(Default)]
pub(in crate::endpoints) struct Renewals(Mutex<VecDeque<Renewal>>);

struct Renewal {
    session: Handle,
    path: String,
    at: Duration,
}

impl Renewals {
    /// Whether this is the first renewal of the session for the path within the window; remembers it if so.
    pub(super) fn is_first(&self, session: &Handle, path: &str, now: Duration) -> bool {
        let mut renewals = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while renewals
            .front()
            .is_some_and(|oldest| oldest.at + WINDOW <= now)
        {
            renewals.pop_front();
        }
        if renewals
            .iter()
            .any(|one| one.session == *session && one.path == path)
        {
            return false;
        }
        if renewals.len() >= REMEMBERED {
            renewals.pop_front();
        }
        renewals.push_back(Renewal {
            session: session.clone(),
            path: path.to_owned(),
            at: now,
        });
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn one_renewal_suffices_for_a_session_and_a_path_for_a_minute() {
        let (renewals, ada) = (Renewals::default(), Handle::parse("ada").unwrap());
        assert!(renewals.is_first(&ada, "/dashboard", at(0)));
        assert!(!renewals.is_first(&ada, "/dashboard", at(59)));
        assert!(renewals.is_first(&ada, "/dashboard", at(60)));
    }

    #[test]
    fn other_paths_and_other_sessions_have_one_of_their_own() {
        let renewals = Renewals::default();
        let [ada, bob] = ["ada", "bob"].map(|name| Handle::parse(name).unwrap());
        assert!(renewals.is_first(&ada, "/dashboard", at(0)));
        assert!(renewals.is_first(&ada, "/goals", at(0)));
        assert!(renewals.is_first(&bob, "/dashboard", at(0)));
    }

    #[test]
    fn the_memory_is_bounded_and_forgets_the_oldest() {
        let (renewals, ada) = (Renewals::default(), Handle::parse("ada").unwrap());
        for page in 0..=REMEMBERED {
            assert!(renewals.is_first(&ada, &format!("/{page}"), at(0)));
        }
        assert_eq!(renewals.0.lock().unwrap().len(), REMEMBERED);
        assert!(renewals.is_first(&ada, "/0", at(0)));
        assert!(!renewals.is_first(&ada, "/1000", at(0)));
    }
}
