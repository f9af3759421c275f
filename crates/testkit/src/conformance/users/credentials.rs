//! What ends a user's logins: each change and its consequences in one step.

use std::sync::Arc;

use cloakroom_core::EndReason;
use cloakroom_core::family::FamilyId;
use cloakroom_core::ports::{Begun, CredentialChange, Outcome, UserKey, Whose};
use cloakroom_core::secret::{Digest, ExposeSecret, SecretString};

use super::super::IdentityStore;
use super::super::world::{begin, find, is_revoked, outbox, register};
use crate::sample::{at, attempt, family, family_id, user, uuid};

fn new_password(keep: Option<FamilyId>, keep_all: bool) -> CredentialChange {
    CredentialChange::Password {
        hash: SecretString::from("$argon2id$second"),
        keep,
        keep_all,
    }
}

async fn change<S: IdentityStore>(store: &Arc<S>, change: CredentialChange, secs: i64) {
    assert_eq!(
        store.change_credential(uuid(1), change, at(secs)).await,
        Ok(true)
    );
}

/// Families 1 and 2 of ada, family 3 of bob.
async fn three_families<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    register(store, 2, "bob").await;
    for (n, user) in [(1, 1), (2, 1), (3, 2)] {
        begin(store, n, user).await;
    }
}

async fn hash_of<S: IdentityStore>(store: &Arc<S>) -> String {
    find(store, 1)
        .await
        .password_hash
        .expose_secret()
        .to_owned()
}

pub async fn a_rehash_replaces_only_the_hash_it_knows<S: IdentityStore>(store: &Arc<S>) {
    // ID-01
    register(store, 1, "ada").await;
    let [first, second, other] =
        ["$argon2id$first", "$argon2id$new", "$argon2id$old"].map(SecretString::from);
    store.rehash(uuid(1), &other, &second).await.unwrap();
    assert_eq!(hash_of(store).await, "$argon2id$first");
    store.rehash(uuid(1), &first, &second).await.unwrap();
    assert_eq!(hash_of(store).await, "$argon2id$new");
    store.rehash(uuid(9), &first, &second).await.unwrap();
}

pub async fn a_rehash_is_no_change_of_password<S: IdentityStore>(store: &Arc<S>) {
    three_families(store).await;
    let [first, second] = ["$argon2id$first", "$argon2id$new"].map(SecretString::from);
    store.rehash(uuid(1), &first, &second).await.unwrap();
    assert!(!is_revoked(store, 1).await);
    assert!(outbox(store).await.is_empty());
    let login = store.begin(family(4, 1), at(0)).await;
    assert_eq!(login, Ok(Begun::Done));
}

pub async fn a_change_of_password_ends_every_login_but_the_one_it_keeps<S: IdentityStore>(
    store: &Arc<S>,
) {
    // LO-07, ID-15
    three_families(store).await;
    change(store, new_password(Some(family_id(1)), false), 20).await;
    assert_eq!(hash_of(store).await, "$argon2id$second");
    assert!(!is_revoked(store, 1).await);
    assert!(is_revoked(store, 2).await);
    assert!(!is_revoked(store, 3).await);
    let told = outbox(store).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].reason, EndReason::PasswordChanged);
    assert_eq!(told[0].at, at(20));
    let whose = Whose::Subject {
        subject: uuid(1).to_string().into(),
        except: Some(family_id(1).0.to_string()),
    };
    assert_eq!(told[0].whose, whose);

    change(store, new_password(None, false), 21).await;
    assert!(is_revoked(store, 1).await);
    assert_eq!(outbox(store).await.len(), 2);
}

pub async fn a_change_of_password_may_keep_every_login<S: IdentityStore>(store: &Arc<S>) {
    // LO-07
    three_families(store).await;
    change(store, new_password(None, true), 20).await;
    assert_eq!(hash_of(store).await, "$argon2id$second");
    assert!(!is_revoked(store, 1).await);
    assert!(!is_revoked(store, 2).await);
    assert!(outbox(store).await.is_empty());
}

