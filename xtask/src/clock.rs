//! The one place of the tasks that reads a clock or waits.
//!
//! The product takes its time from a port, so that tests can move it. A task measures real
//! programs and waits for real processes: it needs the machine's own clock.

use std::time::{Duration, Instant};

use anyhow::Result;

/// Between two looks at a process that gives no signal of its own.
const PAUSE: Duration = Duration::from_millis(20);

/// Time since a start.
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "a task measures real time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Asks until there is an answer; `None` when `limit` has passed without one.
#[expect(
    clippy::disallowed_methods,
    reason = "another process gets ready or ends: there is nothing to wait on but the look itself"
)]
pub(crate) fn wait_for<T>(
    limit: Duration,
    mut ask: impl FnMut() -> Result<Option<T>>,
) -> Result<Option<T>> {
    let watch = Stopwatch::start();
    loop {
        if let Some(answer) = ask()? {
            return Ok(Some(answer));
        }
        if watch.elapsed() > limit {
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}
