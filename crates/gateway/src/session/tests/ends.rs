//! How sessions end, and how fast everybody knows.

use cloakroom_core::EndReason;
use cloakroom_core::ports::{Ending, SessionStore as _, Whose};
use cloakroom_core::session::{FEED_KEPT, Selector};
use cloakroom_core::{Principal, ProviderId, Subject};
use tokio_util::sync::CancellationToken;

use super::super::fixture::client;
use super::*;

const DAY: Duration = Duration::from_secs(24 * 3600);

fn dead(reason: EndReason) -> Anonymous {
    Anonymous {
        reason: Some(reason),
        cookie: StrayCookie::Dead,
    }
}

fn principal(subject: &str) -> Principal {
    Principal {
        provider: ProviderId::from("stub"),
        subject: Subject::from(subject),
    }
}

#[tokio::test]
async fn inactivity_ends_a_session_by_our_clock() {
    // CK-12
    let world = World::new();
    let (_, cookie) = world.login().await;
    world.sessions.read_feed().await.unwrap();
    world.clock.advance((7 * DAY).saturating_sub(SECOND));
    assert!(known(world.open(&cookie).await).is_some());
    world.sessions.read_feed().await.unwrap();
    assert!(hit(&world.sessions, &cookie).is_some());
    world.clock.advance(SECOND);
    world.sessions.read_feed().await.unwrap();
    assert_eq!(
        stranger(&world.open(&cookie).await),
        Some(dead(EndReason::Idle))
    );
    world.sessions.flush().await;
    assert_eq!(world.devices().await, 0);
    let on_another_node = world.another().open(&headers(&cookie)).await;
    assert_eq!(stranger(&on_another_node), Some(dead(EndReason::Idle)));
}

#[tokio::test]
async fn activity_never_carries_a_session_past_its_absolute_end() {
    // CK-12, CK-14
    let world = World::new();
    let (begun, cookie) = world.login().await;
    for _ in 0..13 {
        world.clock.advance(DAY);
        let session = known(world.open(&cookie).await).unwrap();
        world.sessions.slide(&session, world.clock.now());
        assert!(session.idle_until() <= begun.absolute_until);
        world.sessions.flush().await;
    }
    world.clock.advance(DAY);
    assert_eq!(
        stranger(&world.open(&cookie).await),
        Some(dead(EndReason::Absolute))
    );
}

#[tokio::test]
async fn a_session_slides_at_most_once_a_minute_and_all_of_them_in_one_batch() {
    let world = World::new();
    let mut sessions = Vec::new();
    for _ in 0..50 {
        sessions.push(world.login().await.0);
    }
    let begun = world.clock.now();
    let seen = async || {
        world.sessions.flush().await;
        let listed = world
            .store
            .list(None, world.clock.now(), 100)
            .await
            .unwrap();
        let mut seen: Vec<_> = listed
            .iter()
            .map(|one| one.last_seen.since(begun))
            .collect();
        seen.dedup();
        seen
    };
    let slide_all = || {
        for session in &sessions {
            world.sessions.slide(session, world.clock.now());
        }
    };
    world.clock.advance(59 * SECOND);
    slide_all();
    assert_eq!(seen().await, [Duration::ZERO]);
    world.clock.advance(SECOND);
    slide_all();
    assert_eq!(seen().await, [60 * SECOND]);
    world.clock.advance(30 * SECOND);
    slide_all();
    assert_eq!(seen().await, [60 * SECOND]);
}

#[tokio::test]
async fn activity_that_is_not_written_yet_is_not_forgotten_when_the_record_is_read_again() {
    let world = World::new();
    let (_, cookie) = world.login().await;
    world.clock.advance(DAY);
    let session = known(world.open(&cookie).await).unwrap();
    world.sessions.slide(&session, world.clock.now());
    let again = known(world.open(&cookie).await).unwrap();
    assert!(!Arc::ptr_eq(&session, &again), "the record was read");
    assert_eq!(again.idle_until(), session.idle_until());
    assert_eq!(again.idle_until(), world.clock.now().plus(7 * DAY));
}

#[tokio::test]
async fn a_slide_on_one_node_keeps_the_session_on_another_that_has_it_cached() {
    let world = World::new();
    let (_, cookie) = world.login().await;
    let other = world.another();
    other.read_feed().await.unwrap();
    assert!(known(other.open(&headers(&cookie)).await).is_some());
    world.clock.advance(6 * DAY);
    let session = known(world.open(&cookie).await).unwrap();
    world.sessions.slide(&session, world.clock.now());
    world.sessions.flush().await;
    world.clock.advance(2 * DAY);
    other.read_feed().await.unwrap();
    assert!(known(other.open(&headers(&cookie)).await).is_some());
}

