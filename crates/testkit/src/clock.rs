//! The one clock of a test: it stands still until the test moves it, and nothing ever waits in real time.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use cloakroom_core::Timestamp;
use cloakroom_core::ports::Clock;
use tokio::sync::watch;

/// A clock that is moved by hand.
///
/// Moving it wakes the tasks whose wait is over, but does not run them: wait for what they do, or for them to
/// sleep again ([`Self::until_sleepers`]).
#[derive(Debug)]
pub struct TestClock {
    now: Mutex<Timestamp>,
    ticks: watch::Sender<Duration>,
    sleepers: watch::Sender<usize>,
}

impl TestClock {
    /// Stands at an arbitrary, fixed moment.
    pub fn new() -> Self {
        Self::starting_at(Timestamp::from_secs(1_800_000_000))
    }

    /// Stands at `now`.
    pub fn starting_at(now: Timestamp) -> Self {
        Self {
            now: Mutex::new(now),
            ticks: watch::Sender::new(Duration::ZERO),
            sleepers: watch::Sender::new(0),
        }
    }

    /// Moves both clocks forward and wakes everybody whose wait is over.
    pub fn advance(&self, by: Duration) {
        let mut now = self.now.lock().unwrap_or_else(PoisonError::into_inner);
        *now = now.plus(by);
        drop(now);
        self.ticks.send_modify(|ticks| *ticks += by);
    }

    /// Makes the wall clock jump, as an administrator or NTP would; no wait gets shorter by it.
    pub fn set_wall(&self, now: Timestamp) {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner) = now;
    }

    /// How many tasks sleep on this clock right now.
    pub fn sleepers(&self) -> usize {
        *self.sleepers.borrow()
    }

    /// Returns once at least `count` tasks sleep on this clock.
    pub async fn until_sleepers(&self, count: usize) {
        // The sender lives in `self`, so the channel cannot close while it is waited on.
        let _ = self
            .sleepers
            .subscribe()
            .wait_for(|sleeping| *sleeping >= count)
            .await;
    }
}

impl Default for TestClock {
    fn default() -> Self {
        Self::new()
    }
}

#[async_trait]
impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        *self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ticks(&self) -> Duration {
        *self.ticks.borrow()
    }

    async fn sleep(&self, duration: Duration) {
        let mut ticks = self.ticks.subscribe();
        let wake_at = self.ticks() + duration;
        if duration.is_zero() {
            return;
        }
        let _asleep = Asleep::count_in(&self.sleepers);
        let _ = ticks.wait_for(|ticks| *ticks >= wake_at).await;
    }
}

/// Counts one sleeper for as long as it lives: a cancelled sleep is not counted any more.
struct Asleep<'a>(&'a watch::Sender<usize>);

impl<'a> Asleep<'a> {
    fn count_in(sleepers: &'a watch::Sender<usize>) -> Self {
        sleepers.send_modify(|count| *count += 1);
        Self(sleepers)
    }
}

impl Drop for Asleep<'_> {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn a_sleeper_wakes_when_its_time_has_come_and_not_before() {
        let clock = Arc::new(TestClock::new());
        let sleeper = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep(Duration::from_secs(5)).await }
        });
        clock.until_sleepers(1).await;
        clock.advance(Duration::from_millis(4999));
        tokio::task::yield_now().await;
        assert!(!sleeper.is_finished());
        clock.advance(Duration::from_millis(1));
        sleeper.await.unwrap();
        assert_eq!(clock.sleepers(), 0);
    }

    #[tokio::test]
    async fn a_cancelled_sleeper_is_not_counted() {
        let clock = Arc::new(TestClock::new());
        let sleeper = tokio::spawn({
            let clock = Arc::clone(&clock);
            async move { clock.sleep(Duration::from_secs(5)).await }
        });
        clock.until_sleepers(1).await;
        sleeper.abort();
        assert!(sleeper.await.unwrap_err().is_cancelled());
        assert_eq!(clock.sleepers(), 0);
    }

    #[tokio::test]
    async fn a_jump_of_the_wall_clock_ends_no_sleep() {
        let clock = TestClock::new();
        clock.set_wall(Timestamp::from_secs(2_000_000_000));
        assert_eq!(clock.now(), Timestamp::from_secs(2_000_000_000));
        assert_eq!(clock.ticks(), Duration::ZERO);
    }
}
