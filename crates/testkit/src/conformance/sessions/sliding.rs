//! Sliding the idle timer.

use cloakroom_core::EndReason;
use cloakroom_core::session::{Selector, Slide};

use super::{Store, create, ended, live};
use crate::sample::{at, handle, id, session};

fn slide(n: u8, seen: i64, idle_until: i64) -> Slide {
    Slide {
        id: id(n),
        seen: at(seen),
        idle_until: at(idle_until),
    }
}

pub async fn a_slide_moves_the_idle_end_and_the_last_activity(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    create(store, session(2, "ada", 0)).await;
    let batch = [slide(1, 50, 150), slide(2, 60, 160)];
    store.touch(&batch).await.unwrap();
    for (n, seen) in [(1, 50), (2, 60)] {
        let record = live(store, n).await;
        assert_eq!(record.last_seen, at(seen));
        assert_eq!(record.idle_until, at(seen + 100));
    }
}

pub async fn a_slide_never_moves_backwards(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    store.touch(&[slide(1, 50, 150)]).await.unwrap();
    store.touch(&[slide(1, 40, 140)]).await.unwrap();
    let record = live(store, 1).await;
    assert_eq!(record.last_seen, at(50));
    assert_eq!(record.idle_until, at(150));
}

pub async fn a_slide_never_passes_the_absolute_end(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    store.touch(&[slide(1, 50, 5000)]).await.unwrap();
    let record = live(store, 1).await;
    assert_eq!(record.idle_until, record.absolute_until);
}

pub async fn a_slide_revives_nothing(store: &Store) {
    for n in 1..=2 {
        create(store, session(n, "ada", 0)).await;
    }
    let logout = store.end(Selector::Handle(handle(1)), EndReason::Logout, at(10));
    assert_eq!(logout.await, Ok(1));
    // Session 2 had been idle for too long when this activity is said to have happened.
    let batch = [slide(1, 50, 150), slide(2, 100, 200)];
    store.touch(&batch).await.unwrap();
    assert_eq!(ended(store, 1).await, Some(EndReason::Logout));
    let record = live(store, 2).await;
    assert_eq!(record.idle_until, at(100));
    assert_eq!(record.timed_out(at(100)), Some(EndReason::Idle));
}

pub async fn a_slide_of_an_unknown_session_does_not_stop_the_batch(store: &Store) {
    create(store, session(1, "ada", 0)).await;
    let batch = [slide(9, 50, 150), slide(1, 50, 150)];
    store.touch(&batch).await.unwrap();
    store.touch(&[]).await.unwrap();
    assert_eq!(live(store, 1).await.last_seen, at(50));
}
