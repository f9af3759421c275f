//! Within one process: who waits, who does not, and what a flight survives.

use cloakroom_core::ports::ProviderError;
use cloakroom_core::session::Selector;

use super::*;
use crate::session::News;

#[tokio::test]
async fn a_token_with_life_left_is_used_as_it_is() {
    let scene = Scene::with_left(300 * SECOND).await;
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    assert!(scene.world.provider.presented().is_empty());
}

#[tokio::test]
async fn near_its_end_a_token_is_renewed_in_the_background() {
    // RF-11
    let scene = Scene::with_left(100 * SECOND).await;
    scene.world.provider.hold();
    assert_eq!(
        access(&scene.fresh().await.unwrap()),
        "access-1",
        "nobody waits"
    );
    scene.world.provider.until_presented(1).await;
    scene.world.provider.release();
    scene.refresher.drain().await;
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
    assert_eq!(scene.world.provider.presented(), ["refresh-1"]);
}

#[tokio::test]
async fn fifty_requests_on_an_expired_token_cost_one_refresh() {
    // RF-01
    let scene = Scene::expired().await;
    let mut news = scene.world.sessions.news();
    scene.world.provider.hold();
    let requests: Vec<_> = (0..50).map(|_| scene.request()).collect();
    scene.world.provider.until_presented(1).await;
    scene.world.provider.release();
    for request in requests {
        assert_eq!(access(&request.await.unwrap().unwrap()), "access-2");
    }
    assert_eq!(scene.world.provider.presented(), ["refresh-1"]);
    assert_eq!(
        news.try_recv().unwrap(),
        News::Refreshed(scene.session.handle.clone())
    );
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
}

#[tokio::test]
async fn a_request_that_still_has_the_old_session_gets_the_new_one_without_a_refresh() {
    let scene = Scene::expired().await;
    scene.fresh().await.unwrap();
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-2");
    assert_eq!(scene.world.provider.presented().len(), 1);
    let Visitor::Known(stored) = scene.stored().await else {
        panic!("the session lives")
    };
    assert_eq!(stored.fence.0, 1, "nor does it take the lease");
}

#[tokio::test]
async fn a_browser_that_hangs_up_cancels_the_refresh_for_nobody() {
    // RF-12
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let first = scene.request();
    scene.world.provider.until_presented(1).await;
    let second = scene.request();
    first.abort();
    assert!(first.await.unwrap_err().is_cancelled());
    scene.world.provider.release();
    assert_eq!(access(&second.await.unwrap().unwrap()), "access-2");
    assert_eq!(scene.world.provider.presented().len(), 1);
}

#[tokio::test]
async fn a_refresh_that_dies_blocks_nobody() {
    // RF-12
    let scene = Scene::expired().await;
    scene.world.provider.dies_once();
    assert_eq!(scene.fresh().await.err(), Some(Unfresh::Unavailable));
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-2");
}

#[tokio::test]
async fn shutdown_waits_for_a_refresh_whose_browser_is_gone() {
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let request = scene.request();
    scene.world.provider.until_presented(1).await;
    request.abort();
    scene.world.provider.release();
    scene.refresher.drain().await;
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
}

#[tokio::test]
async fn a_waiter_waits_as_long_as_it_may_and_the_flight_goes_on() {
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let mut request = scene.request();
    scene.world.provider.until_presented(1).await;
    assert!(scene.wait(&mut request, 11 * SECOND).await.is_none());
    assert_eq!(
        scene.wait(&mut request, SECOND).await.unwrap().err(),
        Some(Unfresh::Unavailable)
    );
    scene.world.provider.release();
    scene.refresher.drain().await;
    assert_eq!(
        stored_access(&scene.stored().await).as_deref(),
        Some("access-2")
    );
}

#[tokio::test]
async fn a_refused_token_is_replaced_though_it_has_life_left() {
    let scene = Scene::with_left(800 * SECOND).await;
    let need = Need::Forced {
        refused: Arc::clone(&scene.session),
    };
    let newer = scene
        .refresher
        .fresh(Arc::clone(&scene.session), need.clone())
        .await
        .unwrap();
    assert_eq!(access(&newer), "access-2");
    let again = scene
        .refresher
        .fresh(Arc::clone(&scene.session), need.clone())
        .await
        .unwrap();
    assert_eq!(
        access(&again),
        "access-2",
        "the record has a newer one than the refused"
    );
    let known = scene.refresher.fresh(newer, need).await.unwrap();
    assert_eq!(access(&known), "access-2");
    assert_eq!(scene.world.provider.presented(), ["refresh-1"]);
}

