//! How a flight ends when it does not end with new tokens, and how long the next one then has to wait.

use std::time::Duration;

use cloakroom_core::EndReason;
use cloakroom_core::ports::{ProviderError, StoreError};

use super::Unfresh;

/// The least time between two attempts while a token is still good.
const REST: Duration = Duration::from_secs(1);

/// The longest time a provider's own wish is followed.
const LONGEST_REST: Duration = Duration::from_secs(60);

/// A flight that brought nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Failure {
    /// What its passengers are told.
    pub(super) why: Unfresh,
    /// How long no other flight begins while the token is still good.
    pub(super) rest: Duration,
}

impl Failure {
    /// The session is over.
    pub(super) const fn ended(reason: EndReason) -> Self {
        Self {
            why: Unfresh::Ended(reason),
            rest: Duration::ZERO,
        }
    }

    /// Nothing is known; another attempt may begin after `rest`, or a second if that is longer.
    pub(super) fn unavailable(rest: Duration) -> Self {
        Self {
            why: Unfresh::Unavailable,
            rest: rest.max(REST),
        }
    }

    /// The store did not do its part.
    pub(super) fn store(cause: &StoreError) -> Self {
        tracing::warn!(target: "cloakroom::refresh", %cause, "the session store is in the way of a refresh");
        Self {
            why: Unfresh::StoreUnavailable,
            rest: REST,
        }
    }
}

/// What a provider's answer means for the session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    /// It is over, for certain.
    Over(EndReason),
    /// Somebody has stored newer tokens, or the store has lost them.
    Overtaken,
    /// The provider has not looked at the token: ask again after this time.
    Later(Duration),
    /// The provider may or may not have spent the token.
    Unclear,
}

/// One answer, one meaning: the only place that decides whether a session survives a failed refresh.
pub(super) fn meaning(error: &ProviderError) -> Meaning {
    match error {
        // A token that is unknown after its predecessor was unknown too: nothing of the family is left.
        ProviderError::Refused | ProviderError::Unknown => Meaning::Over(EndReason::IssuerRefused),
        ProviderError::Stale => Meaning::Overtaken,
        ProviderError::RateLimited { retry_after } => {
            Meaning::Later((*retry_after).min(LONGEST_REST))
        }
        ProviderError::InvalidCredentials
        | ProviderError::Unavailable(_)
        | ProviderError::Nonsense(_) => Meaning::Unclear,
    }
}

/// The metric's label for a provider's answer.
pub(super) const fn verdict(error: &ProviderError) -> &'static str {
    match error {
        ProviderError::InvalidCredentials => "invalid_credentials",
        ProviderError::RateLimited { .. } => "rate_limited",
        ProviderError::Refused => "refused",
        ProviderError::Stale => "stale",
        ProviderError::Unknown => "unknown",
        ProviderError::Unavailable(_) => "unavailable",
        ProviderError::Nonsense(_) => "nonsense",
    }
}
