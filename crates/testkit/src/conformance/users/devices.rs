//! The devices a user is known on.

use std::sync::Arc;

use cloakroom_core::secret::Digest;

use super::super::IdentityStore;
use super::super::world::register;
use crate::sample::{at, uuid};

fn device(n: u8) -> Digest {
    Digest::new([n; 32])
}

async fn know<S: IdentityStore>(store: &Arc<S>, user: u16, n: u8, secs: i64) {
    let known = store.know_device(uuid(user), &device(n), at(secs)).await;
    assert_eq!(known, Ok(()));
}

async fn knows<S: IdentityStore>(store: &Arc<S>, user: u16, n: u8) -> bool {
    store.knows_device(uuid(user), &device(n)).await.unwrap()
}

pub async fn the_newest_ten_devices_are_known<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    for n in 1..=12 {
        know(store, 1, n, i64::from(n)).await;
    }
    assert!(!knows(store, 1, 1).await);
    assert!(!knows(store, 1, 2).await);
    for n in 3..=12 {
        assert!(knows(store, 1, n).await, "device {n}");
    }
}

pub async fn a_device_that_is_used_again_counts_as_new<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    for n in 1..=10 {
        know(store, 1, n, i64::from(n)).await;
    }
    know(store, 1, 1, 20).await;
    know(store, 1, 11, 21).await;
    assert!(knows(store, 1, 1).await);
    assert!(!knows(store, 1, 2).await);
}

pub async fn a_device_is_known_for_its_own_user_alone<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    register(store, 2, "bob").await;
    know(store, 1, 1, 1).await;
    assert!(knows(store, 1, 1).await);
    assert!(!knows(store, 2, 1).await);
    know(store, 9, 1, 1).await;
    assert!(!knows(store, 9, 1).await);
}