#[tokio::test]
async fn one_sick_session_does_not_delay_another() {
    // RF-16
    let scene = Scene::expired().await;
    let (other, _) = scene.world.login().await;
    scene.world.provider.hold();
    let sick = scene.request();
    scene.world.provider.until_presented(1).await;
    let other = scene.refresher.fresh(other, Need::IfDue).await.unwrap();
    assert_eq!(access(&other), "access-2");
    scene.world.provider.release();
    sick.await.unwrap().unwrap();
}

#[tokio::test]
async fn no_more_refreshes_are_under_way_than_are_allowed() {
    // RF-16
    let mut world = World::new();
    world.config.refresh.in_flight = 2;
    let mut sessions = Vec::new();
    for _ in 0..5 {
        sessions.push(world.login().await.0);
    }
    world.clock.advance(LIFE);
    let refresher = Arc::new(refresher(&world, &world.sessions));
    world.provider.hold();
    let tasks: Vec<_> = sessions
        .into_iter()
        .map(|session| {
            let refresher = Arc::clone(&refresher);
            tokio::spawn(async move { refresher.fresh(session, Need::IfDue).await })
        })
        .collect();
    world.provider.until_presented(2).await;
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    assert_eq!(world.provider.presented().len(), 2);
    world.provider.release();
    for task in tasks {
        task.await.unwrap().unwrap();
    }
    assert_eq!(world.provider.presented().len(), 5);
}

#[tokio::test]
async fn without_a_refresh_token_a_session_lives_as_long_as_its_access_token() {
    let world = World::new();
    let mut grant = world.provider.grant("ada");
    grant.tokens.refresh = None;
    let client = crate::session::fixture::client();
    let begun = world
        .sessions
        .begin(grant, world.clock.now(), &client, None)
        .await;
    let (session, cookie) = begun.unwrap();
    let refresher = refresher(&world, &world.sessions);
    world.clock.advance(LIFE.saturating_sub(SECOND));
    let fresh = refresher
        .fresh(Arc::clone(&session), Need::IfDue)
        .await
        .unwrap();
    assert_eq!(access(&fresh), "access-1");
    world.clock.advance(SECOND);
    let over = refresher.fresh(session, Need::IfDue).await;
    assert_eq!(over.err(), Some(Unfresh::Ended(EndReason::Expired)));
    assert_eq!(
        reason(&world.sessions.open(&headers(&cookie)).await),
        Some(EndReason::Expired)
    );
}

#[tokio::test]
async fn a_logout_beats_a_refresh_under_way() {
    // LO-05, RF-05
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let request = scene.request();
    scene.world.provider.until_presented(1).await;
    let which = Selector::Own(
        scene.session.principal.clone(),
        scene.session.handle.clone(),
    );
    scene
        .world
        .sessions
        .end(which, EndReason::Logout)
        .await
        .unwrap();
    scene.world.provider.release();
    let landed = request.await.unwrap();
    assert_eq!(landed.err(), Some(Unfresh::Ended(EndReason::Logout)));
    assert_eq!(
        scene.world.provider.revoked(),
        ["access-2"],
        "what came too late is worth nothing"
    );
    assert_eq!(reason(&scene.stored().await), Some(EndReason::Logout));
    let here = scene.world.sessions.open(&headers(&scene.cookie)).await;
    assert_eq!(reason(&here), Some(EndReason::Logout));
}

#[tokio::test]
async fn activity_during_a_refresh_is_not_lost() {
    let scene = Scene::expired().await;
    scene.world.provider.hold();
    let request = scene.request();
    scene.world.provider.until_presented(1).await;
    let now = scene.world.clock.now();
    let Visitor::Known(cached) = scene.world.sessions.open(&headers(&scene.cookie)).await else {
        panic!("the session is open")
    };
    scene.world.sessions.slide(&cached, now);
    scene.world.provider.release();
    let renewed = request.await.unwrap().unwrap();
    assert_eq!(
        renewed.idle_until(),
        now.plus(scene.world.config.session.idle_timeout)
    );
}

#[tokio::test]
async fn a_failed_refresh_is_not_repeated_within_a_second_while_the_token_is_good() {
    let scene = Scene::with_left(20 * SECOND).await;
    let down = || Err(ProviderError::Unavailable("down".into()));
    scene.world.provider.answers([down(), down()]);
    for _ in 0..10 {
        assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    }
    assert_eq!(scene.world.provider.presented().len(), 1);
    scene.world.clock.advance(SECOND);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    assert_eq!(scene.world.provider.presented().len(), 2);
}
