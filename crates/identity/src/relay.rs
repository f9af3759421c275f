//! Tells the gateways which logins have ended, from the durable outbox.
//!
//! 1. Endings are told in the order in which they happened, each until it was heard; an ending is forgotten only after
//!    that. A crash in between tells it twice, which changes nothing for who hears it.
//! 2. Whoever cannot hear is asked again after 250 ms, then twice as long each time, at most 30 s.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::ProviderId;
use cloakroom_core::ports::{Ending, Endings, StoreError};
use tokio_util::sync::CancellationToken;

use crate::service::Identity;

const EVERY: Duration = Duration::from_millis(250);
const AT_MOST: Duration = Duration::from_secs(30);
const BATCH: u32 = 64;

impl Identity {
    /// Delivers endings, as those of `provider`, until `stop` is cancelled.
    pub async fn relay(
        self: Arc<Self>,
        provider: ProviderId,
        endings: Arc<dyn Endings>,
        stop: CancellationToken,
    ) {
        let work = async {
            let mut pause = EVERY;
            loop {
                self.clock.sleep(pause).await;
                pause = match self.deliver(&provider, endings.as_ref()).await {
                    Ok(()) => EVERY,
                    Err(error) => {
                        tracing::warn!(%error, "an ending could not be delivered; trying again");
                        pause.saturating_mul(2).min(AT_MOST)
                    }
                };
            }
        };
        tokio::select! {
            () = stop.cancelled() => {}
            () = work => {}
        }
    }

    /// Delivers everything that waits. Stops at the first that is not heard, so that the order stands.
    async fn deliver(
        &self,
        provider: &ProviderId,
        endings: &dyn Endings,
    ) -> Result<(), StoreError> {
        loop {
            let waiting = self.users.outbox(BATCH).await?;
            if waiting.is_empty() {
                return Ok(());
            }
            for event in waiting {
                let ending = Ending {
                    provider: provider.clone(),
                    whose: event.whose,
                    reason: event.reason,
                    at: event.at,
                };
                endings.ended(&ending).await?;
                self.users.delivered(event.seq).await?;
            }
        }
    }
}
