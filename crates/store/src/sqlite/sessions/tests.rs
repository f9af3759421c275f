//! The conformance suite on SQLite, and what only a file can promise: restarts, crashes, two processes.

use std::sync::Arc;

use cloakroom_core::session::{Selector, Swap};
use cloakroom_testkit::sample::{at, handle, id, principal, session, tokens};
use sqlx::Row;
use tempfile::TempDir;

use super::*;
use crate::open::Purpose;

const PRODUCTION: Open = Open {
    purpose: Purpose::Production,
};

async fn open(folder: &TempDir) -> SqliteSessions {
    let path = folder.path().join("sessions.db");
    SqliteSessions::open(&path, PRODUCTION).await.unwrap()
}

async fn empty() -> (Arc<dyn SessionStore>, TempDir) {
    let folder = TempDir::new().unwrap();
    let store: Arc<dyn SessionStore> = Arc::new(open(&folder).await);
    (store, folder)
}

cloakroom_testkit::session_store_conformance!(empty);

/// Session 1 lives with its second tokens, session 2 was logged out, session 3 is being refreshed.
async fn fill(store: &SqliteSessions) {
    for n in 1..=3 {
        let created = store.create(session(n, "ada", i64::from(n))).await;
        assert_eq!(created, Ok(Created::Done));
    }
    let fence = hold(store, 1).await;
    let stored = store.store(&id(1), fence, tokens(b"second")).await;
    assert_eq!(stored, Ok(Swap::Done));
    let logout = store.end(Selector::Handle(handle(2)), EndReason::Logout, at(10));
    assert_eq!(logout.await, Ok(1));
    hold(store, 3).await;
}

async fn hold(store: &SqliteSessions, n: u8) -> Fence {
    let me = Owner("me".into());
    match store.lease(&id(n), Fence(0), None, &me).await.unwrap() {
        Lease::Held(record) => record.fence,
        other => panic!("the lease should be free: {other:?}"),
    }
}

async fn assert_filled(store: &SqliteSessions) {
    let Opened::Live(record) = store.load(&id(1)).await.unwrap() else {
        panic!("session 1 should live");
    };
    assert_eq!(record.tokens, tokens(b"second"));
    let Opened::Ended(tombstone) = store.load(&id(2)).await.unwrap() else {
        panic!("session 2 should have ended");
    };
    assert_eq!(tombstone.reason, EndReason::Logout);
    let other = Owner("other".into());
    let asked = store.lease(&id(3), Fence(0), None, &other).await;
    assert!(matches!(asked, Ok(Lease::Busy(_))));
    let changes = store.changes(Seq(0)).await.unwrap();
    assert!(matches!(changes, Changes::Since { upto: Seq(5), .. }));
    let mut late = session(4, "ada", 20);
    late.began = at(10);
    assert_eq!(store.create(late).await, Ok(Created::Done));
}

async fn assert_sound(store: &SqliteSessions) {
    let row = sqlx::query("PRAGMA integrity_check")
        .fetch_one(&store.0.readers)
        .await
        .unwrap();
    assert_eq!(row.get::<String, _>(0), "ok");
}

#[tokio::test]
async fn a_store_that_is_dropped_and_opened_again_has_kept_everything() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    fill(&store).await;
    drop(store);
    assert_filled(&open(&folder).await).await;
}

#[tokio::test]
async fn what_was_answered_survives_the_death_of_the_process() {
    // The files are copied while the store is open, as a kill or a power cut would leave them.
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    fill(&store).await;
    let elsewhere = TempDir::new().unwrap();
    for name in ["sessions.db", "sessions.db-wal"] {
        let (from, to) = (folder.path().join(name), elsewhere.path().join(name));
        std::fs::copy(from, to).unwrap();
    }
    let survivor = open(&elsewhere).await;
    assert_filled(&survivor).await;
    assert_sound(&survivor).await;
}

#[tokio::test]
async fn two_openers_of_one_file_see_each_other_s_changes() {
    let folder = TempDir::new().unwrap();
    let (server, command_line) = (open(&folder).await, open(&folder).await);
    let created = server.create(session(1, "ada", 0)).await;
    assert_eq!(created, Ok(Created::Done));
    let Changes::Since { upto, handles } = command_line.changes(Seq(0)).await.unwrap() else {
        panic!("the feed begins at 0");
    };
    assert_eq!(handles, [handle(1)]);

    let all = Selector::Principal(principal("ada"), None);
    let ended = command_line.end(all, EndReason::RevokedByAdmin, at(1));
    assert_eq!(ended.await, Ok(1));
    let Changes::Since { handles, .. } = server.changes(upto).await.unwrap() else {
        panic!("the feed reaches back");
    };
    assert_eq!(handles, [handle(1)]);
    let opened = server.load(&id(1)).await.unwrap();
    assert!(matches!(opened, Opened::Ended(_)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_openers_that_write_at_once_lose_nothing() {
    let folder = TempDir::new().unwrap();
    let stores = [Arc::new(open(&folder).await), Arc::new(open(&folder).await)];
    let writes: Vec<_> = (1..=200)
        .map(|n| {
            let store = Arc::clone(&stores[usize::from(n) % 2]);
            let new = session(n, &format!("user-{n}"), 0);
            tokio::spawn(async move { store.create(new).await })
        })
        .collect();
    for write in writes {
        assert_eq!(write.await.unwrap(), Ok(Created::Done));
    }
    let listed = stores[0].list(None, at(1), 1000).await.unwrap();
    assert_eq!(listed.len(), 200);
    let Changes::Since { handles, upto } = stores[1].changes(Seq(0)).await.unwrap() else {
        panic!("the feed begins at 0");
    };
    assert_eq!((handles.len(), upto), (200, Seq(200)));
    assert_sound(&stores[0]).await;
}

#[tokio::test]
async fn a_closed_store_is_unavailable_and_not_empty() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    store.close().await;
    let written = store.create(session(1, "ada", 0)).await;
    assert!(matches!(written, Err(StoreError::Unavailable(_))));
    let read = store.load(&id(1)).await;
    assert!(matches!(read, Err(StoreError::Unavailable(_))));
}

#[tokio::test]
async fn a_row_that_cannot_be_is_reported_with_its_column() {
    let folder = TempDir::new().unwrap();
    let store = open(&folder).await;
    let created = store.create(session(1, "ada", 0)).await;
    assert_eq!(created, Ok(Created::Done));
    let tamper = store.0.write(|db| {
        Box::pin(async move {
            sqlx::query("UPDATE sessions SET ended_at = 1, end_reason = 'nonsense'")
                .execute(db)
                .await
                .map_err(crate::sqlite::failed)
        })
    });
    assert!(tamper.await.is_ok());
    let opened = store.load(&id(1)).await;
    assert!(matches!(
        opened,
        Err(StoreError::Inconsistent {
            table: "sessions",
            column: "end_reason",
            ..
        })
    ));
}
