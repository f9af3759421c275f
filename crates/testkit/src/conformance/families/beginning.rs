//! Beginning families, looking at them, and forgetting them.

use std::sync::Arc;

use cloakroom_core::ports::{Begun, CredentialChange, NewFamily};
use cloakroom_core::secret::{Digest, SecretString};

use super::super::IdentityStore;
use super::super::world::{begin, register, rotate};
use crate::sample::{FAMILY, TOKEN, at, client, family, family_id, hash, uuid};

pub async fn a_family_is_found_as_it_was_begun<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    begin(store, 1, 1).await;
    let found = store.family(family_id(1)).await.unwrap().unwrap();
    assert_eq!(found.id, family_id(1));
    assert_eq!(found.client, client());
    assert_eq!(found.user, uuid(1));
    assert_eq!(found.device.as_deref(), Some("laptop"));
    assert_eq!(found.scope, family(1, 1).family.scope);
    assert_eq!(found.audience, "api");
    assert_eq!(found.generation, 0);
    assert_eq!(found.created, at(10));
    assert_eq!(found.absolute_expires, at(10).plus(FAMILY));
    assert_eq!(found.revoked, None);
    assert!(store.family(family_id(9)).await.unwrap().is_none());

    let plain = NewFamily {
        family: cloakroom_core::family::Family {
            client: None,
            device: None,
            ..family(2, 1).family
        },
        ..family(2, 1)
    };
    assert_eq!(store.begin(plain, at(9)).await, Ok(Begun::Done));
    let found = store.family(family_id(2)).await.unwrap().unwrap();
    assert_eq!((found.client, found.device), (None, None));
}

pub async fn nobody_begins_a_family_for_a_user_who_may_not_log_in<S: IdentityStore>(
    store: &Arc<S>,
) {
    let nobody = store.begin(family(1, 1), at(9)).await;
    assert_eq!(nobody, Ok(Begun::Refused));
    register(store, 1, "ada").await;
    let disabled = store.change_credential(uuid(1), CredentialChange::Disable, at(5));
    assert_eq!(disabled.await, Ok(true));
    let refused = store.begin(family(1, 1), at(9)).await;
    assert_eq!(refused, Ok(Begun::Refused));
    assert!(store.family(family_id(1)).await.unwrap().is_none());
}

pub async fn nobody_begins_a_family_with_a_password_that_was_changed_meanwhile<S: IdentityStore>(
    store: &Arc<S>,
) {
    register(store, 1, "ada").await;
    let change = CredentialChange::Password {
        hash: SecretString::from("$argon2id$second"),
        keep: None,
        keep_all: false,
    };
    let changed = store.change_credential(uuid(1), change, at(9));
    assert_eq!(changed.await, Ok(true));
    for began in [at(8), at(9)] {
        assert_eq!(store.begin(family(1, 1), began).await, Ok(Begun::Refused));
    }
    let later = store.begin(family(1, 1), at(10)).await;
    assert_eq!(later, Ok(Begun::Done));
}

pub async fn a_hash_that_is_stored_already_is_an_error<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    begin(store, 1, 1).await;
    let mut same = family(2, 1);
    same.token.hash = hash(1, 0);
    assert!(store.begin(same, at(9)).await.is_err());
    assert!(store.family(family_id(2)).await.unwrap().is_none());
    assert!(store.begin(family(1, 1), at(9)).await.is_err());
    begin(store, 3, 1).await;
}

pub async fn peeking_spends_nothing<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    begin(store, 1, 1).await;
    for _ in 0..2 {
        let (family, token) = store.peek(&hash(1, 0)).await.unwrap().unwrap();
        assert_eq!(family.id, family_id(1));
        assert_eq!(token.jti, uuid(2001));
        assert_eq!(token.generation, 0);
        assert_eq!(token.hash, hash(1, 0));
        assert_eq!((token.spent_with, token.rotated), (None, None));
        assert_eq!((token.kid.as_str(), token.salt), ("k0", [0; 32]));
        assert_eq!((token.issued, token.expires), (at(10), at(10).plus(TOKEN)));
    }
    let unknown = store.peek(&Digest::new([9; 32])).await.unwrap();
    assert!(unknown.is_none());
    rotate(store, 1, 0, 20).await;
    let (family, token) = store.peek(&hash(1, 0)).await.unwrap().unwrap();
    assert_eq!(family.generation, 1);
    assert_eq!(token.rotated, Some(at(20)));
}

pub async fn a_blocked_access_token_stays_blocked<S: IdentityStore>(store: &Arc<S>) {
    assert_eq!(store.is_blocked("jti-1").await, Ok(false));
    store.block("jti-1", at(50)).await.unwrap();
    store.block("jti-1", at(40)).await.unwrap();
    assert_eq!(store.is_blocked("jti-1").await, Ok(true));
    assert_eq!(store.is_blocked("jti-2").await, Ok(false));
    assert_eq!(store.purge(at(49), 100).await, Ok(0));
    assert_eq!(store.is_blocked("jti-1").await, Ok(true));
    assert_eq!(store.purge(at(50), 100).await, Ok(1));
    assert_eq!(store.is_blocked("jti-1").await, Ok(false));
}

pub async fn purging_takes_what_is_past_its_end_up_to_the_limit<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    for n in 1..=3 {
        begin(store, n, 1).await;
    }
    rotate(store, 1, 0, 20).await;
    store.block("jti-1", at(50)).await.unwrap();
    let end = at(10).plus(FAMILY);
    assert_eq!(store.purge(at(11), 100).await, Ok(0));
    // A store may count a family's tokens as rows of their own.
    let mut rounds = vec![store.purge(end, 2).await.unwrap()];
    while rounds.last() != Some(&0) {
        rounds.push(store.purge(end, 2).await.unwrap());
    }
    assert!(rounds.iter().all(|rows| *rows <= 2), "{rounds:?}");
    assert!(rounds.len() > 2, "{rounds:?}");
    assert_eq!(store.is_blocked("jti-1").await, Ok(false));
    for generation in 0..=1 {
        let token = store.peek(&hash(1, generation)).await.unwrap();
        assert!(token.is_none());
    }
    assert!(store.family(family_id(1)).await.unwrap().is_none());
}
