//! Lists of live sessions, for owners and operators.

use cloakroom_core::EndReason;
use cloakroom_core::session::{Listed, Selector, Slide};

use super::{Store, create};
use crate::sample::{at, handle, id, principal, session};

async fn list(store: &Store, of: Option<&str>, now: i64, limit: u32) -> Vec<Listed> {
    let who = of.map(principal);
    store.list(who.as_ref(), at(now), limit).await.unwrap()
}

fn handles(listed: &[Listed]) -> Vec<&str> {
    listed.iter().map(|one| one.handle.as_str()).collect()
}

/// Session 1 was begun first and is the most recently active one.
async fn four_sessions(store: &Store) {
    for (n, subject) in [(1, "ada"), (2, "ada"), (3, "ada"), (4, "bob")] {
        create(store, session(n, subject, i64::from(n))).await;
    }
    let slide = Slide {
        id: id(1),
        seen: at(50),
        idle_until: at(150),
    };
    store.touch(&[slide]).await.unwrap();
}

pub async fn a_list_shows_the_most_recently_active_first(store: &Store) {
    four_sessions(store).await;
    let listed = list(store, Some("ada"), 60, 100).await;
    assert_eq!(handles(&listed), ["handle-1", "handle-3", "handle-2"]);
    let (first, stored) = (&listed[0], session(1, "ada", 1).record);
    assert_eq!(first.principal, stored.principal);
    assert_eq!(first.device, stored.device);
    assert_eq!(first.created, stored.created);
    assert_eq!(first.last_seen, at(50));
    assert_eq!(first.absolute_until, stored.absolute_until);
}

pub async fn a_list_is_cut_at_its_limit(store: &Store) {
    four_sessions(store).await;
    let listed = list(store, Some("ada"), 60, 2).await;
    assert_eq!(handles(&listed), ["handle-1", "handle-3"]);
}

pub async fn a_list_shows_live_sessions_alone(store: &Store) {
    four_sessions(store).await;
    let logout = store.end(Selector::Handle(handle(3)), EndReason::Logout, at(60));
    assert_eq!(logout.await, Ok(1));
    let listed = list(store, Some("ada"), 60, 100).await;
    assert_eq!(handles(&listed), ["handle-1", "handle-2"]);
    let later = list(store, Some("ada"), 102, 100).await;
    assert_eq!(handles(&later), ["handle-1"]);
    assert!(list(store, Some("nobody"), 60, 100).await.is_empty());
}

pub async fn a_list_of_everybody_shows_all_principals(store: &Store) {
    four_sessions(store).await;
    let listed = list(store, None, 60, 100).await;
    assert_eq!(
        handles(&listed),
        ["handle-1", "handle-4", "handle-3", "handle-2"]
    );
}
