//! Making tokens worthless at the provider, beside the answer: it must neither wait for the provider nor fail
//! because of it (LO-02).

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::ports::{Clock, Provider};
use cloakroom_core::token::TokenSet;
use tokio_util::task::TaskTracker;

use crate::context::Context;

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Revocations under way.
pub(super) struct Revocations {
    provider: Arc<dyn Provider>,
    clock: Arc<dyn Clock>,
    tasks: TaskTracker,
}

impl Revocations {
    /// None yet.
    pub(super) fn new(context: &Context) -> Self {
        Self {
            provider: Arc::clone(&context.provider),
            clock: Arc::clone(&context.clock),
            tasks: TaskTracker::new(),
        }
    }

    /// Revokes `tokens` in a task of its own, which outlives the request. What the provider does not hear of
    /// ends there by itself; the session is over here either way.
    pub(super) fn begin(&self, tokens: TokenSet) {
        let provider = Arc::clone(&self.provider);
        let clock = Arc::clone(&self.clock);
        self.tasks.spawn(async move {
            tokio::select! {
                outcome = provider.revoke(&tokens) => if let Err(cause) = outcome {
                    tracing::warn!(provider = %provider.id(), %cause, "tokens were not revoked");
                },
                () = clock.sleep(PATIENCE) => {
                    tracing::warn!(provider = %provider.id(), "tokens were not revoked in time");
                }
            }
        });
    }
}
