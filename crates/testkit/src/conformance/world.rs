//! What the cases about users and families do again and again.

use std::sync::Arc;

use cloakroom_core::family::{Family, Token};
use cloakroom_core::ports::{Begun, Inserted, OutboxEvent, Outcome, User, UserKey};

use super::IdentityStore;
use crate::sample::{at, attempt, family, family_id, user, uuid};

pub(super) async fn register<S: IdentityStore>(store: &Arc<S>, n: u16, name: &str) {
    assert_eq!(store.insert(user(n, name)).await, Ok(Inserted::Done));
}

pub(super) async fn find<S: IdentityStore>(store: &Arc<S>, n: u16) -> User {
    let found = store.find(&UserKey::Id(uuid(n))).await.unwrap();
    found.unwrap_or_else(|| panic!("user {n} should be there"))
}

pub(super) async fn begin<S: IdentityStore>(store: &Arc<S>, n: u16, user: u16) {
    let begun = store.begin(family(n, user), at(9)).await;
    assert_eq!(begun, Ok(Begun::Done));
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
