//! Presenting tokens: the verdicts of the family, carried out.

use std::sync::Arc;

use cloakroom_core::EndReason;
use cloakroom_core::family::{ClientId, Refused, RevokeReason, Scope};
use cloakroom_core::ports::{Attempt, Begun, NewFamily, Outcome, Whose};
use cloakroom_core::secret::Digest;

use super::super::IdentityStore;
use super::super::world::{begin, is_revoked, outbox, register, rotate};
use crate::sample::{FAMILY, TOKEN, at, attempt, candidate, family, family_id, hash};

async fn one_family<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    begin(store, 1, 1).await;
}

pub async fn the_live_token_is_rotated_and_its_successor_stored<S: IdentityStore>(store: &Arc<S>) {
    // RF-02, RF-09: what is stored is the candidate's hash.
    one_family(store).await;
    let (family, token) = rotate(store, 1, 0, 20).await;
    assert_eq!(family.generation, 1);
    let next = candidate(1, 1, 1);
    assert_eq!(token.jti, next.jti);
    assert_eq!(token.generation, 1);
    assert_eq!(token.hash, next.hash);
    assert_eq!((token.kid, token.salt), (next.kid, next.salt));
    assert_eq!(token.issued, at(20));
    assert_eq!(token.expires, at(20).plus(TOKEN));
    assert_eq!((token.rotated, token.spent_with), (None, None));
    let (_, stored) = store.peek(&hash(1, 1)).await.unwrap().unwrap();
    assert_eq!(stored.jti, next.jti);
    let (family, _) = rotate(store, 1, 1, 30).await;
    assert_eq!(family.generation, 2);
}

pub async fn a_lost_answer_is_repeated_with_the_same_successor<S: IdentityStore>(store: &Arc<S>) {
    one_family(store).await;
    let (_, first) = rotate(store, 1, 0, 20).await;
    let again = Attempt {
        next: candidate(1, 1, 2),
        ..attempt(1, 0, 100)
    };
    let Outcome::Repeated(family, token) = store.present(again).await.unwrap() else {
        panic!("the successor is unused");
    };
    assert_eq!(family.generation, 1);
    assert_eq!(token.jti, first.jti);
    assert_eq!((token.hash, token.salt), (first.hash, first.salt));
    let second = store.peek(&candidate(1, 1, 2).hash).await.unwrap();
    assert!(second.is_none());
}

pub async fn a_spent_token_whose_successor_is_used_is_stale_and_revokes_nothing<
    S: IdentityStore,
>(
    store: &Arc<S>,
) {
    one_family(store).await;
    rotate(store, 1, 0, 20).await;
    rotate(store, 1, 1, 21).await;
    let stale = store.present(attempt(1, 0, 22)).await.unwrap();
    assert!(matches!(stale, Outcome::Stale));
    assert!(!is_revoked(store, 1).await);
    assert!(outbox(store).await.is_empty());
    rotate(store, 1, 2, 23).await;
}

pub async fn a_successor_never_outlives_the_family<S: IdentityStore>(store: &Arc<S>) {
    // RF-07
    one_family(store).await;
    rotate(store, 1, 0, 100).await;
    let (family, token) = rotate(store, 1, 1, 190).await;
    let end = at(10).plus(FAMILY);
    assert_eq!(token.expires, end);
    assert_eq!(family.absolute_expires, end);
    let late = store.present(attempt(1, 2, 260)).await.unwrap();
    assert!(matches!(late, Outcome::Refused(Refused::Expired)));
}

pub async fn a_token_that_nobody_issued_is_unknown<S: IdentityStore>(store: &Arc<S>) {
    one_family(store).await;
    let guess = Attempt {
        hash: Digest::new([0x5a; 32]),
        ..attempt(1, 0, 20)
    };
    let answer = store.present(guess).await.unwrap();
    assert!(matches!(answer, Outcome::Unknown));
    rotate(store, 1, 0, 21).await;
}

