//! The port through which all time comes, so that a test can move it.

use std::time::Duration;

use async_trait::async_trait;

use crate::time::Timestamp;

/// Reads the time and waits. Every wait of this program goes through it.
#[async_trait]
pub trait Clock: Send + Sync {
    /// The wall clock. It may jump; deadlines that are stored are measured with it.
    fn now(&self) -> Timestamp;

    /// Time since an arbitrary start, which never goes backwards: for intervals inside one process.
    fn ticks(&self) -> Duration;

    /// Returns once [`Self::ticks`] has advanced by `duration`.
    async fn sleep(&self, duration: Duration);
}
