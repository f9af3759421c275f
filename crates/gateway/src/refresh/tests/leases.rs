//! Among several instances on one store: who refreshes, who waits, and who may no longer write.

use cloakroom_core::ports::{ProviderError, Retry};
use cloakroom_core::session::{SealedTokens, Swap};

use super::*;

#[tokio::test]
async fn two_instances_refresh_once() {
    // RF-01
    let scene = Scene::expired().await;
    let other = scene.world.another();
    let Visitor::Known(theirs) = other.open(&headers(&scene.cookie)).await else {
        panic!("the other instance opens it")
    };
    let other = refresher(&scene.world, &other);
    scene.world.provider.hold();
    let mut here = scene.request();
    scene.world.provider.until_presented(1).await;
    let mut there = tokio::spawn(async move { other.fresh(theirs, Need::IfDue).await });
    assert!(
        scene.wait(&mut there, 8 * SECOND).await.is_none(),
        "the holder's beat goes on"
    );
    scene.world.provider.release();
    let here = scene.wait(&mut here, SECOND).await.unwrap().unwrap();
    let there = scene.wait(&mut there, SECOND).await.unwrap().unwrap();
    assert_eq!([access(&here), access(&there)], ["access-2", "access-2"]);
    assert_eq!(scene.world.provider.presented(), ["refresh-1"]);
}

#[tokio::test]
async fn a_holder_that_shows_no_sign_of_life_is_followed_after_five_seconds() {
    // RF-12
    let scene = Scene::expired().await;
    assert!(matches!(
        scene.somebody_takes_the_lease().await,
        Lease::Held(_)
    ));
    let mut request = scene.request();
    assert!(
        scene
            .wait(&mut request, Duration::from_millis(4500))
            .await
            .is_none()
    );
    assert!(scene.world.provider.presented().is_empty());
    let landed = scene.wait(&mut request, SECOND).await.unwrap();
    assert_eq!(access(&landed.unwrap()), "access-2");
}

#[tokio::test]
async fn a_holder_that_was_only_slow_can_no_longer_write() {
    // RF-13
    let scene = Scene::expired().await;
    let Lease::Held(held) = scene.somebody_takes_the_lease().await else {
        panic!("it is free")
    };
    let mut request = scene.request();
    scene.wait(&mut request, 6 * SECOND).await.unwrap().unwrap();
    let late = SealedTokens {
        access_expires: scene.world.clock.now(),
        blob: b"late"[..].into(),
    };
    let swap = scene
        .world
        .store
        .store(&scene.session.id, held.fence, late)
        .await
        .unwrap();
    assert_eq!(swap, Swap::Fenced);
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
}

