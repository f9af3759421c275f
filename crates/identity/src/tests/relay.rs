//! Endings on their way to the gateways, and housekeeping.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cloakroom_core::ports::{Ending, Endings, FamilyStore as _, StoreError, Whose};
use cloakroom_core::{EndReason, ProviderId};
use tokio_util::sync::CancellationToken;

use super::world::{Ask, World};

/// Hears endings, or fails for a while.
#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<Ending>>,
    deaf: Mutex<bool>,
    asked: Mutex<usize>,
}

#[async_trait]
impl Endings for Ear {
    async fn ended(&self, ending: &Ending) -> Result<(), StoreError> {
        *self.asked.lock().unwrap() += 1;
        if *self.deaf.lock().unwrap() {
            return Err(StoreError::Overloaded);
        }
        self.heard.lock().unwrap().push(ending.clone());
        Ok(())
    }
}

struct Relay {
    ear: Arc<Ear>,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Relay {
    async fn start(world: &World) -> Self {
        let (ear, stop) = (Arc::new(Ear::default()), CancellationToken::new());
        let identity = Arc::clone(&world.identity);
        let provider = ProviderId::from("builtin");
        let task = tokio::spawn(identity.relay(provider, ear.clone(), stop.clone()));
        world.clock.until_sleepers(1).await;
        Self { ear, stop, task }
    }

    /// Moves the clock and lets the relay, which works in memory on this very thread, run until it sleeps again.
    async fn turn(&self, world: &World, millis: u64) {
        world.clock.advance(Duration::from_millis(millis));
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
        world.clock.until_sleepers(1).await;
    }

    fn heard(&self) -> Vec<EndReason> {
        self.ear
            .heard
            .lock()
            .unwrap()
            .iter()
            .map(|ending| ending.reason)
            .collect()
    }
}

async fn logout(world: &World) -> String {
    let tokens = world.login("ada").await;
    world
        .send(Ask::post("/api/v1/logout").bearer(&tokens.access))
        .await;
    tokens.claims()["sid"].as_str().unwrap().to_owned()
}

// LO-08
#[tokio::test]
async fn endings_are_delivered_in_order_within_a_quarter_of_a_second_and_forgotten() {
    let world = World::with_ada().await;
    let relay = Relay::start(&world).await;
    let sid = logout(&world).await;
    world.admin().disable("ada").await.unwrap();
    relay.turn(&world, 250).await;
    assert_eq!(relay.heard(), [EndReason::Logout, EndReason::Disabled]);
    let first = relay.ear.heard.lock().unwrap()[0].clone();
    assert_eq!(first.whose, Whose::Login(sid));
    assert_eq!(first.provider, ProviderId::from("builtin"));
    assert!(world.outbox().await.is_empty());
    relay.stop.cancel();
    relay.task.await.unwrap();
}

#[tokio::test]
async fn an_ending_that_is_not_heard_stays_and_is_told_again_ever_more_rarely() {
    let world = World::with_ada().await;
    let relay = Relay::start(&world).await;
    *relay.ear.deaf.lock().unwrap() = true;
    logout(&world).await;
    world.admin().disable("ada").await.unwrap();
    relay.turn(&world, 250).await;
    assert_eq!(*relay.ear.asked.lock().unwrap(), 1);
    relay.turn(&world, 250).await;
    assert_eq!(
        *relay.ear.asked.lock().unwrap(),
        1,
        "the pause is twice as long"
    );
    relay.turn(&world, 250).await;
    assert_eq!(*relay.ear.asked.lock().unwrap(), 2);
    assert_eq!(world.outbox().await.len(), 2);
    *relay.ear.deaf.lock().unwrap() = false;
    relay.turn(&world, 1000).await;
    assert_eq!(relay.heard(), [EndReason::Logout, EndReason::Disabled]);
    relay.stop.cancel();
    relay.task.await.unwrap();
}

// AV-10
#[tokio::test]
async fn housekeeping_removes_what_is_past_its_end_and_nothing_else() {
    let world = World::with_ada().await;
    let old = world.login("ada").await;
    world.pass(14 * 86_400 - 1800);
    let live = world.login("ada").await;
    let stop = CancellationToken::new();
    let task = tokio::spawn(Arc::clone(&world.identity).housekeeping(stop.clone()));
    world.clock.until_sleepers(1).await;
    world.clock.advance(Duration::from_secs(3600));
    let id = |tokens: &super::world::Tokens| {
        let sid = tokens.claims()["sid"].as_str().unwrap().parse().unwrap();
        cloakroom_core::family::FamilyId(sid)
    };
    // The purge sleeps between its batches: once it sleeps again, the first batch is gone.
    while world.store.family(id(&old)).await.unwrap().is_some() {
        tokio::task::yield_now().await;
    }
    assert!(world.store.family(id(&live)).await.unwrap().is_some());
    stop.cancel();
    task.await.unwrap();
}

// AV-10
#[tokio::test]
async fn housekeeping_begins_at_the_start_and_not_an_hour_later() {
    let world = World::with_ada().await;
    let old = world.login("ada").await;
    world.pass(14 * 86_400);
    let stop = CancellationToken::new();
    let task = tokio::spawn(Arc::clone(&world.identity).housekeeping(stop.clone()));
    // It sleeps after its first batch, whatever there was to delete.
    world.clock.until_sleepers(1).await;
    let sid = old.claims()["sid"].as_str().unwrap().parse().unwrap();
    let family = cloakroom_core::family::FamilyId(sid);
    assert!(world.store.family(family).await.unwrap().is_none());
    stop.cancel();
    task.await.unwrap();
}
