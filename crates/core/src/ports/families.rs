//! The port to the refresh-token families. Presenting a token is one atomic operation: judged by
//! [`crate::family::present`] and carried out in the same transaction.

use std::collections::BTreeSet;
use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::{StoreError, Whose};
use crate::Subject;
use crate::family::{ClientId, Family, FamilyId, Presented, Refused, RevokeReason, Token};
use crate::secret::Digest;
use crate::time::Timestamp;

/// A family about to be begun.
#[derive(Clone, Debug)]
pub struct NewFamily {
    /// Generation 0, not revoked.
    pub family: Family,
    /// Its first token.
    pub token: Token,
}

/// What became of beginning a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Begun {
    /// Stored, durably.
    Done,
    /// The user is gone or disabled, or their password changed after the login began.
    Refused,
}

/// The successor that a rotation would store.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Its own id.
    pub jti: Uuid,
    /// SHA-256 of the token.
    pub hash: Digest,
    /// The key it was derived with.
    pub kid: String,
    /// The salt it was derived with.
    pub salt: [u8; 32],
    /// How long it lives unused; the store caps it at the family's end.
    pub idle: Duration,
}

/// One presentation of a refresh token.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// SHA-256 of the token.
    pub hash: Digest,
    /// How it is presented.
    pub how: Presented,
    /// What to store if the verdict is to rotate.
    pub next: Candidate,
}

/// What became of an attempt; it is durable when it is told.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The candidate is stored and live.
    Rotated(Box<Family>, Token),
    /// This is the successor that was made before; the presenter can derive it again.
    Repeated(Box<Family>, Token),
    /// Spent, and its successor used. Nothing changed.
    Stale,
    /// The family is revoked now, and the outbox knows.
    Reused(Box<Family>),
    /// Worth nothing. Nothing changed.
    Refused(Refused),
    /// No such token was ever issued, as far as this store knows.
    Unknown,
}

/// Which families to revoke.
#[derive(Clone, Debug)]
pub enum Revoke {
    /// The one that this token belongs to, if it belongs to this client too.
    Token(Digest, Option<ClientId>),
    /// This one.
    Family(FamilyId),
    /// All of one user.
    User(Uuid),
    /// All.
    Everybody,
}

impl Revoke {
    /// Whom the outbox names for the families that ended: single logins by their own name, else their users.
    pub fn told(&self, ended: impl Iterator<Item = (FamilyId, Uuid)>) -> Vec<Whose> {
        let users: BTreeSet<Uuid> = match self {
            Self::Token(..) | Self::Family(_) => {
                return ended
                    .map(|(family, _)| Whose::Login(family.0.to_string()))
                    .collect();
            }
            Self::User(user) => BTreeSet::from([*user]),
            Self::Everybody => ended.map(|(_, user)| user).collect(),
        };
        let subjects = users.into_iter().map(|user| Whose::Subject {
            subject: Subject::from(user.to_string()),
            except: None,
        });
        subjects.collect()
    }
}

/// Keeps refresh-token families and the list of access tokens that were called back early.
#[async_trait]
pub trait FamilyStore: Send + Sync {
    /// Begins a family for a login that began at `login_began`, unless the user may not log in any more.
    async fn begin(&self, new: NewFamily, login_began: Timestamp) -> Result<Begun, StoreError>;

    /// Judges a presented token and carries the verdict out.
    async fn present(&self, attempt: Attempt) -> Result<Outcome, StoreError>;

    /// Revokes families, tells the outbox, and returns those that lived until then.
    async fn revoke(
        &self,
        which: Revoke,
        reason: RevokeReason,
        at: Timestamp,
    ) -> Result<Vec<FamilyId>, StoreError>;

    /// One family, revoked or not.
    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreError>;

    /// The family and token with this hash, without presenting it (introspection, RFC 7662).
    async fn peek(&self, hash: &Digest) -> Result<Option<(Family, Token)>, StoreError>;

    /// Calls an access token back: it counts as inactive until it ends by itself.
    async fn block(&self, jti: &str, until: Timestamp) -> Result<(), StoreError>;

    /// Whether an access token was called back.
    async fn is_blocked(&self, jti: &str) -> Result<bool, StoreError>;

    /// Deletes up to `limit` rows past their end at `before`: families with their tokens, and blocked ids. Returns how
    /// many went; 0 says that nothing is left.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
