//! The port to the users of the identity service. Each method is one atomic operation.

use async_trait::async_trait;
use uuid::Uuid;

use super::{StoreError, Whose};
use crate::family::FamilyId;
use crate::reason::EndReason;
use crate::secret::{Digest, SecretString};
use crate::time::Timestamp;
use crate::user::UniqueField;

/// A user, with everything that only the identity service may see.
#[derive(Clone, Debug)]
pub struct User {
    /// The subject of their tokens.
    pub id: Uuid,
    /// The name to greet with.
    pub name: String,
    /// Unique, in canonical form.
    pub username: String,
    /// Unique, in canonical form.
    pub email: String,
    /// The argon2 hash in PHC form, with its parameters.
    pub password_hash: SecretString,
    /// Address of a picture.
    pub picture: Option<String>,
    /// The tier, where the application has tiers.
    pub tier_id: Option<i64>,
    /// Roles, sorted.
    pub roles: Vec<String>,
    /// When the account was disabled.
    pub disabled_at: Option<Timestamp>,
    /// When it was created.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
}

/// A user about to be stored.
#[derive(Clone, Debug)]
pub struct NewUser {
    /// The subject of their tokens.
    pub id: Uuid,
    /// The name to greet with.
    pub name: String,
    /// In canonical form.
    pub username: String,
    /// In canonical form.
    pub email: String,
    /// The argon2 hash in PHC form.
    pub password_hash: SecretString,
    /// Roles.
    pub roles: Vec<String>,
    /// Now.
    pub created_at: Timestamp,
}

/// How to find one user.
#[derive(Clone, Debug)]
pub enum UserKey {
    /// By subject.
    Id(Uuid),
    /// By user name, in canonical form.
    Username(String),
    /// By e-mail address, in canonical form.
    Email(String),
}

/// What became of an insertion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inserted {
    /// Stored.
    Done,
    /// The value belongs to somebody else.
    Taken(UniqueField),
}

/// What became of a change.
#[derive(Clone, Debug)]
pub enum Updated {
    /// Done; the user as they are now.
    Done(Box<User>),
    /// The value belongs to somebody else.
    Taken(UniqueField),
    /// There is no such user.
    Absent,
}

/// Fields to change; `None` leaves a field as it is.
#[derive(Clone, Debug, Default)]
pub struct UserChange {
    /// A new name to greet with.
    pub name: Option<String>,
    /// A new user name, in canonical form.
    pub username: Option<String>,
    /// A new e-mail address, in canonical form.
    pub email: Option<String>,
    /// A new picture; `Some(None)` removes it.
    pub picture: Option<Option<String>>,
    /// All roles from now on.
    pub roles: Option<Vec<String>>,
    /// The tier from now on; `Some(None)` removes it.
    pub tier_id: Option<Option<i64>>,
}

/// A change after which logins must not go on. Families end and the outbox is told in one transaction.
#[derive(Clone, Debug)]
pub enum CredentialChange {
    /// A new password hash. All families end but `keep`; `keep_all` ends none.
    Password {
        /// The argon2 hash in PHC form.
        hash: SecretString,
        /// The login that goes on, in which the change was asked for. If it has ended, nothing changes.
        keep: Option<FamilyId>,
        /// Whether every login goes on.
        keep_all: bool,
    },
    /// The account is closed until it is enabled again.
    Disable,
    /// The account is open again.
    Enable,
    /// The account and everything of it is deleted.
    Delete,
}

/// An ending that the gateways still have to hear of.
#[derive(Clone, Debug)]
pub struct OutboxEvent {
    /// Its position: events are told in this order.
    pub seq: i64,
    /// Whose logins ended.
    pub whose: Whose,
    /// Why.
    pub reason: EndReason,
    /// When.
    pub at: Timestamp,
}

/// Keeps users, the devices they are known on, and the outbox of endings.
#[async_trait]
pub trait UserStore: Send + Sync {
    /// Stores a user, or says which unique field is taken. The check is the database's own constraint.
    async fn insert(&self, new: NewUser) -> Result<Inserted, StoreError>;

    /// Finds one user, disabled ones included.
    async fn find(&self, by: &UserKey) -> Result<Option<User>, StoreError>;

    /// Changes fields.
    async fn update(
        &self,
        id: Uuid,
        change: UserChange,
        now: Timestamp,
    ) -> Result<Updated, StoreError>;

    /// Replaces a password hash by one of the same password with newer parameters, if it is still `old`.
    async fn rehash(
        &self,
        id: Uuid,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), StoreError>;

    /// Changes what logins depend on; `false` if there is no such user, or the login that asks has ended.
    async fn change_credential(
        &self,
        id: Uuid,
        change: CredentialChange,
        now: Timestamp,
    ) -> Result<bool, StoreError>;

    /// Users by user name, those after `after`.
    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, StoreError>;

    /// Remembers that this user has logged in on this device; keeps the newest ten.
    async fn know_device(
        &self,
        id: Uuid,
        device: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError>;

    /// Whether this user has logged in on this device before.
    async fn knows_device(&self, id: Uuid, device: &Digest) -> Result<bool, StoreError>;

    /// Endings not yet delivered, the oldest first.
    async fn outbox(&self, limit: u32) -> Result<Vec<OutboxEvent>, StoreError>;

    /// Forgets every event up to and including `seq`.
    async fn delivered(&self, seq: i64) -> Result<(), StoreError>;
}
