//! When a token has to be renewed: a pure function of its life.

use std::time::Duration;

use cloakroom_core::Timestamp;

/// The least time ahead of its end at which the renewal of a token begins, if its life allows.
const AHEAD: Duration = Duration::from_secs(60);

/// The most life that a forwarded token is guaranteed to have left.
const LEFT: Duration = Duration::from_secs(30);

/// The two moments at which a token's renewal becomes possible and inevitable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Deadlines {
    soon: Timestamp,
    must: Timestamp,
}

/// What is due at some moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Due {
    /// Nothing.
    No,
    /// A renewal, but the token is still good to use.
    Soon,
    /// A renewal before the token is used.
    Now,
}

impl Deadlines {
    /// For a token that was received at `received` and ends at `expires`. The seed spreads sessions that were
    /// begun together over up to a tenth of the time ahead; it only ever makes a renewal later, so that the
    /// guaranteed rest of life stays ahead of the end.
    pub(crate) fn of(received: Timestamp, expires: Timestamp, jitter_seed: u64) -> Self {
        let life = expires.since(received);
        let ahead = AHEAD.max(life / 5).min(life / 2);
        let thousandths = u32::try_from(jitter_seed % 1000).unwrap_or(0);
        let ahead = ahead.saturating_sub(ahead / 10_000 * thousandths);
        Self {
            soon: expires.minus(ahead),
            must: expires.minus(LEFT.min(life / 4)),
        }
    }

    /// What is due at `now`.
    pub(crate) fn due(&self, now: Timestamp) -> Due {
        if self.must.has_come(now) {
            Due::Now
        } else if self.soon.has_come(now) {
            Due::Soon
        } else {
            Due::No
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_secs(secs)
    }

    #[test]
    fn a_token_is_renewed_ahead_of_its_end_by_the_formula() {
        // (life, soon before the end, must before the end), in seconds
        for (life, soon, must) in [
            (14 * 24 * 3600, 241_920, 30),
            (3600, 720, 30),
            (900, 180, 30),
            (300, 60, 30),
            (240, 60, 30),
            (120, 60, 30),
            (100, 50, 25),
            (60, 30, 15),
            (20, 10, 5),
        ] {
            let deadlines = Deadlines::of(at(1000), at(1000 + life), 0);
            let end = 1000 + life;
            let due = |before: i64| deadlines.due(at(end - before));
            assert_eq!(due(soon + 1), Due::No, "{life}");
            assert_eq!(due(soon), Due::Soon, "{life}");
            assert_eq!(due(must + 1), Due::Soon, "{life}");
            assert_eq!(due(must), Due::Now, "{life}");
            assert_eq!(due(-100), Due::Now, "{life}");
        }
    }

    #[test]
    fn jitter_takes_at_most_a_tenth_of_the_time_ahead() {
        for seed in [0, 1, 499, 999, 1000, u64::MAX] {
            let deadlines = Deadlines::of(at(0), at(900), seed);
            assert_eq!(deadlines.due(at(900 - 181)), Due::No, "{seed}");
            assert_eq!(deadlines.due(at(900 - 162)), Due::Soon, "{seed}");
        }
        assert_ne!(
            Deadlines::of(at(0), at(900), 1),
            Deadlines::of(at(0), at(900), 2)
        );
    }

    #[test]
    fn a_token_without_a_life_is_due_at_once() {
        assert_eq!(Deadlines::of(at(10), at(10), 7).due(at(10)), Due::Now);
        assert_eq!(Deadlines::of(at(10), at(5), 7).due(at(10)), Due::Now);
    }
}
