//! What a provider's "no" means to whoever asked us: one exhaustive match for each of its error enums.

use cloakroom_core::ProviderId;
use cloakroom_core::ports::{AccountError, ProviderError};
use cloakroom_core::user::UniqueField;

use crate::refusal::Refusal;

/// What a failed login means. The provider's own words go to the log alone (AU-05).
pub(super) fn login(error: ProviderError, provider: &ProviderId) -> Refusal {
    match error {
        ProviderError::InvalidCredentials => Refusal::InvalidCredentials,
        ProviderError::RateLimited { retry_after } => Refusal::RateLimited(retry_after),
        ProviderError::Unavailable(cause) => unavailable(provider, &cause),
        ProviderError::Nonsense(cause) => nonsense(provider, &cause),
        // Words about a refresh token, which nobody presented.
        ProviderError::Refused | ProviderError::Stale | ProviderError::Unknown => {
            nonsense(provider, "an answer about refreshing to a login")
        }
    }
}

/// What a failed account operation means.
pub(super) fn account(error: AccountError, provider: &ProviderId) -> Refusal {
    match error {
        AccountError::Taken(UniqueField::Username) => Refusal::UsernameTaken,
        AccountError::Taken(UniqueField::Email) => Refusal::EmailTaken,
        AccountError::Invalid(fields) => Refusal::InvalidFields(fields),
        AccountError::WrongPassword => Refusal::InvalidFields(
            [(
                "current_password".to_owned(),
                "This is not your password.".to_owned(),
            )]
            .into(),
        ),
        AccountError::RateLimited { retry_after } => Refusal::RateLimited(retry_after),
        AccountError::Unavailable(cause) => unavailable(provider, &cause),
        AccountError::Nonsense(cause) => nonsense(provider, &cause),
        AccountError::Unauthorized => nonsense(provider, "a fresh access token was refused"),
    }
}

fn unavailable(provider: &ProviderId, cause: &str) -> Refusal {
    tracing::warn!(%provider, cause, "the provider is unavailable");
    Refusal::ProviderUnavailable
}

fn nonsense(provider: &ProviderId, cause: &str) -> Refusal {
    tracing::error!(%provider, cause, "the provider answered nonsense");
    Refusal::BadUpstream(provider.as_str().to_owned())
}