pub async fn a_token_past_its_end_is_refused_and_not_spent<S: IdentityStore>(store: &Arc<S>) {
    one_family(store).await;
    let late = store.present(attempt(1, 0, 110)).await.unwrap();
    assert!(matches!(late, Outcome::Refused(Refused::Expired)));
    let (family, token) = store.peek(&hash(1, 0)).await.unwrap().unwrap();
    assert_eq!((family.generation, token.rotated), (0, None));
}

pub async fn wider_scope_is_refused_and_nothing_is_spent<S: IdentityStore>(store: &Arc<S>) {
    // RF-08
    one_family(store).await;
    let mut wide = attempt(1, 0, 20);
    wide.how.scope = Some(Scope::parse("goals admin"));
    let refused = store.present(wide).await.unwrap();
    assert!(matches!(refused, Outcome::Refused(Refused::ScopeWidened)));
    let mut narrow = attempt(1, 0, 21);
    narrow.how.scope = Some(Scope::parse("goals"));
    let rotated = store.present(narrow).await.unwrap();
    assert!(matches!(rotated, Outcome::Rotated(..)));
}

pub async fn the_key_that_a_token_was_spent_with_is_kept<S: IdentityStore>(store: &Arc<S>) {
    register(store, 1, "ada").await;
    let mut plain: NewFamily = family(1, 1);
    plain.family.client = None;
    assert_eq!(store.begin(plain, at(9)).await, Ok(Begun::Done));
    let keyed = |generation, secs, key: u8| {
        let mut attempt = attempt(1, generation, secs);
        attempt.how.by = None;
        attempt.how.idempotency = Some(Digest::new([key; 32]));
        attempt
    };
    let rotated = store.present(keyed(0, 20, 7)).await.unwrap();
    assert!(matches!(rotated, Outcome::Rotated(..)));
    let (_, spent) = store.peek(&hash(1, 0)).await.unwrap().unwrap();
    assert_eq!(spent.spent_with, Some(Digest::new([7; 32])));
    let repeated = store.present(keyed(0, 90, 7)).await.unwrap();
    assert!(matches!(repeated, Outcome::Repeated(..)));
    let thief = store.present(keyed(0, 91, 8)).await.unwrap();
    assert!(matches!(thief, Outcome::Reused(_)));
}

pub async fn a_stranger_kills_the_family_and_the_outbox_knows<S: IdentityStore>(store: &Arc<S>) {
    // RF-03, RF-08
    register(store, 1, "ada").await;
    for (n, thief) in [(1, None), (2, Some(ClientId("another".into())))] {
        begin(store, n, 1).await;
        let mut stolen = attempt(n, 0, 20);
        stolen.how.by = thief;
        let Outcome::Reused(family) = store.present(stolen).await.unwrap() else {
            panic!("a stranger has the token");
        };
        let revoked = Some((at(20), RevokeReason::Reuse));
        assert_eq!((family.id, family.revoked), (family_id(n), revoked));
        let stored = store.family(family_id(n)).await.unwrap().unwrap();
        assert_eq!((stored.revoked, stored.generation), (revoked, 0));
    }
    let told = outbox(store).await;
    assert_eq!(told.len(), 2);
    assert_eq!(told[0].reason, EndReason::ReuseDetected);
    assert_eq!(told[0].at, at(20));
    let login = Whose::Login(family_id(1).0.to_string());
    assert_eq!(told[0].whose, login);
}

pub async fn a_revoked_family_refuses_every_member<S: IdentityStore>(store: &Arc<S>) {
    // RF-05
    one_family(store).await;
    rotate(store, 1, 0, 20).await;
    let mut stolen = attempt(1, 0, 21);
    stolen.how.by = None;
    let theft = store.present(stolen.clone()).await.unwrap();
    assert!(matches!(theft, Outcome::Reused(_)));
    stolen.how.now = at(22);
    for member in [attempt(1, 0, 22), attempt(1, 1, 22), stolen] {
        let refused = store.present(member).await.unwrap();
        let why = Refused::Revoked(RevokeReason::Reuse);
        assert!(matches!(refused, Outcome::Refused(said) if said == why));
    }
    assert_eq!(outbox(store).await.len(), 1);
}
