//! Forgetting what nobody will ask for again.

use std::time::Duration;

use cloakroom_core::EndReason;
use cloakroom_core::session::{Created, ENDING_KEPT, NewSession, Opened, Selector};

use super::{Store, create, end_of, ended};
use crate::sample::{at, handle, id, principal, session};

pub async fn purging_takes_what_is_past_its_absolute_end(store: &Store) {
    for n in 1..=3 {
        create(store, session(n, "ada", i64::from(n) * 10)).await;
    }
    let logout = store.end(Selector::Handle(handle(1)), EndReason::Logout, at(40));
    assert_eq!(logout.await, Ok(1));
    assert_eq!(store.purge(end_of(20), 100).await, Ok(2));
    for n in 1..=2 {
        assert!(matches!(store.load(&id(n)).await.unwrap(), Opened::Absent));
    }
    assert_eq!(ended(store, 3).await, None);
    assert_eq!(store.purge(end_of(20), 100).await, Ok(0));
}

pub async fn purging_stops_at_its_limit(store: &Store) {
    for n in 1..=5 {
        create(store, session(n, "ada", 0)).await;
    }
    assert_eq!(store.purge(end_of(0), 2).await, Ok(2));
    assert_eq!(store.purge(end_of(0), 2).await, Ok(2));
    assert_eq!(store.purge(end_of(0), 2).await, Ok(1));
}

pub async fn purging_keeps_endings_that_a_login_in_flight_must_obey(store: &Store) {
    let all = Selector::Principal(principal("ada"), None);
    assert_eq!(store.end(all, EndReason::Disabled, at(0)).await, Ok(0));
    let just_before = at(0).plus(ENDING_KEPT).minus(Duration::from_micros(1));
    store.purge(just_before, 100).await.unwrap();
    let late = NewSession {
        began: at(0),
        ..session(1, "ada", 86_000)
    };
    let refused = store.create(late).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::Disabled)));
}
