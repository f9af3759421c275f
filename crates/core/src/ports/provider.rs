//! The port to whoever knows the users: the built-in identity service, or a backend that is already there.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;

use super::Accounts;
use crate::ProviderId;
use crate::secret::SecretString;
use crate::token::{Grant, RefreshToken, TokenSet};

/// The browser behind a call, for the provider's own limits and lists.
#[derive(Clone, Debug)]
pub struct ClientContext {
    /// The client's address as the gateway believes it.
    pub ip: IpAddr,
    /// `User-Agent`, cut to 256 bytes.
    pub user_agent: String,
    /// A long-lived random name of the browser, by which an account recognises a device that has logged in
    /// before.
    pub device: Option<String>,
}

/// What somebody typed to log in.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// User name or e-mail address.
    pub identifier: String,
    /// The password, as typed.
    pub password: SecretString,
    /// Where it was typed.
    pub client: ClientContext,
}

/// How a provider takes a refresh token that it has already seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Retry {
    /// It answers the same again: repeat at once.
    Idempotent,
    /// It answers again within this time.
    Window(Duration),
    /// It counts a repeat as theft, or is not known not to: repeat only when there is nothing left to lose.
    Never,
}

/// Why a provider did not do what was asked.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ProviderError {
    /// Name and password do not belong together, or the account is disabled: one answer for all.
    #[error("the provider refused the credentials")]
    InvalidCredentials,
    /// Too many attempts.
    #[error("the provider asks to wait {} s", retry_after.as_secs())]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// The refresh token is worth nothing, for certain (`invalid_grant`, RFC 6749 §5.2).
    #[error("the provider refused the refresh token")]
    Refused,
    /// The refresh token was ours, but has been spent and its successor used: somebody stored a newer one.
    #[error("the refresh token is stale")]
    Stale,
    /// The provider has never seen this refresh token: it may have lost its last commits.
    #[error("the provider does not know the refresh token")]
    Unknown,
    /// It cannot be reached or says that it cannot answer now; nothing is known.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// It answered something that does not follow its protocol, or a token that does not verify.
    #[error("the provider answered nonsense: {0}")]
    Nonsense(String),
}

impl ProviderError {
    /// Whether a session whose refresh fails this way is over (RFC 9700 §4.14). Everything else keeps it.
    pub const fn is_final(&self) -> bool {
        match self {
            Self::Refused => true,
            Self::InvalidCredentials
            | Self::RateLimited { .. }
            | Self::Stale
            | Self::Unknown
            | Self::Unavailable(_)
            | Self::Nonsense(_) => false,
        }
    }
}

/// One configured provider.
#[async_trait]
pub trait Provider: Send + Sync {
    /// Its name in the configuration.
    fn id(&self) -> &ProviderId;

    /// How it takes a repeated refresh.
    fn retry(&self) -> Retry;

    /// Exchanges credentials for a grant whose tokens have been verified as far as that is possible.
    async fn login(&self, who: Credentials) -> Result<Grant, ProviderError>;

    /// Exchanges a refresh token for a new grant. A grant without a refresh token means: keep the old one.
    async fn refresh(&self, token: &RefreshToken) -> Result<Grant, ProviderError>;

    /// Makes the tokens worthless at the provider (RFC 7009). Doing it twice is not an error.
    async fn revoke(&self, tokens: &TokenSet) -> Result<(), ProviderError>;

    /// What account pages may ask; `None` where users are managed elsewhere.
    fn accounts(&self) -> Option<&dyn Accounts> {
        None
    }
}
