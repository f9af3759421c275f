//! Deletes what is past its end, hourly and in small batches, so that no login waits behind a long transaction.

use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::service::Identity;

const EVERY: Duration = Duration::from_secs(3600);
const BATCH: u32 = 500;
const BETWEEN_BATCHES: Duration = Duration::from_millis(100);

impl Identity {
    /// Purges ended families and called-back tokens until `stop` is cancelled.
    pub async fn housekeeping(self: Arc<Self>, stop: CancellationToken) {
        let work = async {
            loop {
                self.clock.sleep(EVERY).await;
                self.purge().await;
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    async fn purge(&self) {
        loop {
            match self.families.purge(self.clock.now(), BATCH).await {
                Ok(0) => return,
                Ok(rows) => tracing::debug!(rows, "purged ended families"),
                Err(error) => {
                    tracing::warn!(%error, "purging ended families failed; the next round tries again");
                    return;
                }
            }
            self.clock.sleep(BETWEEN_BATCHES).await;
        }
    }
}
