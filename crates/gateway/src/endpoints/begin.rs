//! From a provider's grant to a session of this browser: what login and registration have in common.

use std::sync::Arc;

use cloakroom_core::Timestamp;
use cloakroom_core::token::Grant;

use super::ask::Ask;
use super::client::Client;
use super::revoke::revoke;
use crate::refusal::Refusal;
use crate::session::{BeginError, Session, SessionChange};

/// A session that has just begun.
pub(super) struct Begun {
    /// The session.
    pub(super) session: Arc<Session>,
    /// What the browser gets.
    pub(super) change: SessionChange,
}

/// Begins a session for a login that was sent at `began`; the browser's live one ends as replaced (CK-11).
/// Tokens that lead to no session, and those of the session that was replaced, are revoked.
pub(super) async fn begin(
    ask: &Ask,
    grant: Grant,
    began: Timestamp,
    client: Client,
) -> Result<Begun, Refusal> {
    let replaced = ask.session_if_any()?;
    let granted = grant.tokens.clone();
    let sessions = &ask.context().sessions;
    let outcome = sessions
        .begin(grant, began, &client.context, replaced.map(AsRef::as_ref))
        .await;
    let (session, cookie) = outcome.map_err(|error| {
        revoke(ask.context(), granted);
        refusal(&error)
    })?;
    if let Some(old) = replaced {
        revoke(ask.context(), old.tokens.clone());
    }
    Ok(Begun {
        session,
        change: SessionChange::Begin {
            cookie,
            device: client.named,
        },
    })
}

fn refusal(error: &BeginError) -> Refusal {
    match error {
        // It ended before it began: there is no cookie to clear, and trying again is the right thing to do.
        BeginError::Refused(reason) => {
            tracing::info!(
                reason = reason.as_str(),
                "a login was overtaken by an ending"
            );
            Refusal::Unauthenticated(None)
        }
        BeginError::Store(cause) => {
            tracing::warn!(%cause, "a session could not be stored");
            Refusal::StoreUnavailable
        }
        BeginError::Grant(cause) => {
            tracing::error!(%cause, "a grant could not become a session");
            Refusal::Internal
        }
    }
}