#[tokio::test]
async fn an_ending_holds_at_once_here_and_within_a_second_elsewhere() {
    // LO-01
    let world = World::new();
    let (session, cookie) = world.login().await;
    let other = world.another();
    other.read_feed().await.unwrap();
    assert!(known(other.open(&headers(&cookie)).await).is_some());
    let own = Selector::Own(session.principal.clone(), session.handle.clone());
    assert_eq!(world.sessions.end(own, EndReason::Logout).await.unwrap(), 1);
    assert_eq!(
        stranger(&world.open(&cookie).await),
        Some(dead(EndReason::Logout))
    );
    // The other node has not looked since: its second is not over yet.
    assert!(hit(&other, &cookie).is_some());
    world.clock.advance(SECOND);
    assert_eq!(
        stranger(&other.open(&headers(&cookie)).await),
        Some(dead(EndReason::Logout))
    );
}

#[tokio::test]
async fn a_look_at_the_feed_makes_an_ending_hold_before_the_second_is_over() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    let other = world.another();
    other.read_feed().await.unwrap();
    assert!(known(other.open(&headers(&cookie)).await).is_some());
    let mut news = other.news();
    world
        .sessions
        .end_this(&session, EndReason::RevokedByUser)
        .await
        .unwrap();
    other.read_feed().await.unwrap();
    assert_eq!(
        news.try_recv().unwrap(),
        News::Changed(session.handle.clone())
    );
    assert!(hit(&other, &cookie).is_none());
    assert!(matches!(
        other.judge(&session).await,
        Judged::Ended(EndReason::RevokedByUser)
    ));
}

#[tokio::test]
async fn a_node_that_fell_behind_the_feed_forgets_everything() {
    let world = World::new();
    let (_, cookie) = world.login().await;
    let other = world.another();
    other.read_feed().await.unwrap();
    assert!(known(other.open(&headers(&cookie)).await).is_some());
    let mut news = other.news();
    let (bystander, _) = world.login().await;
    for _ in 0..2 {
        world.store.purge(world.clock.now(), 100).await.unwrap();
        world.clock.advance(FEED_KEPT);
        world
            .sessions
            .end_this(&bystander, EndReason::Logout)
            .await
            .unwrap();
    }
    world.store.purge(world.clock.now(), 100).await.unwrap();
    other.read_feed().await.unwrap();
    assert_eq!(news.try_recv().unwrap(), News::Everything);
    assert!(hit(&other, &cookie).is_none());
    assert!(known(other.open(&headers(&cookie)).await).is_some());
}

#[tokio::test]
async fn nobody_ends_the_session_of_somebody_else() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    let foreign = Selector::Own(principal("bob"), session.handle.clone());
    assert_eq!(
        world
            .sessions
            .end(foreign, EndReason::RevokedByUser)
            .await
            .unwrap(),
        0
    );
    assert!(known(world.open(&cookie).await).is_some());
}

#[tokio::test]
async fn what_the_provider_reports_as_over_is_over_at_once() {
    // LO-08
    let world = World::new();
    let (_, one) = world.login().await;
    let (_, two) = world.login().await;
    world.sessions.read_feed().await.unwrap();
    for cookie in [&one, &two] {
        assert!(known(world.open(cookie).await).is_some());
    }
    let ending = Ending {
        provider: ProviderId::from("stub"),
        whose: Whose::Subject {
            subject: Subject::from("ada"),
            except: None,
        },
        reason: EndReason::Disabled,
        at: world.clock.now(),
    };
    world.sessions.ended(&ending).await.unwrap();
    for cookie in [&one, &two] {
        assert_eq!(
            stranger(&world.open(cookie).await),
            Some(dead(EndReason::Disabled))
        );
    }
    let late = world
        .sessions
        .begin(world.provider.grant("ada"), ending.at, &client(), None)
        .await;
    assert!(matches!(
        late,
        Err(BeginError::Refused(EndReason::Disabled))
    ));
}

#[tokio::test]
async fn the_oldest_session_above_the_limit_ends() {
    // CK-18
    let mut config = fixture::config();
    config.session.per_principal = 2;
    let world = World::with(config);
    let mut cookies = Vec::new();
    for _ in 0..3 {
        cookies.push(world.login().await.1);
        world.clock.advance(SECOND);
    }
    world.sessions.read_feed().await.unwrap();
    assert_eq!(
        stranger(&world.open(&cookies[0]).await),
        Some(dead(EndReason::RevokedByUser))
    );
    assert!(known(world.open(&cookies[1]).await).is_some());
    assert!(known(world.open(&cookies[2]).await).is_some());
    assert_eq!(world.devices().await, 2);
}

#[tokio::test]
async fn upkeep_reads_the_feed_writes_slides_and_stops_when_told() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    let stop = CancellationToken::new();
    let upkeep = tokio::spawn(Arc::clone(&world.sessions).run(stop.clone()));
    world.clock.until_sleepers(3).await;
    assert!(known(world.open(&cookie).await).is_some());
    assert!(
        hit(&world.sessions, &cookie).is_some(),
        "the feed has been read at the start"
    );
    world.clock.advance(60 * SECOND);
    world.sessions.slide(&session, world.clock.now());
    stop.cancel();
    upkeep.await.unwrap();
    let listed = world.store.list(None, world.clock.now(), 1).await.unwrap();
    assert_eq!(listed[0].last_seen, world.clock.now());
}
