//! Deletes what is past its end, at the start and then hourly, in small batches, so that no login waits behind a long
//! transaction. At the start, so that a service that never runs for an hour is cleaned too.

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
                self.purge().await;
                self.clock.sleep(EVERY).await;
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
