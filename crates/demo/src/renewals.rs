//! How often a session's access token has been renewed, as far as this app has seen: what makes the silent
//! refresh visible on the dashboard.
//!
//! It counts the different tokens (`jti`) that arrived for a session (`sid`). A renewal whose token was never
//! used here is not counted, and a restart begins anew: this is a window onto the gateway, not a record.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_core::Timestamp;

/// Sessions that are remembered; the one seen longest ago makes room.
const MAX_SESSIONS: usize = 1024;

/// The part of an access token that matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) sid: String,
    pub(crate) jti: String,
    pub(crate) issued: Timestamp,
}

/// The counts of all sessions. Clones share them.
#[derive(Clone, Default)]
pub(crate) struct Renewals(Arc<Mutex<HashMap<String, Count>>>);

struct Count {
    tokens: u32,
    newest: Seen,
    seen_at: Timestamp,
}

impl Renewals {
    /// Notes a token and says the how manyth of its session it is.
    pub(crate) fn note(&self, seen: Seen, now: Timestamp) -> u32 {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&seen.sid) {
            count.seen_at = now;
            // A request with the token before may arrive after one with the new token: only a token that is
            // not older than the newest one can be a renewal.
            if seen.jti != count.newest.jti && seen.issued >= count.newest.issued {
                count.tokens = count.tokens.saturating_add(1);
                count.newest = seen;
            }
            return count.tokens;
        }
        if counts.len() >= MAX_SESSIONS {
            forget_oldest(&mut counts);
        }
        let first = Count {
            tokens: 1,
            newest: seen.clone(),
            seen_at: now,
        };
        counts.insert(seen.sid, first);
        1
    }
}

/// Looks at all of them: only a new session beyond the limit pays for it.
fn forget_oldest(counts: &mut HashMap<String, Count>) {
    let oldest = counts
        .iter()
        .min_by_key(|(_, count)| count.seen_at)
        .map(|(sid, _)| sid.clone());
    if let Some(sid) = oldest {
        counts.remove(&sid);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(sid: &str, jti: &str, issued: i64) -> Seen {
        Seen {
            sid: sid.into(),
            jti: jti.into(),
            issued: Timestamp::from_secs(issued),
        }
    }

    #[test]
    fn each_new_token_of_a_session_counts_once() {
        let (renewals, now) = (Renewals::default(), Timestamp::from_secs(100));
        assert_eq!(renewals.note(token("s", "a", 10), now), 1);
        assert_eq!(renewals.note(token("s", "a", 10), now), 1);
        assert_eq!(renewals.note(token("s", "b", 70), now), 2);
        assert_eq!(renewals.note(token("other", "b", 70), now), 1);
    }

    #[test]
    fn a_straggler_with_the_token_before_is_no_renewal() {
        let (renewals, now) = (Renewals::default(), Timestamp::from_secs(100));
        renewals.note(token("s", "a", 10), now);
        renewals.note(token("s", "b", 70), now);
        assert_eq!(renewals.note(token("s", "a", 10), now), 2);
        assert_eq!(renewals.note(token("s", "b", 70), now), 2);
    }

    #[test]
    fn memory_is_bounded_and_the_session_seen_longest_ago_goes_first() {
        let renewals = Renewals::default();
        for n in 0..=i64::try_from(MAX_SESSIONS).unwrap() {
            renewals.note(token(&format!("s{n}"), "a", 0), Timestamp::from_secs(n));
        }
        let later = Timestamp::from_secs(10_000);
        assert_eq!(renewals.0.lock().unwrap().len(), MAX_SESSIONS);
        assert_eq!(
            renewals.note(token("s1", "b", 1), later),
            2,
            "the second oldest is still known"
        );
        assert_eq!(
            renewals.note(token("s0", "b", 1), later),
            1,
            "the oldest was forgotten"
        );
    }
}
