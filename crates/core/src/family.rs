//! The refresh-token family: what presenting a refresh token means, decided without a clock or a store.
//!
//! A family is one login. Each refresh spends the live token and makes its successor, so that at most one
//! token of a family is live (RFC 9700 §4.14.2). What this file guarantees:
//!
//! 1. A token is spent once: only [`Verdict::Rotate`] makes a successor, and only of the live token.
//! 2. Whoever lost the answer gets *the same* successor again, as long as nobody has used it, hours later too.
//! 3. For a family that belongs to an authenticated client, anybody else who presents one of its tokens, live
//!    or spent, is a thief: the family dies.
//! 4. A family without a client has only its tokens to go by: a spent token whose successor is used, or which
//!    comes after the window without the `Idempotency-Key` it was spent with, is a thief's.
//! 5. A revoked or expired family answers nothing else, and its end never moves.
//!
//! Refusal looks like [`Verdict::Refuse`], [`Verdict::Stale`] or [`Verdict::Reuse`]; only the last one has an
//! effect. A deployment defeats rule 3 by handing the gateway's client credential to somebody else.

use std::time::Duration;

use uuid::Uuid;

use crate::reason::EndReason;
use crate::secret::Digest;
use crate::time::Timestamp;

/// Which family: one login at the identity service. It is the `sid` claim of its access tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FamilyId(pub Uuid);

/// Which OAuth client a family belongs to, or a request is authenticated as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientId(pub String);

/// Why a family was revoked. The codes are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevokeReason {
    /// The user logged out, or the client revoked a token (RFC 7009).
    Logout,
    /// Somebody else presented one of its tokens.
    Reuse,
    /// The password was changed.
    PasswordChanged,
    /// The account was disabled or deleted.
    Disabled,
    /// An operator ended it.
    Admin,
    /// A backup was restored.
    Restored,
}

impl RevokeReason {
    /// Every reason.
    pub const ALL: &[Self] = &[
        Self::Logout,
        Self::Reuse,
        Self::PasswordChanged,
        Self::Disabled,
        Self::Admin,
        Self::Restored,
    ];

    /// The stored code.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Logout => "logout",
            Self::Reuse => "reuse",
            Self::PasswordChanged => "password_changed",
            Self::Disabled => "disabled",
            Self::Admin => "admin",
            Self::Restored => "restored",
        }
    }

    /// What the sessions that live on this family are told.
    pub const fn end_reason(self) -> EndReason {
        match self {
            Self::Logout => EndReason::Logout,
            Self::Reuse => EndReason::ReuseDetected,
            Self::PasswordChanged => EndReason::PasswordChanged,
            Self::Disabled => EndReason::Disabled,
            Self::Admin => EndReason::RevokedByAdmin,
            Self::Restored => EndReason::Restored,
        }
    }

    /// The reason with this stored code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|reason| reason.as_str() == code)
    }
}

/// What is known of a family as a whole.
#[derive(Clone, Debug)]
pub struct Family {
    /// Which one.
    pub id: FamilyId,
    /// The client that began it and alone may use it; `None` for a plain API client.
    pub client: Option<ClientId>,
    /// Whose login it is.
    pub user: Uuid,
    /// The device it was begun on, as the client named it.
    pub device: Option<String>,
    /// What was granted; a refresh may only narrow it (RFC 6749 §6).
    pub scope: Scope,
    /// The audience of its access tokens.
    pub audience: String,
    /// The generation of its live token, counted from 0.
    pub generation: u32,
    /// When it was begun.
    pub created: Timestamp,
    /// When it ends, however often it is renewed.
    pub absolute_expires: Timestamp,
    /// When and why it was revoked.
    pub revoked: Option<(Timestamp, RevokeReason)>,
}

