//! Times, users and families that the cases share.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::Timestamp;
use cloakroom_core::family::{ClientId, Family, FamilyId, Presented, Scope, Token};
use cloakroom_core::ports::{
    Attempt, Begun, Candidate, Inserted, NewFamily, NewUser, OutboxEvent, Outcome, User, UserKey,
};
use cloakroom_core::secret::{Digest, SecretString};
use uuid::Uuid;

use super::IdentityStore;

/// A token lives for 100 s unused, a family for 250 s, and the window for repeats is 10 s.
pub(super) const IDLE: Duration = Duration::from_secs(100);
pub(super) const ABSOLUTE: Duration = Duration::from_secs(250);
const WINDOW: Duration = Duration::from_secs(10);

pub(super) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + secs)
}

pub(super) fn uuid(n: u16) -> Uuid {
    Uuid::from_u128(u128::from(n))
}

pub(super) fn family_id(n: u16) -> FamilyId {
    FamilyId(uuid(1000 + n))
}

/// The hash of a family's token of this generation.
pub(super) fn hash(family: u16, generation: u8) -> Digest {
    let mut bytes = [generation; 32];
    for (slot, byte) in bytes.iter_mut().zip(family.to_le_bytes()) {
        *slot = byte;
    }
    Digest::new(bytes)
}

pub(super) fn user(n: u16, name: &str) -> NewUser {
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

pub(super) async fn register<S: IdentityStore>(store: &Arc<S>, n: u16, name: &str) {
    assert_eq!(store.insert(user(n, name)).await, Ok(Inserted::Done));
}

pub(super) async fn find<S: IdentityStore>(store: &Arc<S>, n: u16) -> User {
    let found = store.find(&UserKey::Id(uuid(n))).await.unwrap();
    found.unwrap_or_else(|| panic!("user {n} should be there"))
}

pub(super) fn client() -> Option<ClientId> {
    Some(ClientId("gateway".into()))
}

/// Family `n` of user `user`, begun at second 10 by the gateway.
pub(super) fn family(n: u16, user: u16) -> NewFamily {
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
            absolute_expires: at(10).plus(ABSOLUTE),
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
            expires: at(10).plus(IDLE),
            rotated: None,
        },
    }
}

pub(super) async fn begin<S: IdentityStore>(store: &Arc<S>, n: u16, user: u16) {
    let begun = store.begin(family(n, user), at(9)).await;
    assert_eq!(begun, Ok(Begun::Done));
}

/// The gateway presents the token of `generation` at `secs`.
pub(super) fn attempt(n: u16, generation: u8, secs: i64) -> Attempt {
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
pub(super) fn candidate(n: u16, generation: u8, salt: u8) -> Candidate {
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
        idle: IDLE,
    }
}

/// Presents, and expects a rotation.
pub(super) async fn rotate<S: IdentityStore>(
    store: &Arc<S>,
    n: u16,
    generation: u8,
    secs: i64,
) -> (Family, Token) {
    match store.present(attempt(n, generation, secs)).await.unwrap() {
        Outcome::Rotated(family, token) => (*family, token),
        other => panic!("the token should be live: {other:?}"),
    }
}

pub(super) async fn is_revoked<S: IdentityStore>(store: &Arc<S>, n: u16) -> bool {
    let family = store.family(family_id(n)).await.unwrap();
    family.is_some_and(|family| family.revoked.is_some())
}

pub(super) async fn outbox<S: IdentityStore>(store: &Arc<S>) -> Vec<OutboxEvent> {
    store.outbox(1000).await.unwrap()
}
