use std::time::Duration;

use axum::body::Body;
use cloakroom_testkit::Browser;
use http::StatusCode;
use http_body_util::BodyExt;

use super::world::{Answer, World, get, post};
use crate::refusal::Refusal;

struct Stream(Body);

impl Stream {
    async fn open(world: &World, browser: &mut Browser) -> Self {
        let Answer(response) = world.send(browser, get("/auth/events")).await;
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        let mut stream = Self(response.into_body());
        assert_eq!(stream.next().await.as_deref(), Some(": open\n\n"));
        stream
    }

    async fn next(&mut self) -> Option<String> {
        let frame = self.0.frame().await?.unwrap();
        Some(String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap())
    }

    /// Waits for the next event while the clock is moved as soon as the stream sleeps on it.
    async fn next_after(&mut self, world: &World, seconds: u64) -> Option<String> {
        let moving = async {
            world.clock.until_sleepers(1).await;
            world.clock.advance(Duration::from_secs(seconds));
        };
        tokio::join!(self.next(), moving).0
    }
}

#[tokio::test]
async fn without_a_session_there_are_no_events() {
    let world = World::new();
    let answer = world.send(&mut Browser::http(), get("/auth/events")).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
}

#[tokio::test]
async fn a_renewal_is_told() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let mut stream = Stream::open(&world, &mut browser).await;
    world.wait(10);
    world.send(&mut browser, post("/auth/refresh")).await;
    let told = stream.next().await.unwrap();
    assert_eq!(told, "event: refreshed\ndata: {\"expires_in\":900}\n\n");
}

#[tokio::test]
async fn a_logout_is_told_and_ends_the_stream() {
    // LO-11
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let mut stream = Stream::open(&world, &mut browser).await;
    world.send(&mut browser, post("/auth/logout")).await;
    let told = stream.next().await.unwrap();
    assert_eq!(told, "event: ended\ndata: {\"reason\":\"logout\"}\n\n");
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn what_happens_to_others_is_not_told() {
    let world = World::new();
    let [mut ada, mut bob] = [world.logged_in("ada").await, world.logged_in("bob").await];
    let mut stream = Stream::open(&world, &mut ada).await;
    world.send(&mut bob, post("/auth/logout")).await;
    world.send(&mut ada, post("/auth/logout")).await;
    assert!(stream.next().await.unwrap().contains("logout"));
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_quiet_stream_shows_every_15_seconds_that_it_lives() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let mut stream = Stream::open(&world, &mut browser).await;
    for _ in 0..3 {
        assert!(
            stream
                .next_after(&world, 15)
                .await
                .unwrap()
                .starts_with(':')
        );
    }
}

#[tokio::test]
async fn the_owner_is_warned_once_before_the_session_ends_and_told_when_it_has() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.wait(7 * 86_400 - 125);
    let mut stream = Stream::open(&world, &mut browser).await;
    let warned = stream.next_after(&world, 15).await.unwrap();
    assert_eq!(
        warned,
        "event: expiring\ndata: {\"expires_in\":110,\"reason\":\"idle\"}\n\n"
    );
    assert!(
        stream
            .next_after(&world, 15)
            .await
            .unwrap()
            .starts_with(':')
    );
    let told = stream.next_after(&world, 95).await.unwrap();
    assert_eq!(told, "event: ended\ndata: {\"reason\":\"idle\"}\n\n");
    assert_eq!(stream.next().await, None);
}

#[tokio::test]
async fn a_session_has_two_streams_and_a_third_when_one_is_gone() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let first = Stream::open(&world, &mut browser).await;
    let _second = Stream::open(&world, &mut browser).await;
    let answer = world.send(&mut browser, get("/auth/events")).await;
    assert_eq!(
        answer.refusal(),
        &Refusal::RateLimited(Duration::from_secs(60))
    );
    drop(first);
    Stream::open(&world, &mut browser).await;
}