/// One token of a family.
#[derive(Clone, Debug)]
pub struct Token {
    /// Its own id (`refresh_token_id`).
    pub jti: Uuid,
    /// Which of the family's tokens it is, counted from 0.
    pub generation: u32,
    /// SHA-256 of the token.
    pub hash: Digest,
    /// SHA-256 of the `Idempotency-Key` it was *spent* with.
    pub spent_with: Option<Digest>,
    /// The key that its secret was derived with; unused for generation 0, which is random.
    pub kid: String,
    /// The salt that its secret was derived with.
    pub salt: [u8; 32],
    /// When it was issued.
    pub issued: Timestamp,
    /// When it ends unused.
    pub expires: Timestamp,
    /// When it was spent.
    pub rotated: Option<Timestamp>,
}

/// A set of scope tokens (RFC 6749 §3.3).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scope(Vec<String>);

impl Scope {
    /// Splits at single spaces; order and repetition mean nothing.
    pub fn parse(text: &str) -> Self {
        let mut tokens: Vec<_> = text
            .split(' ')
            .filter(|t| !t.is_empty())
            .map(str::to_owned)
            .collect();
        tokens.sort_unstable();
        tokens.dedup();
        Self(tokens)
    }

    /// Whether everything in `wanted` is granted by `self`.
    pub fn covers(&self, wanted: &Self) -> bool {
        wanted.0.iter().all(|token| self.0.contains(token))
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// How a token is presented.
#[derive(Clone, Debug)]
pub struct Presented {
    /// The client whose credential came with the request and was right.
    pub by: Option<ClientId>,
    /// SHA-256 of the request's `Idempotency-Key`.
    pub idempotency: Option<Digest>,
    /// The scope asked for; `None` asks for all of it.
    pub scope: Option<Scope>,
    /// When.
    pub now: Timestamp,
    /// How long a client without a credential and without a key may repeat itself.
    pub window: Duration,
}

/// What presenting a token means. A value, not an error: every caller has to say what it does with each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is live: spend it and make its successor.
    Rotate,
    /// It is spent and its successor unused: answer with that same successor.
    Repeat,
    /// It is spent and its successor used, by its owner: nothing is revoked, nothing is issued.
    Stale,
    /// Somebody who is not its owner has it: revoke the family.
    Reuse,
    /// It is worth nothing, and nothing changes.
    Refuse(Refused),
}

/// Why a token is worth nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The family was revoked, for this reason.
    Revoked(RevokeReason),
    /// The token, or the family, is past its end.
    Expired,
    /// More scope is asked for than was granted.
    ScopeWidened,
}

/// Judges `token`, a member of `family`.
pub fn present(family: &Family, token: &Token, how: &Presented) -> Verdict {
    if let Some((_, reason)) = family.revoked {
        return Verdict::Refuse(Refused::Revoked(reason));
    }
    // A stranger's attempt counts as theft even when the token has expired: expiry excuses only its owner.
    if family.client.is_some() && family.client != how.by {
        return Verdict::Reuse;
    }
    if family.absolute_expires.has_come(how.now) || token.expires.has_come(how.now) {
        return Verdict::Refuse(Refused::Expired);
    }
    if how
        .scope
        .as_ref()
        .is_some_and(|wanted| !family.scope.covers(wanted))
    {
        return Verdict::Refuse(Refused::ScopeWidened);
    }
    let Some(rotated) = token.rotated else {
        return Verdict::Rotate;
    };
    let successor_unused = token.generation.checked_add(1) == Some(family.generation);
    if family.client.is_some() {
        return if successor_unused {
            Verdict::Repeat
        } else {
            Verdict::Stale
        };
    }
    let same_key = how.idempotency.is_some() && how.idempotency == token.spent_with;
    let in_window = how.idempotency.is_none() && how.now < rotated.plus(how.window);
    match (same_key, in_window, successor_unused) {
        (true, _, true) | (_, true, true) => Verdict::Repeat,
        (true, _, false) => Verdict::Stale,
        _ => Verdict::Reuse,
    }
}

/// When the successor of a token ends: after the idle lifetime, but never after the family.
pub fn successor_expires(family: &Family, now: Timestamp, idle: Duration) -> Timestamp {
    now.plus(idle).min(family.absolute_expires)
}

#[cfg(test)]
mod tests;
