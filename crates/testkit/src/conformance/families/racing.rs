//! Many at once.

use std::sync::Arc;

use cloakroom_core::family::RevokeReason;
use cloakroom_core::ports::{Attempt, Outcome, Revoke};

use super::super::IdentityStore;
use super::super::world::{begin, register};
use crate::sample::{at, attempt, candidate, family_id};

/// `count` tasks present one token, each with a successor of its own; every answer is the same token.
async fn all_present<S: IdentityStore + 'static>(store: &Arc<S>, count: u8) {
    register(store, 1, "ada").await;
    begin(store, 1, 1).await;
    let tasks: Vec<_> = (1..=count)
        .map(|salt| {
            let store = Arc::clone(store);
            let attempt = Attempt {
                next: candidate(1, 1, salt),
                ..attempt(1, 0, 20)
            };
            tokio::spawn(async move { store.present(attempt).await })
        })
        .collect();
    let mut rotated = 0;
    let mut answers = Vec::new();
    for task in tasks {
        match task.await.unwrap().unwrap() {
            Outcome::Rotated(_, token) => {
                rotated += 1;
                answers.push(token.jti);
            }
            Outcome::Repeated(_, token) => answers.push(token.jti),
            other => panic!("the owner presented its token: {other:?}"),
        }
    }
    assert_eq!(rotated, 1);
    answers.dedup();
    assert_eq!(answers.len(), 1);
}

pub async fn of_two_parallel_presentations_one_rotates<S: IdentityStore + 'static>(store: &Arc<S>) {
    // RF-04
    all_present(store, 2).await;
}

pub async fn of_fifty_parallel_presentations_one_rotates<S: IdentityStore + 'static>(
    store: &Arc<S>,
) {
    // RF-04
    all_present(store, 50).await;
}

pub async fn a_revocation_that_races_a_rotation_leaves_no_usable_token<
    S: IdentityStore + 'static,
>(
    store: &Arc<S>,
) {
    // RF-05
    register(store, 1, "ada").await;
    for n in 1..=20 {
        begin(store, n, 1).await;
        let (refresh, logout) = (Arc::clone(store), Arc::clone(store));
        let refresh = tokio::spawn(async move { refresh.present(attempt(n, 0, 20)).await });
        let logout = tokio::spawn(async move {
            let one = Revoke::Family(family_id(n));
            logout.revoke(one, RevokeReason::Logout, at(20)).await
        });
        assert_eq!(logout.await.unwrap(), Ok(vec![family_id(n)]));
        let outcome = refresh.await.unwrap().unwrap();
        assert!(matches!(
            outcome,
            Outcome::Rotated(..) | Outcome::Refused(_)
        ));
        for generation in 0..=1 {
            let after = store.present(attempt(n, generation, 21)).await.unwrap();
            assert!(matches!(after, Outcome::Refused(_) | Outcome::Unknown));
        }
    }
}
