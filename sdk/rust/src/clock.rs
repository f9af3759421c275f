//! The one place where this crate reads the time, and the seam by which a test replaces it.

use std::time::{Duration, Instant, SystemTime};

/// Reads the time.
pub trait Now: Send + Sync {
    /// The wall clock, in seconds since the Unix epoch: what a token's `exp` is measured with.
    fn secs(&self) -> i64;

    /// Time since an arbitrary start, which never goes backwards: what the age of fetched keys is measured with.
    fn ticks(&self) -> Duration;
}

/// The system's clocks.
#[derive(Clone, Copy, Debug)]
pub struct SystemNow {
    started: Instant,
}

impl SystemNow {
    /// Starts counting ticks.
    pub fn new() -> Self {
        Self { started: read().1 }
    }
}

impl Default for SystemNow {
    fn default() -> Self {
        Self::new()
    }
}

impl Now for SystemNow {
    fn secs(&self) -> i64 {
        // A clock before 1970 makes every token one from the future, so nothing verifies.
        let since_epoch = read().0.duration_since(SystemTime::UNIX_EPOCH);
        since_epoch.map_or(0, |time| i64::try_from(time.as_secs()).unwrap_or(i64::MAX))
    }

    fn ticks(&self) -> Duration {
        read().1.saturating_duration_since(self.started)
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the system's clocks; everything else takes `Now`"
)]
fn read() -> (SystemTime, Instant) {
    (SystemTime::now(), Instant::now())
}
