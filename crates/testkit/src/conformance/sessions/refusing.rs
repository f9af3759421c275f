//! Endings against logins in flight: an ending that happens while somebody logs in counts for that login too.

use cloakroom_core::EndReason;
use cloakroom_core::session::{Created, Except, NewSession, Opened, Selector};

use super::{Store, create, ended};
use crate::sample::{at, handle, id, principal, session};

async fn end(store: &Store, which: Selector, why: EndReason, secs: i64) {
    assert!(store.end(which, why, at(secs)).await.is_ok());
}

/// A login that began at `began` and is stored at second 100.
fn login(n: u8, subject: &str, began: i64) -> NewSession {
    NewSession {
        began: at(began),
        ..session(n, subject, 100)
    }
}

fn all_of(subject: &str) -> Selector {
    Selector::Principal(principal(subject), None)
}

pub async fn a_login_in_flight_is_refused_when_its_principal_was_ended(store: &Store) {
    end(store, all_of("ada"), EndReason::Disabled, 50).await;
    for began in [40, 50] {
        let refused = store.create(login(1, "ada", began)).await;
        assert_eq!(refused, Ok(Created::Refused(EndReason::Disabled)));
    }
    assert!(matches!(store.load(&id(1)).await.unwrap(), Opened::Absent));
}

pub async fn a_login_in_flight_is_refused_when_its_login_at_the_provider_was_ended(store: &Store) {
    let which = Selector::IssuerSid("builtin".into(), "sid-1".into());
    end(store, which, EndReason::ReuseDetected, 50).await;
    let refused = store.create(login(1, "ada", 40)).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::ReuseDetected)));
    create(store, login(2, "ada", 40)).await;
    let mut elsewhere = login(3, "ada", 40);
    elsewhere.record.principal.provider = "another".into();
    elsewhere.record.issuer_sid = Some("sid-1".into());
    create(store, elsewhere).await;
}

pub async fn a_login_in_flight_is_refused_when_everybody_was_ended(store: &Store) {
    end(store, Selector::Everybody, EndReason::Restored, 50).await;
    let refused = store.create(login(1, "ada", 50)).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::Restored)));
    create(store, login(2, "ada", 51)).await;
}

pub async fn a_refused_login_replaces_nothing(store: &Store) {
    create(store, session(1, "bob", 0)).await;
    end(store, all_of("ada"), EndReason::Disabled, 50).await;
    let new = NewSession {
        replaces: Some(handle(1)),
        limit: 1,
        ..login(2, "ada", 40)
    };
    let refused = store.create(new).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::Disabled)));
    assert_eq!(ended(store, 1).await, None);
}

pub async fn a_login_that_began_after_the_ending_is_stored(store: &Store) {
    end(store, all_of("ada"), EndReason::PasswordChanged, 50).await;
    create(store, login(1, "ada", 51)).await;
    assert_eq!(ended(store, 1).await, None);
}

pub async fn an_ending_concerns_neither_another_subject_nor_another_provider(store: &Store) {
    end(store, all_of("ada"), EndReason::Disabled, 50).await;
    create(store, login(1, "bob", 40)).await;
    let mut elsewhere = login(2, "ada", 40);
    elsewhere.record.principal.provider = "another".into();
    create(store, elsewhere).await;
}

pub async fn an_ending_of_one_session_refuses_no_login(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let one = Selector::Own(principal("ada"), handle(1));
    end(store, one, EndReason::RevokedByUser, 50).await;
    end(
        store,
        Selector::Handle(handle(1)),
        EndReason::RevokedByAdmin,
        51,
    )
    .await;
    create(store, login(2, "ada", 40)).await;
}

pub async fn a_login_that_the_ending_spared_is_stored(store: &Store) {
    let spared = Some(Except::IssuerSid("sid-1".into()));
    let which = Selector::Principal(principal("ada"), spared);
    end(store, which, EndReason::PasswordChanged, 50).await;
    create(store, login(1, "ada", 40)).await;
    let refused = store.create(login(2, "ada", 40)).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::PasswordChanged)));
    let mut nameless = login(3, "ada", 40);
    nameless.record.issuer_sid = None;
    let refused = store.create(nameless).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::PasswordChanged)));
}

pub async fn sparing_a_login_once_does_not_undo_an_earlier_ending(store: &Store) {
    end(store, all_of("ada"), EndReason::Disabled, 50).await;
    let spared = Some(Except::IssuerSid("sid-1".into()));
    let which = Selector::Principal(principal("ada"), spared);
    end(store, which, EndReason::PasswordChanged, 60).await;
    let refused = store.create(login(1, "ada", 45)).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::Disabled)));
}

pub async fn the_latest_ending_is_the_reason_that_is_told(store: &Store) {
    end(store, all_of("ada"), EndReason::PasswordChanged, 60).await;
    end(store, all_of("ada"), EndReason::Disabled, 50).await;
    end(store, Selector::Everybody, EndReason::Restored, 55).await;
    let refused = store.create(login(1, "ada", 45)).await;
    assert_eq!(refused, Ok(Created::Refused(EndReason::PasswordChanged)));
}
