//! The rules of the family, each as a sentence, and the laws that must hold for every history.

use proptest::prelude::*;

use super::*;

const IDLE: Duration = Duration::from_secs(7 * 86_400);
const ABSOLUTE: Duration = Duration::from_secs(14 * 86_400);
const WINDOW: Duration = Duration::from_secs(10);

/// A family with all its tokens: the smallest issuer that obeys the verdicts.
struct Issuer {
    family: Family,
    tokens: Vec<Token>,
}

impl Issuer {
    fn begin(client: Option<&str>) -> Self {
        let now = at(0);
        let family = Family {
            id: FamilyId(Uuid::from_u128(1)),
            client: client.map(|id| ClientId(id.to_owned())),
            user: Uuid::from_u128(2),
            device: None,
            scope: Scope::parse("goals profile"),
            audience: "api".to_owned(),
            generation: 0,
            created: now,
            absolute_expires: now.plus(ABSOLUTE),
            revoked: None,
        };
        let first = token(0, now, successor_expires(&family, now, IDLE));
        Self {
            family,
            tokens: vec![first],
        }
    }

    fn present(&mut self, generation: usize, how: &Presented) -> Verdict {
        let verdict = present(&self.family, &self.tokens[generation], how);
        match verdict {
            Verdict::Rotate => {
                self.tokens[generation].rotated = Some(how.now);
                self.tokens[generation].spent_with = how.idempotency;
                self.family.generation += 1;
                let expires = successor_expires(&self.family, how.now, IDLE);
                self.tokens
                    .push(token(self.family.generation, how.now, expires));
            }
            Verdict::Reuse => self.family.revoked = Some((how.now, RevokeReason::Reuse)),
            Verdict::Repeat | Verdict::Stale | Verdict::Refuse(_) => {}
        }
        verdict
    }
}

fn token(generation: u32, now: Timestamp, expires: Timestamp) -> Token {
    Token {
        jti: Uuid::from_u128(u128::from(generation)),
        generation,
        hash: Digest::new([0; 32]),
        spent_with: None,
        kid: "k1".to_owned(),
        salt: [0; 32],
        issued: now,
        expires,
        rotated: None,
    }
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(1_000_000 + secs)
}

fn by(client: Option<&str>, secs: i64) -> Presented {
    Presented {
        by: client.map(|id| ClientId(id.to_owned())),
        idempotency: None,
        scope: None,
        now: at(secs),
        window: WINDOW,
    }
}

fn keyed(secs: i64, key: u8) -> Presented {
    Presented {
        idempotency: Some(Digest::new([key; 32])),
        ..by(None, secs)
    }
}

const US: Option<&str> = Some("gateway");

#[test]
fn the_live_token_of_its_owner_rotates() {
    // RF-02
    let mut issuer = Issuer::begin(US);
    assert_eq!(issuer.present(0, &by(US, 1)), Verdict::Rotate);
    assert_eq!(issuer.present(1, &by(US, 2)), Verdict::Rotate);
}

#[test]
fn a_lost_answer_is_repeated_hours_later_while_the_successor_is_unused() {
    let mut issuer = Issuer::begin(US);
    issuer.present(0, &by(US, 1));
    assert_eq!(issuer.present(0, &by(US, 8 * 3600)), Verdict::Repeat);
    assert_eq!(issuer.present(1, &by(US, 8 * 3600 + 1)), Verdict::Rotate);
}

#[test]
fn a_spent_token_of_its_owner_whose_successor_is_used_is_stale_and_kills_nothing() {
    let mut issuer = Issuer::begin(US);
    issuer.present(0, &by(US, 1));
    issuer.present(1, &by(US, 2));
    assert_eq!(issuer.present(0, &by(US, 3)), Verdict::Stale);
    assert_eq!(issuer.present(2, &by(US, 4)), Verdict::Rotate);
}

#[test]
fn a_stranger_with_the_live_token_of_a_client_kills_the_family() {
    // RF-03, RF-08
    for thief in [None, Some("another")] {
        let mut issuer = Issuer::begin(US);
        assert_eq!(issuer.present(0, &by(thief, 1)), Verdict::Reuse);
        let after = issuer.present(0, &by(US, 2));
        assert_eq!(
            after,
            Verdict::Refuse(Refused::Revoked(RevokeReason::Reuse))
        );
    }
}

