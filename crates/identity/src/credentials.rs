//! Weighs a password: the same work and the same answer, whoever the account is and whether there is one.
//!
//! 1. The attempt is counted first; a refused one never reaches the hasher.
//! 2. An account that does not exist, one that is disabled and one whose password is wrong all cost the same lookups
//!    and one hash, and are all [`CredentialError::Wrong`] (LG-11).
//! 3. A right password with an outdated hash is hashed again, on the way (ID-01).

use cloakroom_core::Digest;
use cloakroom_core::ports::{StoreError, User, UserKey};
use uuid::Uuid;

use crate::attempts::{Attempt, Target, TooMany};
use crate::caller::Caller;
use crate::names;
use crate::password::{Busy, Password, PolicyError};
use crate::service::Identity;
use crate::sha256::sha256;

/// Why a password was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CredentialError {
    /// It is not the account's, or there is no account, or it is disabled.
    #[error("wrong credentials")]
    Wrong,
    /// The limit of the account or of the network is reached.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The hasher has no room.
    #[error(transparent)]
    Busy(#[from] Busy),
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whose password is meant.
pub(crate) enum Claimant<'a> {
    /// An account that exists.
    User(&'a User),
    /// A name that nobody has, by its hash.
    Nobody(Digest),
}

impl Identity {
    /// The user with this name or address, disabled ones included.
    pub(crate) async fn identify(&self, identifier: &str) -> Result<Option<User>, StoreError> {
        let key = if identifier.contains('@') {
            names::email(identifier).map(UserKey::Email)
        } else {
            names::username(identifier).map(UserKey::Username)
        };
        match key {
            Ok(key) => self.users.find(&key).await,
            Err(_) => Ok(None),
        }
    }

    /// Weighs `password` as the one of `claimant`, on behalf of `caller`.
    pub(crate) async fn weigh(
        &self,
        claimant: Claimant<'_>,
        password: Password,
        caller: &Caller,
    ) -> Result<(), CredentialError> {
        let user = match claimant {
            Claimant::User(user) => Some(user),
            Claimant::Nobody(_) => None,
        };
        let known = self.known_device(user.map(|user| user.id), caller).await?;
        let target = match &claimant {
            Claimant::User(user) => Target::user(user.id, known),
            Claimant::Nobody(name) => Target::Nobody(*name.as_bytes()),
        };
        let attempt = self.attempts.password(target, caller.network)?;
        self.compare(user, password, attempt).await
    }

    async fn compare(
        &self,
        user: Option<&User>,
        password: Password,
        attempt: Attempt,
    ) -> Result<(), CredentialError> {
        let stored = user.map(|user| user.password_hash.clone());
        let verified = match self.hasher.verify(password, stored).await {
            Ok(verified) => verified,
            Err(busy) => {
                attempt.abandoned();
                return Err(busy.into());
            }
        };
        let Some(user) = user.filter(|user| verified.matches && user.disabled_at.is_none()) else {
            return Err(CredentialError::Wrong);
        };
        attempt.succeeded();
        if let Some(upgraded) = verified.upgraded {
            let stored = self.users.rehash(user.id, &user.password_hash, &upgraded);
            if let Err(error) = stored.await {
                // The old hash still opens the account; the next login tries again.
                tracing::warn!(%error, "a password hash could not be renewed");
            }
        }
        Ok(())
    }

    /// The caller's device, if this account has logged in on it. Nobody's devices are looked up as well.
    async fn known_device(
        &self,
        user: Option<Uuid>,
        caller: &Caller,
    ) -> Result<Option<Digest>, StoreError> {
        let Some(device) = caller.device else {
            return Ok(None);
        };
        let user = user.unwrap_or(Uuid::nil());
        let known = self.users.knows_device(user, &device).await?;
        Ok(known.then_some(device))
    }

    /// Judges a new password for the person these words are about, on a hashing thread: it takes milliseconds.
    pub(crate) async fn judge(
        &self,
        password: Password,
        person: Vec<String>,
    ) -> Result<(Password, Result<(), PolicyError>), Busy> {
        let policy = self.config.password.clone();
        let judged = self.hasher.think(move || {
            let person: Vec<&str> = person.iter().map(String::as_str).collect();
            let verdict = password.judge(&policy, &person);
            (password, verdict)
        });
        judged.await
    }
}

/// What stands for a name that nobody has.
pub(crate) fn nobody(identifier: &str) -> Claimant<'static> {
    Claimant::Nobody(sha256(identifier.to_lowercase().as_bytes()))
}
