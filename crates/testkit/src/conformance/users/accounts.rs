//! Users and their fields.

use std::sync::Arc;

use cloakroom_core::ports::{Inserted, NewUser, Updated, User, UserChange, UserKey};
use cloakroom_core::secret::ExposeSecret;
use cloakroom_core::user::UniqueField;

use super::super::IdentityStore;
use super::super::world::{find, register};
use crate::sample::{at, user, uuid};

pub async fn a_stored_user_is_found_by_id_name_and_address<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    register(store, 2, "bob").await;
    let keys = [
        UserKey::Id(uuid(1)),
        UserKey::Username("ada".into()),
        UserKey::Email("ada@example.com".into()),
    ];
    for key in keys {
        let found = store.find(&key).await.unwrap().unwrap();
        assert_eq!(found.id, uuid(1));
        assert_eq!(found.name, "ada Example");
        assert_eq!(found.username, "ada");
        assert_eq!(found.email, "ada@example.com");
        assert_eq!(found.password_hash.expose_secret(), "$argon2id$first");
        assert_eq!((found.picture, found.tier_id), (None, None));
        assert_eq!(found.roles, ["user"]);
        assert_eq!(found.disabled_at, None);
        assert_eq!((found.created_at, found.updated_at), (at(0), at(0)));
    }
    let unknown = UserKey::Username("eve".into());
    assert!(store.find(&unknown).await.unwrap().is_none());
}

pub async fn a_name_that_is_taken_is_refused<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    let same_name = NewUser {
        email: "other@example.com".into(),
        ..user(2, "ada")
    };
    let same_address = NewUser {
        username: "other".into(),
        ..user(3, "ada")
    };
    for (new, field) in [
        (same_name, UniqueField::Username),
        (same_address, UniqueField::Email),
        (user(4, "ada"), UniqueField::Username),
    ] {
        assert_eq!(store.insert(new).await, Ok(Inserted::Taken(field)));
    }
    assert_eq!(store.list(None, 10).await.unwrap().len(), 1);
}

async fn a_hundred_register<S: IdentityStore + 'static>(
    store: &Arc<S>,
    make: impl Fn(u16) -> NewUser,
    field: UniqueField,
) {
    let registrations: Vec<_> = (1..=100)
        .map(|n| {
            let (store, new) = (Arc::clone(store), make(n));
            tokio::spawn(async move { store.insert(new).await })
        })
        .collect();
    let mut stored = 0;
    for registration in registrations {
        match registration.await.unwrap().unwrap() {
            Inserted::Done => stored += 1,
            Inserted::Taken(taken) => assert_eq!(taken, field),
        }
    }
    assert_eq!(stored, 1);
}

pub async fn a_hundred_parallel_registrations_of_one_name_store_one_user<
    S: IdentityStore + 'static,
>(
    store: &Arc<S>,
) {
    // ID-08
    let make = |n| NewUser {
        email: format!("{n}@example.com"),
        ..user(n, "ada")
    };
    a_hundred_register(store, make, UniqueField::Username).await;
}

pub async fn a_hundred_parallel_registrations_of_one_address_store_one_user<
    S: IdentityStore + 'static,
>(
    store: &Arc<S>,
) {
    // ID-08
    let make = |n| NewUser {
        username: format!("user-{n}"),
        ..user(n, "ada")
    };
    a_hundred_register(store, make, UniqueField::Email).await;
}

pub async fn an_id_that_is_stored_already_is_an_error<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    assert!(store.insert(user(1, "bob")).await.is_err());
    assert_eq!(find(store, 1).await.username, "ada");
}

pub async fn roles_are_sorted_and_stand_there_once<S: IdentityStore>(store: &Arc<S>) {
    let roles = ["user", "admin", "user"].map(str::to_owned).to_vec();
    let new = NewUser {
        roles: roles.clone(),
        ..user(1, "ada")
    };
    assert_eq!(store.insert(new).await, Ok(Inserted::Done));
    assert_eq!(find(store, 1).await.roles, ["admin", "user"]);
    let change = UserChange {
        roles: Some(["z", "a", "z"].map(str::to_owned).to_vec()),
        ..UserChange::default()
    };
    assert_eq!(updated(store, 1, change).await.roles, ["a", "z"]);
}

async fn updated<S: IdentityStore>(store: &Arc<S>, n: u16, change: UserChange) -> User {
    match store.update(uuid(n), change, at(5)).await.unwrap() {
        Updated::Done(user) => *user,
        other => panic!("the update should be done: {other:?}"),
    }
}

