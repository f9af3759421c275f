//! What an operator does with accounts, from the command line: the same rules as over HTTP, and an audit event each.

use std::sync::Arc;

use cloakroom_core::ports::{
    CredentialChange, Inserted, NewUser, StoreError, Updated, User, UserChange, random, uuid_v7,
};
use cloakroom_core::secret::{ExposeSecret, SecretString};
use cloakroom_core::time::Timestamp;
use cloakroom_core::user::UniqueField;
use uuid::Uuid;

use crate::audit::{Entry, Event};
use crate::names::{self, FieldError};
use crate::password::{Busy, Password, PolicyError};
use crate::service::Identity;

/// The letters of generated passwords: no two look alike, none needs a second look on any keyboard.
const LETTERS: &[u8; 32] = b"abcdefghjkmnpqrstuvwxyz23456789_";

/// An account to be added.
#[derive(Clone, Debug)]
pub struct NewAccount {
    /// The name to greet with.
    pub name: String,
    /// The name to log in with.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// Roles.
    pub roles: Vec<String>,
    /// The password; `None` makes one.
    pub password: Option<SecretString>,
}

/// An account that was added.
#[derive(Debug)]
pub struct Created {
    /// Its subject.
    pub id: Uuid,
    /// The password that was made for it, where none was given.
    pub generated: Option<SecretString>,
}

/// An account, as an operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// The subject of its tokens.
    pub id: Uuid,
    /// The name to greet with.
    pub name: String,
    /// The name to log in with.
    pub username: String,
    /// The e-mail address.
    pub email: String,
    /// Roles, sorted.
    pub roles: Vec<String>,
    /// When it was disabled.
    pub disabled_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
}

impl From<User> for Account {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            username: user.username,
            email: user.email,
            roles: user.roles,
            disabled_at: user.disabled_at,
            created_at: user.created_at,
        }
    }
}

