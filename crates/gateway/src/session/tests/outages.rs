//! The store is out of reach: nobody is logged out, nobody is let in for longer than the grace.

use cloakroom_core::EndReason;
use http::HeaderMap;

use super::*;

#[tokio::test]
async fn cached_sessions_go_on_for_the_grace_and_then_it_cannot_be_known() {
    let world = World::new();
    let (_, cookie) = world.login().await;
    world.sessions.read_feed().await.unwrap();
    assert!(known(world.open(&cookie).await).is_some());
    world.store.fail(true);
    world.clock.advance(Duration::from_millis(29_999));
    assert!(world.sessions.read_feed().await.is_err());
    assert!(known(world.open(&cookie).await).is_some());
    world.clock.advance(Duration::from_millis(1));
    assert!(matches!(world.open(&cookie).await, Visitor::Unavailable));
    world.store.fail(false);
    assert!(known(world.open(&cookie).await).is_some());
}

#[tokio::test]
async fn without_a_grace_the_store_has_the_word_at_once() {
    let mut config = fixture::config();
    config.session.outage_grace = Duration::ZERO;
    let world = World::with(config);
    let (_, cookie) = world.login().await;
    world.sessions.read_feed().await.unwrap();
    assert!(known(world.open(&cookie).await).is_some());
    world.store.fail(true);
    world.clock.advance(SECOND);
    assert!(matches!(world.open(&cookie).await, Visitor::Unavailable));
}

#[tokio::test]
async fn what_is_not_cached_cannot_be_known_and_no_cookie_is_cleared() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    let other = world.another();
    world.store.fail(true);
    let visitor = other.open(&headers(&cookie)).await;
    assert!(matches!(visitor, Visitor::Unavailable));
    let mut answer = HeaderMap::new();
    other.commit(&visitor, None, &mut answer);
    assert!(answer.is_empty());
    assert!(matches!(other.judge(&session).await, Judged::Unknown));
    assert!(!other.is_reachable().await);
}

#[tokio::test]
async fn an_ending_that_the_store_did_not_take_is_an_error_and_not_a_logout() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    world.store.fail(true);
    assert!(
        world
            .sessions
            .end_this(&session, EndReason::Logout)
            .await
            .is_err()
    );
    world.store.fail(false);
    assert!(known(world.open(&cookie).await).is_some());
}

#[tokio::test]
async fn a_store_that_answers_without_a_feed_is_asked_for_every_request() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    let other = world.another();
    assert!(known(other.open(&headers(&cookie)).await).is_some());
    assert!(hit(&other, &cookie).is_none(), "the feed was never read");
    world
        .sessions
        .end_this(&session, EndReason::Logout)
        .await
        .unwrap();
    assert!(known(other.open(&headers(&cookie)).await).is_none());
    world.store.fail(true);
    assert!(matches!(
        other.open(&headers(&cookie)).await,
        Visitor::Unavailable
    ));
}
