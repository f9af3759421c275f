//! Revoking families on purpose.

use std::sync::Arc;

use cloakroom_core::EndReason;
use cloakroom_core::family::{ClientId, RevokeReason};
use cloakroom_core::ports::{Revoke, Whose};

use super::super::IdentityStore;
use super::super::world::{begin, is_revoked, outbox, register, rotate};
use crate::sample::{at, client, family_id, hash, uuid};

/// Families 1 and 2 of ada, family 3 of bob.
async fn three_families<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    register(store, 2, "bob").await;
    for (n, user) in [(1, 1), (2, 1), (3, 2)] {
        begin(store, n, user).await;
    }
}

async fn revoke<S: IdentityStore>(store: &Arc<S>, which: Revoke, reason: RevokeReason) -> Vec<u16> {
    let mut revoked = store.revoke(which, reason, at(20)).await.unwrap();
    revoked.sort();
    (1..=3)
        .filter(|n| revoked.contains(&family_id(*n)))
        .collect()
}

fn all_of(user: u16) -> Whose {
    Whose::Subject {
        subject: uuid(user).to_string().into(),
        except: None,
    }
}

pub async fn revoking_by_token_needs_the_right_client<S: IdentityStore>(store: &Arc<S>) {
    // LO-02
    three_families(store).await;
    rotate(store, 1, 0, 15).await;
    for wrong in [None, Some(ClientId("another".into()))] {
        let which = Revoke::Token(hash(1, 0), wrong);
        assert!(revoke(store, which, RevokeReason::Logout).await.is_empty());
    }
    let unknown = Revoke::Token(hash(9, 0), client());
    assert!(
        revoke(store, unknown, RevokeReason::Logout)
            .await
            .is_empty()
    );
    assert!(outbox(store).await.is_empty());
    assert!(!is_revoked(store, 1).await);

    let spent = Revoke::Token(hash(1, 0), client());
    assert_eq!(revoke(store, spent, RevokeReason::Logout).await, [1]);
    assert!(is_revoked(store, 1).await);
    assert!(!is_revoked(store, 2).await);
}

pub async fn revoking_a_family_is_told_once<S: IdentityStore>(store: &Arc<S>) {
    three_families(store).await;
    let one = Revoke::Family(family_id(2));
    assert_eq!(revoke(store, one.clone(), RevokeReason::Admin).await, [2]);
    assert!(revoke(store, one, RevokeReason::Logout).await.is_empty());
    let revoked = store.family(family_id(2)).await.unwrap().unwrap().revoked;
    assert_eq!(revoked, Some((at(20), RevokeReason::Admin)));
    let told = outbox(store).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].reason, EndReason::RevokedByAdmin);
    assert_eq!(told[0].whose, Whose::Login(family_id(2).0.to_string()));
}

pub async fn revoking_a_user_ends_all_of_their_families<S: IdentityStore>(store: &Arc<S>) {
    // LO-09
    three_families(store).await;
    let ada = Revoke::User(uuid(1));
    assert_eq!(revoke(store, ada, RevokeReason::Admin).await, [1, 2]);
    assert!(!is_revoked(store, 3).await);
    let told = outbox(store).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].whose, all_of(1));
}

pub async fn revoking_everybody_tells_of_each_user<S: IdentityStore>(store: &Arc<S>) {
    // LO-09
    three_families(store).await;
    let everybody = Revoke::Everybody;
    let revoked = revoke(store, everybody, RevokeReason::Restored).await;
    assert_eq!(revoked, [1, 2, 3]);
    let told = outbox(store).await;
    let mut whose: Vec<_> = told.iter().map(|event| event.whose.clone()).collect();
    whose.sort_by_key(|whose| *whose != all_of(1));
    assert_eq!(whose, [all_of(1), all_of(2)]);
    assert!(told.iter().all(|e| e.reason == EndReason::Restored));
}