/// Why an operator's command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// A field has the wrong shape.
    #[error(transparent)]
    Field(#[from] FieldError),
    /// The password is not accepted.
    #[error(transparent)]
    Password(#[from] PolicyError),
    /// The value belongs to somebody else.
    #[error("the {0} is taken")]
    Taken(UniqueField),
    /// There is no such account.
    #[error("there is no account {0:?}")]
    Absent(String),
    /// The hasher has no room.
    #[error("the password hasher is busy; try again")]
    Busy,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<Busy> for AdminError {
    fn from(Busy: Busy) -> Self {
        Self::Busy
    }
}

/// Manages accounts. Accounts are named by user name or e-mail address.
#[derive(Clone)]
pub struct Admin {
    identity: Arc<Identity>,
}

impl Admin {
    /// Works on the accounts of `identity`.
    pub const fn new(identity: Arc<Identity>) -> Self {
        Self { identity }
    }

    /// Adds an account.
    pub async fn add(&self, new: NewAccount) -> Result<Created, AdminError> {
        let identity = &self.identity;
        let name = names::display_name(&new.name)?;
        let username = names::username(&new.username)?;
        let email = names::email(&new.email)?;
        let roles = sorted(new.roles.iter().map(|role| names::role(role)))?;
        let person = vec![name.clone(), username.clone(), email.clone()];
        let (hash, generated) = self.hash(new.password, person).await?;
        let now = identity.clock.now();
        let id = uuid_v7(identity.entropy.as_ref(), now);
        let user = NewUser {
            id,
            name,
            username,
            email,
            password_hash: hash,
            roles,
            created_at: now,
        };
        match identity.users.insert(user).await? {
            Inserted::Taken(field) => Err(AdminError::Taken(field)),
            Inserted::Done => {
                record(Event::Register, id);
                Ok(Created { id, generated })
            }
        }
    }

    /// Gives an account a role. `false` if it has it already.
    pub async fn grant(&self, who: &str, role: &str) -> Result<bool, AdminError> {
        let role = names::role(role)?;
        let user = self.find(who).await?;
        if user.roles.contains(&role) {
            return Ok(false);
        }
        let roles = user.roles.into_iter().chain([role]);
        self.set_roles(who, user.id, roles.collect()).await?;
        Ok(true)
    }

    /// Takes a role away, which holds from the next refresh on. `false` if it was not there.
    pub async fn revoke(&self, who: &str, role: &str) -> Result<bool, AdminError> {
        let user = self.find(who).await?;
        if !user.roles.iter().any(|had| had == role) {
            return Ok(false);
        }
        let roles = user.roles.into_iter().filter(|had| had != role);
        self.set_roles(who, user.id, roles.collect()).await?;
        Ok(true)
    }

    /// Closes an account and ends its logins.
    pub async fn disable(&self, who: &str) -> Result<(), AdminError> {
        self.change(who, CredentialChange::Disable, Event::Disable)
            .await
    }

    /// Opens a closed account again.
    pub async fn enable(&self, who: &str) -> Result<(), AdminError> {
        self.change(who, CredentialChange::Enable, Event::Enable)
            .await
    }

    /// Deletes an account and ends its logins.
    pub async fn delete(&self, who: &str) -> Result<(), AdminError> {
        self.change(who, CredentialChange::Delete, Event::Delete)
            .await
    }

    /// Sets a password, or makes one and returns it, and ends all logins of the account.
    pub async fn set_password(
        &self,
        who: &str,
        password: Option<SecretString>,
    ) -> Result<Option<SecretString>, AdminError> {
        let user = self.find(who).await?;
        let person = vec![user.name, user.username, user.email];
        let (hash, generated) = self.hash(password, person).await?;
        let change = CredentialChange::Password {
            hash,
            keep: None,
            keep_all: false,
        };
        self.change(who, change, Event::PasswordChange).await?;
        Ok(generated)
    }

    /// Sees to it that this is the account's password, and ends no login. Nothing changes if it is already.
    ///
    /// Deliberately without judging it: it is for a demo, whose operator chose it for a machine of their own.
    pub async fn ensure_password(
        &self,
        who: &str,
        password: &SecretString,
    ) -> Result<(), AdminError> {
        let user = self.find(who).await?;
        let policy = &self.identity.config.password;
        let typed = || Password::parse(password.expose_secret(), policy);
        let stored = Some(user.password_hash);
        if self.identity.hasher.verify(typed()?, stored).await?.matches {
            return Ok(());
        }
        let hash = self.identity.hasher.hash(typed()?).await?;
        let change = CredentialChange::Password {
            hash,
            keep: None,
            keep_all: true,
        };
        self.change(who, change, Event::PasswordChange).await
    }

    /// One account.
    pub async fn account(&self, who: &str) -> Result<Account, AdminError> {
        self.find(who).await.map(Account::from)
    }

    /// Up to `limit` accounts by user name, those after `after`.
    pub async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<Account>, AdminError> {
        let users = self.identity.users.list(after, limit).await?;
        Ok(users.into_iter().map(Account::from).collect())
    }

    async fn find(&self, who: &str) -> Result<User, AdminError> {
        let found = self.identity.identify(who).await?;
        found.ok_or_else(|| AdminError::Absent(who.to_owned()))
    }

    async fn set_roles(&self, who: &str, id: Uuid, roles: Vec<String>) -> Result<(), AdminError> {
        let roles = sorted(roles.into_iter().map(Ok))?;
        let change = UserChange {
            roles: Some(roles),
            ..UserChange::default()
        };
        let now = self.identity.clock.now();
        match self.identity.users.update(id, change, now).await? {
            Updated::Done(_) => {
                record(Event::RoleChange, id);
                Ok(())
            }
            Updated::Taken(field) => Err(AdminError::Taken(field)),
            Updated::Absent => Err(AdminError::Absent(who.to_owned())),
        }
    }

    async fn change(
        &self,
        who: &str,
        change: CredentialChange,
        event: Event,
    ) -> Result<(), AdminError> {
        let user = self.find(who).await?;
        let now = self.identity.clock.now();
        let users = &self.identity.users;
        if users.change_credential(user.id, change, now).await? {
            record(event, user.id);
            Ok(())
        } else {
            Err(AdminError::Absent(who.to_owned()))
        }
    }

    async fn hash(
        &self,
        given: Option<SecretString>,
        person: Vec<String>,
    ) -> Result<(SecretString, Option<SecretString>), AdminError> {
        let generated = given.is_none().then(|| self.generate());
        let text = given
            .as_ref()
            .or(generated.as_ref())
            .map(ExposeSecret::expose_secret);
        let policy = &self.identity.config.password;
        let password = Password::parse(text.unwrap_or_default(), policy)?;
        let (password, verdict) = self.identity.judge(password, person).await?;
        verdict?;
        Ok((self.identity.hasher.hash(password).await?, generated))
    }

    /// 100 bits in 20 letters.
    fn generate(&self) -> SecretString {
        let drawn: [u8; 20] = random(self.identity.entropy.as_ref());
        let letters = drawn
            .iter()
            .filter_map(|byte| LETTERS.get(usize::from(byte % 32)))
            .map(|&letter| char::from(letter));
        SecretString::from(letters.collect::<String>())
    }
}

fn sorted(
    roles: impl Iterator<Item = Result<String, FieldError>>,
) -> Result<Vec<String>, FieldError> {
    let mut roles = roles.collect::<Result<Vec<_>, _>>()?;
    roles.sort_unstable();
    roles.dedup();
    Ok(roles)
}

fn record(event: Event, user: Uuid) {
    Entry::by_operator(event).about(Some(user)).record();
}
