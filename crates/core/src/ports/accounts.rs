//! The optional port of a provider that lets users manage their own account.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;

use super::ClientContext;
use crate::secret::SecretString;
use crate::token::{AccessToken, Grant};
use crate::user::{Profile, UniqueField};

/// A registration form.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to greet with.
    pub name: String,
    /// The name to log in with.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// The password, as typed.
    pub password: SecretString,
    /// Where it was typed.
    pub client: ClientContext,
}

/// What a user changes about themselves; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct ProfileChange {
    /// A new name to greet with.
    pub name: Option<String>,
    /// A new name to log in with.
    pub username: Option<String>,
    /// A new e-mail address.
    pub email: Option<String>,
}

/// A change of password by its owner.
#[derive(Clone, Debug)]
pub struct PasswordChange {
    /// The password until now.
    pub current: SecretString,
    /// The password from now on.
    pub new: SecretString,
    /// Whether all other logins of the user end with it.
    pub end_others: bool,
}

/// Why an account operation was not done.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountError {
    /// The value belongs to somebody else.
    #[error("the {0} is taken")]
    Taken(UniqueField),
    /// Fields are wrong: name of the field to a sentence for the person who typed it.
    #[error("fields are invalid")]
    Invalid(BTreeMap<String, String>),
    /// The current password is not the one given.
    #[error("the current password is wrong")]
    WrongPassword,
    /// The access token is not accepted (any more).
    #[error("the provider does not accept the access token")]
    Unauthorized,
    /// Too many attempts.
    #[error("the provider asks to wait {} s", retry_after.as_secs())]
    RateLimited {
        /// How long to wait.
        retry_after: Duration,
    },
    /// It cannot be reached; nothing is known.
    #[error("the provider is unavailable: {0}")]
    Unavailable(String),
    /// It answered something that does not follow its protocol.
    #[error("the provider answered nonsense: {0}")]
    Nonsense(String),
}

/// What account pages may ask of an identity service.
#[async_trait]
pub trait Accounts: Send + Sync {
    /// Creates the account and logs it in.
    async fn register(&self, new: NewAccount) -> Result<Grant, AccountError>;

    /// The profile as it is now.
    async fn profile(&self, who: &AccessToken) -> Result<Profile, AccountError>;

    /// Changes the profile and returns it.
    async fn change_profile(
        &self,
        who: &AccessToken,
        change: ProfileChange,
    ) -> Result<Profile, AccountError>;

    /// Changes the password. The login that `who` belongs to goes on.
    async fn change_password(
        &self,
        who: &AccessToken,
        change: PasswordChange,
        client: &ClientContext,
    ) -> Result<(), AccountError>;
}