pub async fn a_change_of_password_is_void_once_the_login_that_asks_has_ended<S: IdentityStore>(
    store: &Arc<S>,
) {
    // ID-06: an operator's change ended the login while the old password was being weighed.
    three_families(store).await;
    change(store, new_password(None, false), 20).await;
    let late = CredentialChange::Password {
        hash: SecretString::from("$argon2id$thief"),
        keep: Some(family_id(1)),
        keep_all: true,
    };
    let answer = store.change_credential(uuid(1), late, at(21)).await;
    assert_eq!(answer, Ok(false));
    let of_another = new_password(Some(family_id(3)), false);
    let answer = store.change_credential(uuid(1), of_another, at(21)).await;
    assert_eq!(answer, Ok(false));
    assert_eq!(hash_of(store).await, "$argon2id$second");
    assert_eq!(outbox(store).await.len(), 1);
}

pub async fn disabling_ends_every_login_and_is_told_once<S: IdentityStore>(store: &Arc<S>) {
    // LO-08
    three_families(store).await;
    change(store, CredentialChange::Disable, 20).await;
    change(store, CredentialChange::Disable, 30).await;
    assert_eq!(find(store, 1).await.disabled_at, Some(at(20)));
    assert!(is_revoked(store, 1).await);
    assert!(is_revoked(store, 2).await);
    assert!(!is_revoked(store, 3).await);
    let refresh = store.present(attempt(1, 0, 21)).await.unwrap();
    assert!(matches!(refresh, Outcome::Refused(_)));
    let told = outbox(store).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].reason, EndReason::Disabled);
    let whose = Whose::Subject {
        subject: uuid(1).to_string().into(),
        except: None,
    };
    assert_eq!(told[0].whose, whose);
}

pub async fn an_enabled_user_may_log_in_again<S: IdentityStore>(store: &Arc<S>) {
    three_families(store).await;
    change(store, CredentialChange::Disable, 20).await;
    change(store, CredentialChange::Enable, 30).await;
    assert_eq!(find(store, 1).await.disabled_at, None);
    assert!(is_revoked(store, 1).await);
    let login = store.begin(family(4, 1), at(31)).await;
    assert_eq!(login, Ok(Begun::Done));
    assert_eq!(outbox(store).await.len(), 1);
}

pub async fn deleting_takes_everything_of_the_user_with_it<S: IdentityStore>(store: &Arc<S>) {
    // LO-08
    three_families(store).await;
    let device = Digest::new([7; 32]);
    store.know_device(uuid(1), &device, at(11)).await.unwrap();
    change(store, CredentialChange::Delete, 20).await;
    let found = store.find(&UserKey::Id(uuid(1))).await.unwrap();
    assert!(found.is_none());
    assert_eq!(store.knows_device(uuid(1), &device).await, Ok(false));
    assert!(is_revoked(store, 1).await);
    assert!(is_revoked(store, 2).await);
    assert!(!is_revoked(store, 3).await);
    let family = store.family(family_id(1)).await.unwrap().unwrap();
    assert_eq!(family.device, None);
    let refresh = store.present(attempt(1, 0, 21)).await.unwrap();
    assert!(matches!(refresh, Outcome::Refused(_)));
    assert_eq!(outbox(store).await[0].reason, EndReason::Disabled);
    let again = store.insert(user(5, "ada")).await;
    assert_eq!(again, Ok(cloakroom_core::ports::Inserted::Done));
}

pub async fn a_change_for_nobody_is_false_and_tells_nobody<S: IdentityStore>(store: &Arc<S>) {
    for change in [
        new_password(None, false),
        CredentialChange::Disable,
        CredentialChange::Enable,
        CredentialChange::Delete,
    ] {
        let answer = store.change_credential(uuid(9), change, at(20)).await;
        assert_eq!(answer, Ok(false));
    }
    assert!(outbox(store).await.is_empty());
}
