//! The one type for a point in time: microseconds since the Unix epoch, always taken from a [`Clock`].
//!
//! [`Clock`]: crate::ports::Clock

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z. Arithmetic saturates: no input can make it panic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Timestamp(i64);

impl Timestamp {
    /// The earliest point there is; sorts before everything.
    pub const MIN: Self = Self(i64::MIN);

    /// Takes microseconds since the epoch, the unit of every stored time.
    pub const fn from_micros(micros: i64) -> Self {
        Self(micros)
    }

    /// Takes whole seconds since the epoch, the unit of JWT claims (RFC 7519 §2, `NumericDate`).
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the epoch.
    pub const fn as_micros(self) -> i64 {
        self.0
    }

    /// Whole seconds since the epoch, rounded down.
    pub const fn as_secs(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This point, `by` later.
    #[must_use]
    pub fn plus(self, by: Duration) -> Self {
        Self(self.0.saturating_add(micros(by)))
    }

    /// This point, `by` earlier.
    #[must_use]
    pub fn minus(self, by: Duration) -> Self {
        Self(self.0.saturating_sub(micros(by)))
    }

    /// How long after `earlier` this point is; zero when it is not after it.
    pub fn since(self, earlier: Self) -> Duration {
        let micros = self.0.saturating_sub(earlier.0).max(0);
        Duration::from_micros(micros.unsigned_abs())
    }

    /// How long from `now` until this point; zero once it has come.
    pub fn until(self, now: Self) -> Duration {
        self.since(now)
    }

    /// Whether a deadline at this point has come at `now`. A deadline counts as come at its own instant.
    pub fn has_come(self, now: Self) -> bool {
        self.0 <= now.0
    }
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_saturates_instead_of_overflowing() {
        let far = Timestamp::from_micros(i64::MAX);
        assert_eq!(far.plus(Duration::from_secs(1)), far);
        assert_eq!(Timestamp::MIN.minus(Duration::MAX), Timestamp::MIN);
        assert_eq!(Timestamp::MIN.since(far), Duration::ZERO);
    }

    #[test]
    fn a_deadline_has_come_at_its_own_instant() {
        let at = Timestamp::from_secs(10);
        assert!(at.has_come(at));
        assert!(!at.has_come(at.minus(Duration::from_micros(1))));
    }

    #[test]
    fn seconds_round_down_before_the_epoch_too() {
        assert_eq!(Timestamp::from_micros(-1).as_secs(), -1);
    }
}
