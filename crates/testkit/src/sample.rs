//! Sessions, users and families to store: small, different from each other, and the same in every run.

use std::time::Duration;

use bytes::Bytes;
use cloakroom_core::family::{ClientId, Family, FamilyId, Presented, Scope, Token};
use cloakroom_core::ports::{Attempt, Candidate, NewFamily, NewUser};
use cloakroom_core::secret::{Digest, SecretString};
use cloakroom_core::session::{Device, Fence, NewSession, Record, SealedTokens, Seq};
use cloakroom_core::{Handle, LookupId, Principal, Timestamp};
use uuid::Uuid;

/// How long a session lives.
pub const SESSION: Duration = Duration::from_secs(1000);
/// How long a session lives without activity.
const SESSION_IDLE: Duration = Duration::from_secs(100);
/// How long a family lives.
pub const FAMILY: Duration = Duration::from_secs(250);
/// How long a refresh token lives unused.
pub const TOKEN: Duration = Duration::from_secs(100);
/// How long a client without a credential may repeat itself.
const WINDOW: Duration = Duration::from_secs(10);

/// The lookup id of session `n`.
pub fn id(n: u8) -> LookupId {
    LookupId::new([n; 32])
}

/// The handle of session `n`.
#[expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "the text is a handle for every number"
)]
pub fn handle(n: u8) -> Handle {
    Handle::parse(&format!("handle-{n}")).expect("the text is base64url")
}

/// A subject at the provider `builtin`.
pub fn principal(subject: &str) -> Principal {
    Principal {
        provider: "builtin".into(),
        subject: subject.into(),
    }
}

/// Sealed tokens that end at second 60.
pub fn tokens(content: &'static [u8]) -> SealedTokens {
    SealedTokens {
        access_expires: at(60),
        blob: Bytes::from_static(content),
    }
}

/// Session `n` of `subject`, created at `created`; the login began a second before, at the provider's login
/// `sid-<n>`.
pub fn session(n: u8, subject: &str, created: i64) -> NewSession {
    let begun = at(created);
    NewSession {
        record: Record {
            id: id(n),
            handle: handle(n),
            verifier: Digest::new([n ^ 0xff; 32]),
            principal: principal(subject),
            issuer: "https://id.test".into(),
            issuer_sid: Some(format!("sid-{n}")),
            device: Device {
                user_agent: "Test/1".into(),
                ip: "192.0.2.1".into(),
            },
            created: begun,
            last_seen: begun,
            idle_until: begun.plus(SESSION_IDLE),
            absolute_until: begun.plus(SESSION),
            tokens: tokens(b"first"),
            lease: None,
            fence: Fence(0),
            seq: Seq(0),
        },
        began: at(created - 1),
        replaces: None,
        limit: 100,
    }
}

/// A point in time, `secs` after an arbitrary fixed one.
pub fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + secs)
}

/// The id of user `n`.
pub fn uuid(n: u16) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

/// The id of family `n`.
pub fn family_id(n: u16) -> FamilyId {
    FamilyId(uuid(1000 + n))
}

/// The hash of a family's token of this generation.
pub fn hash(family: u16, generation: u8) -> Digest {
    let mut bytes = [generation; 32];
    for (slot, byte) in bytes.iter_mut().zip(family.to_le_bytes()) {
        *slot = byte;
    }
    Digest::new(bytes)
}

/// User `n`, with the role `user`, created at second 0.
pub fn user(n: u16, name: &str) -> NewUser {
    NewUser {
        id: uuid(n),
        name: format!("{name} Example"),
        username: name.to_owned(),
        email: format!("{name}@example.com"),
        password_hash: SecretString::from("$argon2id$first"),
        roles: vec!["user".into()],
        created_at: at(0),
    }
}

/// The client that the families belong to.
pub fn client() -> Option<ClientId> {
    Some(ClientId("gateway".into()))
}

/// Family `n` of user `user`, begun at second 10 by the gateway.
pub fn family(n: u16, user: u16) -> NewFamily {
    NewFamily {
        family: Family {
            id: family_id(n),
            client: client(),
            user: uuid(user),
            device: Some("laptop".into()),
            scope: Scope::parse("goals profile"),
            audience: "api".into(),
            generation: 0,
            created: at(10),
            absolute_expires: at(10).plus(FAMILY),
            revoked: None,
        },
        token: Token {
            jti: uuid(2000 + n),
            generation: 0,
            hash: hash(n, 0),
            spent_with: None,
            kid: "k0".into(),
            salt: [0; 32],
            issued: at(10),
            expires: at(10).plus(TOKEN),
            rotated: None,
        },
    }
}

/// The gateway presents the token of `generation` at `secs`.
pub fn attempt(n: u16, generation: u8, secs: i64) -> Attempt {
    Attempt {
        hash: hash(n, generation),
        how: Presented {
            by: client(),
            idempotency: None,
            scope: None,
            now: at(secs),
            window: WINDOW,
        },
        next: candidate(n, generation + 1, 1),
    }
}

/// A successor; those with different salts are different tokens, and salt 1 has the hash of [`hash`].
pub fn candidate(n: u16, generation: u8, salt: u8) -> Candidate {
    let mut bytes = *hash(n, generation).as_bytes();
    if let Some(last) = bytes.last_mut() {
        *last = generation.wrapping_add(salt - 1);
    }
    Candidate {
        jti: Uuid::from_u128(
            (u128::from(n) << 32) | (u128::from(generation) << 16) | u128::from(salt) | (1 << 100),
        ),
        hash: Digest::new(bytes),
        kid: "k1".into(),
        salt: [salt; 32],
        idle: TOKEN,
    }
}
