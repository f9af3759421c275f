//! The conformance suites on SQLite, and what only a file can promise.

use std::sync::Arc;

use cloakroom_core::family::{Refused, RevokeReason};
use cloakroom_core::ports::{
    Attempt, Begun, CredentialChange, FamilyStore, Inserted, Outcome, StoreError, UserKey,
    UserStore,
};
use cloakroom_testkit::sample::{at, attempt, candidate, family, family_id, user, uuid};
use sqlx::Row;
use tempfile::TempDir;

use super::*;
use crate::open::Purpose;

const PRODUCTION: Open = Open {
    purpose: Purpose::Production,
};

async fn open(folder: &TempDir) -> SqliteIdentity {
    let path = folder.path().join("identity.db");
    SqliteIdentity::open(&path, PRODUCTION).await.unwrap()
}

async fn empty() -> (Arc<SqliteIdentity>, TempDir) {
    let folder = TempDir::new().unwrap();
    (Arc::new(open(&folder).await), folder)
}

mod users {
    use super::empty;

    cloakroom_testkit::user_store_conformance!(empty);
}

mod families {
    use super::empty;

    cloakroom_testkit::family_store_conformance!(empty);
}

/// Ada with a family whose first token is spent, and a family that a thief has killed.
async fn fill(store: &SqliteIdentity) {
    assert_eq!(store.insert(user(1, "ada")).await, Ok(Inserted::Done));
    for n in 1..=2 {
        let begun = store.begin(family(n, 1), at(9)).await;
        assert_eq!(begun, Ok(Begun::Done));
    }
    let rotated = store.present(attempt(1, 0, 20)).await;
    assert!(matches!(rotated, Ok(Outcome::Rotated(..))));
    let mut stolen = attempt(2, 0, 20);
    stolen.how.by = None;
    let reused = store.present(stolen).await;
    assert!(matches!(reused, Ok(Outcome::Reused(_))));
}

async fn assert_filled(store: &SqliteIdentity) {
    let again = Attempt {
        next: candidate(1, 1, 2),
        ..attempt(1, 0, 30)
    };
    let Outcome::Repeated(_, token) = store.present(again).await.unwrap() else {
        panic!("the successor is unused");
    };
    assert_eq!(token.jti, candidate(1, 1, 1).jti);
    let dead = store.present(attempt(2, 0, 30)).await.unwrap();
    let why = Refused::Revoked(RevokeReason::Reuse);
    assert!(matches!(dead, Outcome::Refused(said) if said == why));
    assert_eq!(store.outbox(10).await.unwrap().len(), 1);
}

async fn assert_sound(store: &SqliteIdentity) {
    let row = sqlx::query("PRAGMA integrity_check")
        .fetch_one(&store.0.readers)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), "ok");
    let orphans = sqlx::query("PRAGMA foreign_key_check")
        .fetch_optional(&store.0.readers)
        .await
        .unwrap();
    assert!(orphans.is_none());
}

#[tokio::test]
async fn spent_and_revoked_tokens_stay_so_after_a_restart() {
    // RF-06
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    fill(&store).await;
    drop(store);
    assert_filled(&open(&folder).await).await;
}

