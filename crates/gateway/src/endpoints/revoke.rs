//! Making tokens worthless at the provider, beside the answer: it must neither wait for the provider nor fail
//! because of it (LO-02).

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::token::TokenSet;

use crate::context::Context;

/// How long the provider may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// Revokes `tokens` in a task of its own, which outlives the request. What the provider does not hear of ends
/// there by itself; the session is over here either way.
pub(super) fn revoke(context: &Context, tokens: TokenSet) {
    let provider = Arc::clone(&context.provider);
    let clock = Arc::clone(&context.clock);
    context.tasks.spawn(async move {
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