pub async fn an_update_changes_only_what_it_names<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    let change = UserChange {
        username: Some("countess".into()),
        picture: Some(Some("https://pictures.test/1".into())),
        tier_id: Some(Some(3)),
        ..UserChange::default()
    };
    updated(store, 1, change).await;
    let found = find(store, 1).await;
    assert_eq!(found.username, "countess");
    assert_eq!(found.picture.as_deref(), Some("https://pictures.test/1"));
    assert_eq!(found.tier_id, Some(3));
    assert_eq!(found.name, "ada Example");
    assert_eq!(found.email, "ada@example.com");
    assert_eq!(found.roles, ["user"]);
    assert_eq!((found.created_at, found.updated_at), (at(0), at(5)));
    let change = UserChange {
        name: Some("Ada Lovelace".into()),
        email: Some("countess@example.com".into()),
        ..UserChange::default()
    };
    let found = updated(store, 1, change).await;
    assert_eq!(found.name, "Ada Lovelace");
    assert_eq!(found.email, "countess@example.com");
    assert_eq!(found.tier_id, Some(3));
}

pub async fn an_update_removes_what_it_says<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    let set = UserChange {
        picture: Some(Some("https://pictures.test/1".into())),
        tier_id: Some(Some(3)),
        ..UserChange::default()
    };
    updated(store, 1, set).await;
    let remove = UserChange {
        picture: Some(None),
        tier_id: Some(None),
        roles: Some(vec![]),
        ..UserChange::default()
    };
    let found = updated(store, 1, remove).await;
    assert_eq!((found.picture, found.tier_id), (None, None));
    assert!(found.roles.is_empty());
}

pub async fn an_update_to_a_taken_name_is_refused_and_changes_nothing<S: IdentityStore>(
    store: &Arc<S>,
) {
    register(store, 1, "ada").await;
    register(store, 2, "bob").await;
    let cases = [
        (Some("ada"), None, UniqueField::Username),
        (None, Some("ada@example.com"), UniqueField::Email),
    ];
    for (username, email, field) in cases {
        let change = UserChange {
            name: Some("Not Bob".into()),
            username: username.map(str::to_owned),
            email: email.map(str::to_owned),
            ..UserChange::default()
        };
        let answer = store.update(uuid(2), change, at(5)).await.unwrap();
        assert!(matches!(answer, Updated::Taken(taken) if taken == field));
    }
    assert_eq!(find(store, 2).await.name, "bob Example");
    let own = UserChange {
        username: Some("bob".into()),
        email: Some("bob@example.com".into()),
        ..UserChange::default()
    };
    updated(store, 2, own).await;
}

pub async fn of_parallel_renames_to_one_name_one_wins<S: IdentityStore + 'static>(store: &Arc<S>) {
    // ID-08
    for n in 1..=20 {
        register(store, n, &format!("user-{n}")).await;
    }
    let renames: Vec<_> = (1..=20)
        .map(|n| {
            let store = Arc::clone(store);
            let change = UserChange {
                username: Some("ada".into()),
                ..UserChange::default()
            };
            tokio::spawn(async move { store.update(uuid(n), change, at(5)).await })
        })
        .collect();
    let mut won = 0;
    for rename in renames {
        match rename.await.unwrap().unwrap() {
            Updated::Done(_) => won += 1,
            Updated::Taken(field) => assert_eq!(field, UniqueField::Username),
            Updated::Absent => panic!("everybody is there"),
        }
    }
    assert_eq!(won, 1);
}

pub async fn an_update_of_nobody_is_absent<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    let change = UserChange {
        username: Some("ada".into()),
        ..UserChange::default()
    };
    let answer = store.update(uuid(9), change, at(5)).await.unwrap();
    assert!(matches!(answer, Updated::Absent));
}

pub async fn a_list_goes_on_after_the_name_it_is_given<S: IdentityStore>(store: &Arc<S>) {
    for (n, name) in [(1, "cyd"), (2, "ada"), (3, "bob")] {
        register(store, n, name).await;
    }
    let names =
        |users: Vec<User>| -> Vec<String> { users.into_iter().map(|user| user.username).collect() };
    assert_eq!(names(store.list(None, 2).await.unwrap()), ["ada", "bob"]);
    let rest = store.list(Some("bob"), 2).await.unwrap();
    assert_eq!(names(rest), ["cyd"]);
    assert!(store.list(Some("cyd"), 2).await.unwrap().is_empty());
}