#[tokio::test]
async fn whoever_was_overtaken_uses_what_the_other_stored() {
    // RF-13
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let mut slow = scene.request();
    scene.world.provider.until_presented(1).await;
    // As if this process had been stopped for so long that another one took the lease over.
    let Lease::Busy(beat) = scene.somebody_takes_the_lease().await else {
        panic!("it is held")
    };
    let other = Owner("other".into());
    let taken =
        scene
            .world
            .store
            .lease(&scene.session.id, scene.session.fence, Some(&beat), &other);
    let Lease::Held(record) = taken.await.unwrap() else {
        panic!("the beat still stands")
    };
    let fence = record.fence;
    let helper = scene.world.another();
    let Visitor::Known(theirs) = helper.open(&headers(&scene.cookie)).await else {
        panic!("the session lives")
    };
    let grant = scene.world.provider.grant("ada");
    let read = helper.about_to_read();
    let renewal = helper
        .renew(&theirs, grant.profile, grant.tokens, read)
        .unwrap();
    let sealed = renewal.sealed().clone();
    scene
        .world
        .store
        .store(&scene.session.id, fence, sealed)
        .await
        .unwrap();
    scene.world.provider.release();
    let landed = scene.wait(&mut slow, SECOND).await.unwrap().unwrap();
    assert_eq!(
        access(&landed),
        "access-2",
        "not access-3, which was received too late"
    );
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_counts_and_nothing_is_refreshed_again() {
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let mut request = scene.request();
    scene.world.provider.until_presented(1).await;
    // As if our own first attempt to store had reached the store, and its answer had not reached us.
    let Visitor::Known(held) = scene.stored().await else {
        panic!("the session lives")
    };
    let grant = scene.world.provider.grant("ada");
    let read = scene.world.sessions.about_to_read();
    let renewal = scene
        .world
        .sessions
        .renew(&held, grant.profile, grant.tokens, read);
    let sealed = renewal.unwrap().sealed().clone();
    let written = scene.world.store.store(&held.id, held.fence, sealed);
    assert_eq!(written.await.unwrap(), Swap::Done);
    scene.world.provider.release();
    let landed = scene.wait(&mut request, SECOND).await.unwrap().unwrap();
    assert_eq!(access(&landed), "access-2");
    assert_eq!(scene.world.provider.presented(), ["refresh-1"]);
}

#[tokio::test]
async fn a_no_that_came_to_an_overtaken_holder_ends_nothing() {
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    scene.world.provider.answers([Err(ProviderError::Refused)]);
    let mut slow = scene.request();
    scene.world.provider.until_presented(1).await;
    let Lease::Busy(beat) = scene.somebody_takes_the_lease().await else {
        panic!("it is held")
    };
    let other = Owner("other".into());
    let taken =
        scene
            .world
            .store
            .lease(&scene.session.id, scene.session.fence, Some(&beat), &other);
    let Lease::Held(record) = taken.await.unwrap() else {
        panic!("the beat still stands")
    };
    scene
        .world
        .store
        .release(&scene.session.id, record.fence)
        .await
        .unwrap();
    scene.world.provider.release();
    let landed = scene.wait(&mut slow, SECOND).await.unwrap().unwrap();
    assert_eq!(
        access(&landed),
        "access-2",
        "it looked again, and tried again"
    );
}

#[tokio::test]
async fn a_dead_process_leaves_the_session_usable_with_the_token_it_has() {
    let scene = Scene::with_left(20 * SECOND).await;
    scene.world.provider.retries(Retry::Never);
    scene.somebody_takes_the_lease().await;
    let mut request = scene.request();
    let landed = scene.wait(&mut request, 6 * SECOND).await.unwrap().unwrap();
    assert_eq!(access(&landed), "access-1");
    assert!(
        scene.world.provider.presented().is_empty(),
        "it may have been sent: not a second time"
    );
    // The next request does not wait for the dead again.
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    scene.world.clock.advance(20 * SECOND);
    let mut request = scene.request();
    let landed = scene.wait(&mut request, 6 * SECOND).await.unwrap().unwrap();
    assert_eq!(
        access(&landed),
        "access-2",
        "now there is nothing left to lose"
    );
}

#[tokio::test]
async fn a_window_counts_only_from_a_sign_of_life_that_was_seen() {
    let scene = Scene::with_left(20 * SECOND).await;
    scene.world.provider.retries(Retry::Window(60 * SECOND));
    let Lease::Held(held) = scene.somebody_takes_the_lease().await else {
        panic!("it is free")
    };
    let mut request = scene.request();
    assert!(scene.wait(&mut request, SECOND).await.is_none());
    assert!(
        scene
            .world
            .store
            .beat(&scene.session.id, held.fence)
            .await
            .unwrap()
    );
    let landed = scene.wait(&mut request, 6 * SECOND).await.unwrap().unwrap();
    assert_eq!(access(&landed), "access-2");
}

#[tokio::test]
async fn a_provider_that_must_not_be_asked_twice_is_asked_again_only_at_the_end() {
    let scene = Scene::with_left(20 * SECOND).await;
    scene.world.provider.retries(Retry::Never);
    scene
        .world
        .provider
        .answers([Err(ProviderError::Unavailable("no answer in time".into()))]);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    scene.world.clock.advance(19 * SECOND);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    assert_eq!(scene.world.provider.presented().len(), 1);
    scene.world.clock.advance(SECOND);
    assert_eq!(
        access(&scene.fresh().await.unwrap()),
        "access-2",
        "its own lease needs no waiting"
    );
    assert_eq!(scene.world.provider.presented(), ["refresh-1", "refresh-1"]);
}

#[tokio::test]
async fn a_lost_answer_is_repeated_at_once_where_the_provider_repeats_itself() {
    let scene = Scene::expired().await;
    scene
        .world
        .provider
        .answers([Err(ProviderError::Unavailable("connection reset".into()))]);
    assert_eq!(scene.fresh().await.err(), Some(Unfresh::Unavailable));
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-2");
    assert_eq!(scene.world.provider.presented(), ["refresh-1", "refresh-1"]);
}

#[tokio::test]
async fn renewed_tokens_wait_for_a_store_that_is_away_for_a_moment() {
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let mut request = scene.request();
    scene.world.provider.until_presented(1).await;
    scene.world.store.fail(true);
    scene.world.provider.release();
    assert!(scene.wait(&mut request, SECOND).await.is_none());
    scene.world.store.fail(false);
    let landed = scene.wait(&mut request, 3 * SECOND).await.unwrap().unwrap();
    assert_eq!(access(&landed), "access-2");
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
    assert_eq!(scene.world.provider.presented().len(), 1);
}
