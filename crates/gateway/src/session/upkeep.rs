//! What is done for sessions beside answering requests: listening to the feed, writing what was left for later,
//! and deleting what is long over.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Sessions;

/// How often the feed is read. Four looks in the second for which one counts: a slow one costs nothing.
const LOOK_EVERY: Duration = Duration::from_millis(250);

/// How often slides and endings are written.
const WRITE_EVERY: Duration = Duration::from_secs(1);

/// How often sessions past their absolute end are deleted.
const PURGE_EVERY: Duration = Duration::from_secs(15 * 60);

/// How many are deleted at once: a purge never holds up the store for long.
const PURGE_BATCH: u32 = 500;

/// How long a purge rests between two batches.
const PURGE_REST: Duration = Duration::from_millis(250);

impl Sessions {
    /// Does all of it until `stop`, and writes what is left then.
    pub(crate) async fn run(self: Arc<Self>, stop: CancellationToken) {
        tokio::join!(self.follow(&stop), self.write(&stop), self.purge(&stop));
        self.flush().await;
    }

    async fn follow(&self, stop: &CancellationToken) {
        loop {
            // What failed is logged there, and tried again at the next turn.
            let _ = self.read_feed().await;
            // No user has 2^52 sessions in one process: nothing is lost by the conversion.
            #[expect(clippy::cast_precision_loss, reason = "a gauge of cached sessions")]
            metrics::gauge!("cloakroom_sessions").set(self.cache.len() as f64);
            if !self.rest(LOOK_EVERY, stop).await {
                return;
            }
        }
    }

    async fn write(&self, stop: &CancellationToken) {
        while self.rest(WRITE_EVERY, stop).await {
            self.flush().await;
        }
    }

    async fn purge(&self, stop: &CancellationToken) {
        while self.rest(PURGE_EVERY, stop).await {
            loop {
                match self.store.purge(self.clock.now(), PURGE_BATCH).await {
                    Ok(gone) if gone >= u64::from(PURGE_BATCH) => {}
                    Ok(_) => break,
                    Err(cause) => {
                        tracing::warn!(target: "cloakroom::session", %cause, "old sessions are not deleted yet");
                        break;
                    }
                }
                if !self.rest(PURGE_REST, stop).await {
                    return;
                }
            }
        }
    }

    /// Waits; `false` if it is time to stop.
    async fn rest(&self, duration: Duration, stop: &CancellationToken) -> bool {
        tokio::select! {
            biased;
            () = stop.cancelled() => false,
            () = self.clock.sleep(duration) => true,
        }
    }
}