#[test]
fn a_stranger_with_a_spent_token_of_a_client_kills_the_family_even_after_it_expired() {
    let mut issuer = Issuer::begin(US);
    issuer.present(0, &by(US, 1));
    assert_eq!(issuer.present(0, &by(None, 8 * 86_400)), Verdict::Reuse);
}

#[test]
fn without_a_client_a_repeat_inside_the_window_is_answered_and_after_it_is_theft() {
    let mut issuer = Issuer::begin(None);
    issuer.present(0, &by(None, 100));
    assert_eq!(issuer.present(0, &by(None, 109)), Verdict::Repeat);
    assert_eq!(issuer.present(0, &by(None, 110)), Verdict::Reuse);
}

#[test]
fn without_a_client_the_same_idempotency_key_repeats_at_any_time() {
    let mut issuer = Issuer::begin(None);
    issuer.present(0, &keyed(100, 7));
    assert_eq!(issuer.present(0, &keyed(5000, 7)), Verdict::Repeat);
    issuer.present(1, &keyed(5001, 8));
    assert_eq!(issuer.present(0, &keyed(5002, 7)), Verdict::Stale);
    assert_eq!(issuer.present(0, &keyed(5003, 9)), Verdict::Reuse);
}

#[test]
fn a_renewed_token_never_outlives_the_family() {
    // RF-07
    let mut issuer = Issuer::begin(US);
    issuer.present(0, &by(US, 6 * 86_400));
    issuer.present(1, &by(US, 12 * 86_400));
    assert_eq!(issuer.tokens[2].expires, issuer.family.absolute_expires);
    let after = issuer.present(2, &by(US, 14 * 86_400));
    assert_eq!(after, Verdict::Refuse(Refused::Expired));
}

#[test]
fn an_unused_token_ends_after_the_idle_lifetime() {
    let mut issuer = Issuer::begin(US);
    assert_eq!(
        issuer.present(0, &by(US, 7 * 86_400)),
        Verdict::Refuse(Refused::Expired)
    );
}

#[test]
fn widening_the_scope_is_refused_and_spends_nothing() {
    // RF-08
    let mut issuer = Issuer::begin(US);
    let wide = Presented {
        scope: Some(Scope::parse("goals admin")),
        ..by(US, 1)
    };
    assert_eq!(
        issuer.present(0, &wide),
        Verdict::Refuse(Refused::ScopeWidened)
    );
    let narrow = Presented {
        scope: Some(Scope::parse("goals")),
        ..by(US, 2)
    };
    assert_eq!(issuer.present(0, &narrow), Verdict::Rotate);
}

proptest! {
    /// RF-05: whatever anybody presents in whatever order, at most one token is live, the live one is the
    /// newest, and a dead family stays dead.
    #[test]
    fn at_most_one_branch_lives(
        bound: bool,
        steps in prop::collection::vec((any::<prop::sample::Index>(), 0u8..3, 0u8..3, 0i64..4000), 1..60),
    ) {
        let mut issuer = Issuer::begin(bound.then_some("gateway"));
        let mut now = 0;
        let mut dead = false;
        for (which, who, key, later) in steps {
            now += later;
            let who = [None, Some("gateway"), Some("another")][usize::from(who)];
            let how = Presented {
                idempotency: (key > 0).then(|| Digest::new([key; 32])),
                ..by(who, now)
            };
            let verdict = issuer.present(which.index(issuer.tokens.len()), &how);
            prop_assert!(!dead || matches!(verdict, Verdict::Refuse(Refused::Revoked(_))));
            dead |= verdict == Verdict::Reuse;
            let live: Vec<_> = issuer.tokens.iter().filter(|t| t.rotated.is_none()).collect();
            prop_assert_eq!(live.len(), 1);
            prop_assert_eq!(live[0].generation, issuer.family.generation);
        }
    }

    /// An owner that always presents the newest token it has seen, and loses any number of answers, is never
    /// taken for a thief.
    #[test]
    fn an_honest_client_that_loses_answers_is_never_punished(lost in prop::collection::vec(any::<bool>(), 1..40)) {
        let mut issuer = Issuer::begin(US);
        let mut held = 0;
        for (step, lost) in lost.into_iter().enumerate() {
            let verdict = issuer.present(held, &by(US, i64::try_from(step).unwrap() * 60));
            prop_assert!(matches!(verdict, Verdict::Rotate | Verdict::Repeat));
            if !lost {
                held += 1;
            }
        }
    }
}
