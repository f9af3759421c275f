//! Storing a session.

use std::sync::Arc;

use cloakroom_core::EndReason;
use cloakroom_core::session::{Beat, Created, Fence, NewSession, Opened, Selector, Seq};

use super::{Store, create, ended, hold, live, owner, position};
use crate::sample::{at, handle, id, principal, session};

pub async fn a_stored_session_is_found_with_everything_in_it(store: &Store) {
    let new = session(1, "ada", 0);
    create(store, new.clone()).await;
    let (found, stored) = (live(store, 1).await, new.record);
    assert_eq!(found.id, stored.id);
    assert_eq!(found.handle, stored.handle);
    assert_eq!(found.verifier, stored.verifier);
    assert_eq!(found.principal, stored.principal);
    assert_eq!(found.issuer, stored.issuer);
    assert_eq!(found.issuer_sid, stored.issuer_sid);
    assert_eq!(found.device, stored.device);
    assert_eq!(found.created, stored.created);
    assert_eq!(found.last_seen, stored.last_seen);
    assert_eq!(found.idle_until, stored.idle_until);
    assert_eq!(found.absolute_until, stored.absolute_until);
    assert_eq!(found.tokens, stored.tokens);
}

pub async fn an_unknown_session_is_absent(store: &Store) {
    assert!(matches!(store.load(&id(1)).await.unwrap(), Opened::Absent));
}

pub async fn lease_fence_and_position_of_a_new_session_are_the_stores_to_set(store: &Store) {
    let mut new = session(1, "ada", 0);
    new.record.issuer_sid = None;
    new.record.fence = Fence(77);
    new.record.seq = Seq(77);
    new.record.lease = Some(Beat {
        owner: owner("nobody"),
        count: 3,
    });
    create(store, new).await;
    let found = live(store, 1).await;
    assert_eq!(found.lease, None);
    assert_eq!(found.issuer_sid, None);
    assert_eq!(found.seq, position(store).await);
    hold(store, 1, found.fence, "me").await;
}

pub async fn a_new_session_ends_the_one_it_replaces(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    create(store, session(2, "ada", 5)).await;
    let new = NewSession {
        replaces: Some(handle(1)),
        ..session(3, "bob", 10)
    };
    create(store, new).await;
    assert_eq!(ended(store, 1).await, Some(EndReason::Replaced));
    assert_eq!(ended(store, 2).await, None);
    assert_eq!(ended(store, 3).await, None);
}

pub async fn replacing_a_session_that_has_ended_already_changes_nothing_of_it(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let logout = store.end(Selector::Handle(handle(1)), EndReason::Logout, at(1));
    assert_eq!(logout.await, Ok(1));
    for (n, old) in [(2, 1), (3, 99)] {
        let new = NewSession {
            replaces: Some(handle(old)),
            ..session(n, "ada", 10)
        };
        create(store, new).await;
    }
    assert_eq!(ended(store, 1).await, Some(EndReason::Logout));
}

pub async fn the_oldest_session_above_the_limit_ends(store: &Store) {
    for n in 1..=4 {
        let new = NewSession {
            limit: 2,
            ..session(n, "ada", i64::from(n))
        };
        create(store, new).await;
    }
    assert_eq!(ended(store, 1).await, Some(EndReason::RevokedByUser));
    assert_eq!(ended(store, 2).await, Some(EndReason::RevokedByUser));
    assert_eq!(ended(store, 3).await, None);
    assert_eq!(ended(store, 4).await, None);
}

pub async fn sessions_that_have_ended_do_not_count_towards_the_limit(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    create(store, session(2, "ada", 60)).await;
    create(store, session(3, "ada", 61)).await;
    let logout = store.end(Selector::Handle(handle(3)), EndReason::Logout, at(62));
    assert_eq!(logout.await, Ok(1));
    // Session 1 has been idle for too long by now, session 3 has ended.
    let new = NewSession {
        limit: 2,
        ..session(4, "ada", 110)
    };
    create(store, new).await;
    assert_eq!(ended(store, 2).await, None);
    assert_eq!(ended(store, 4).await, None);
}

pub async fn sessions_of_somebody_else_do_not_count_towards_the_limit(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let mut elsewhere = session(2, "ada", 1);
    elsewhere.record.principal.provider = "another".into();
    create(store, elsewhere).await;
    let new = NewSession {
        limit: 1,
        ..session(3, "bob", 2)
    };
    create(store, new).await;
    assert_eq!(ended(store, 1).await, None);
    assert_eq!(ended(store, 2).await, None);
}

pub async fn the_limit_holds_under_parallel_logins(store: &Store) {
    let logins: Vec<_> = (1..=20)
        .map(|n| {
            let store = Arc::clone(store);
            let new = NewSession {
                limit: 5,
                ..session(n, "ada", i64::from(n))
            };
            tokio::spawn(async move { store.create(new).await })
        })
        .collect();
    for login in logins {
        assert_eq!(login.await.unwrap(), Ok(Created::Done));
    }
    let listed = store.list(Some(&principal("ada")), at(30), 100).await;
    assert_eq!(listed.unwrap().len(), 5);
}

pub async fn an_id_or_handle_that_is_stored_already_is_an_error(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let mut same_id = session(2, "bob", 1);
    same_id.record.id = id(1);
    assert!(store.create(same_id).await.is_err());
    let mut same_handle = session(3, "bob", 1);
    same_handle.record.handle = handle(1);
    assert!(store.create(same_handle).await.is_err());
    assert_eq!(live(store, 1).await.principal, principal("ada"));
    create(store, session(4, "bob", 2)).await;
}