#[tokio::test]
async fn spent_and_revoked_tokens_stay_so_after_the_process_was_killed() {
    // RF-06
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    fill(&store).await;
    let elsewhere = TempDir::new().unwrap();
    for name in ["identity.db", "identity.db-wal"] {
        let (from, to) = (folder.path().join(name), elsewhere.path().join(name));
        std::fs::copy(from, to).unwrap();
    }
    let survivor = open(&elsewhere).await;
    assert_filled(&survivor).await;
    assert_sound(&survivor).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_presentations_through_two_openers_one_rotates() {
    // RF-04
    let folder = TempDir::new().unwrap();
    let stores = [Arc::new(open(&folder).await), Arc::new(open(&folder).await)];
    assert_eq!(stores[0].insert(user(1, "ada")).await, Ok(Inserted::Done));
    let begun = stores[0].begin(family(1, 1), at(9)).await;
    assert_eq!(begun, Ok(Begun::Done));
    let tasks: Vec<_> = (1..=200)
        .map(|salt| {
            let store = Arc::clone(&stores[usize::from(salt) % 2]);
            let attempt = Attempt {
                next: candidate(1, 1, salt),
                ..attempt(1, 0, 20)
            };
            tokio::spawn(async move { store.present(attempt).await })
        })
        .collect();
    let mut rotated = 0;
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Outcome::Rotated(..) => rotated += 1,
            Outcome::Repeated(..) => {}
            other => panic!("the owner presented its token: {other:?}"),
        }
    }
    assert_eq!(rotated, 1);
    assert_sound(&stores[1]).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_busy_file_stays_sound() {
    let (store, _folder) = empty().await;
    let lives: Vec<_> = (1..=60)
        .map(|n| {
            let store = Arc::clone(&store);
            tokio::spawn(async move {
                let stored = store.insert(user(n, &format!("user-{n}"))).await;
                assert_eq!(stored, Ok(Inserted::Done));
                let begun = store.begin(family(n, n), at(9)).await;
                assert_eq!(begun, Ok(Begun::Done));
                let rotated = store.present(attempt(n, 0, 20)).await;
                assert!(matches!(rotated, Ok(Outcome::Rotated(..))));
                let deleted = store.change_credential(uuid(n), CredentialChange::Delete, at(30));
                assert_eq!(deleted.await, Ok(true));
            })
        })
        .collect();
    for life in lives {
        life.await.unwrap();
    }
    assert_eq!(store.outbox(1000).await.unwrap().len(), 60);
    assert_sound(&store).await;
    let end = family(1, 1).family.absolute_expires;
    // Sixty families of two tokens each.
    assert_eq!(store.purge(end, 1000).await, Ok(180));
    let gone = store.family(family_id(1)).await.unwrap();
    assert!(gone.is_none());
    assert_sound(&store).await;
}

#[tokio::test]
async fn no_name_is_stored_twice_whatever_the_program_does() {
    // ID-08: the constraint is the table's own.
    let (store, _folder) = empty().await;
    assert_eq!(store.insert(user(1, "ada")).await, Ok(Inserted::Done));
    assert_eq!(store.insert(user(2, "bob")).await, Ok(Inserted::Done));
    for sql in [
        "UPDATE users SET username = 'ada'",
        "UPDATE users SET email = 'ada@example.com'",
    ] {
        let rename = store.0.write(move |db| {
            Box::pin(async move {
                let done = sqlx::query(sql).execute(db).await;
                done.map(|_| ()).map_err(crate::sqlite::failed)
            })
        });
        assert!(matches!(rename.await, Err(StoreError::Unavailable(_))));
    }
    let bob = store.find(&UserKey::Username("bob".into())).await.unwrap();
    assert!(bob.is_some());
}

#[tokio::test]
async fn a_purge_of_a_family_with_many_tokens_is_cut_into_small_pieces() {
    // F-31: one transaction deletes no more rows than it is told to.
    let (store, _folder) = empty().await;
    assert_eq!(store.insert(user(1, "ada")).await, Ok(Inserted::Done));
    assert_eq!(store.begin(family(1, 1), at(9)).await, Ok(Begun::Done));
    for generation in 0..25 {
        let rotated = store.present(attempt(1, generation, 20)).await;
        assert!(matches!(rotated, Ok(Outcome::Rotated(..))));
    }
    let end = family(1, 1).family.absolute_expires;
    for rows in [10, 10, 7, 0] {
        assert_eq!(store.purge(end, 10).await, Ok(rows));
        assert_sound(&store).await;
    }
    let gone = store.family(family_id(1)).await.unwrap();
    assert!(gone.is_none());
}
