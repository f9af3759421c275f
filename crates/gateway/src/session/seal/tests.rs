use cloakroom_core::token::{AccessToken, RefreshToken};
use cloakroom_core::{ProviderId, Subject};
use cloakroom_testkit::SeededEntropy;

use super::*;
use crate::session::fixture::ring;

const SECRET: [u8; 32] = [7; 32];
const NOW: Timestamp = Timestamp::from_secs(1000);

struct Row {
    id: LookupId,
    principal: Principal,
}

impl Row {
    fn of(id: u8, provider: &str, subject: &str) -> Self {
        let principal = Principal {
            provider: ProviderId::from(provider),
            subject: Subject::from(subject),
        };
        Self {
            id: LookupId::new([id; 32]),
            principal,
        }
    }

    fn label(&self) -> Label<'_> {
        Label {
            id: &self.id,
            principal: &self.principal,
        }
    }
}

fn contents() -> Contents {
    Contents {
        tokens: TokenSet {
            access: AccessToken::new("access".into()),
            received: NOW,
            access_expires: NOW,
            refresh: Some(RefreshToken::new("refresh".into())),
            predecessor: None,
        },
        profile: Profile {
            name: "Ada".into(),
            ..Profile::default()
        },
        assertion: "assertion".into(),
    }
}

fn seal_with(keys: &Keys) -> Seal {
    Seal::new(keys.clone(), Arc::new(SeededEntropy::new(5)))
}

#[test]
fn what_was_sealed_opens_again() {
    let seal = seal_with(&Keys::new(ring(&[("k1", 1)])));
    let row = Row::of(1, "p", "ada");
    let blob = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    let opened = seal.open(row.label(), &SECRET, &blob).unwrap();
    assert_eq!(opened.tokens, contents().tokens);
    assert_eq!(opened.profile, contents().profile);
    assert_eq!(opened.assertion, "assertion");
}

#[test]
fn a_stolen_store_shows_no_token() {
    // CK-08
    let seal = seal_with(&Keys::new(ring(&[("k1", 1)])));
    let row = Row::of(1, "p", "ada");
    let blob = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    for clear in [&b"access"[..], b"refresh", b"Ada", b"assertion"] {
        assert!(!blob.windows(clear.len()).any(|part| part == clear));
    }
    assert_ne!(
        blob,
        seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap()
    );
}

#[test]
fn another_secret_does_not_open_it() {
    let seal = seal_with(&Keys::new(ring(&[("k1", 1)])));
    let row = Row::of(1, "p", "ada");
    let blob = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    assert_eq!(
        seal.open(row.label(), &[8; 32], &blob).unwrap_err(),
        Unsealable
    );
}

#[test]
fn a_record_that_was_moved_or_given_to_somebody_else_does_not_open() {
    // CK-09
    let seal = seal_with(&Keys::new(ring(&[("k1", 1)])));
    let row = Row::of(1, "pa", "da");
    let blob = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    for other in [
        Row::of(2, "pa", "da"),
        Row::of(1, "pa", "bob"),
        Row::of(1, "p", "ada"),
    ] {
        assert!(seal.open(other.label(), &SECRET, &blob).is_err());
    }
}

#[test]
fn no_changed_bit_and_no_cut_goes_unnoticed() {
    let seal = seal_with(&Keys::new(ring(&[("k1", 1), ("j1", 1)])));
    let row = Row::of(1, "p", "ada");
    let blob = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    for bit in 0..blob.len() * 8 {
        let mut changed = blob.to_vec();
        changed[bit / 8] ^= 1 << (bit % 8);
        assert!(
            seal.open(row.label(), &SECRET, &changed).is_err(),
            "bit {bit}"
        );
    }
    for length in 0..blob.len() {
        assert!(
            seal.open(row.label(), &SECRET, &blob[..length]).is_err(),
            "length {length}"
        );
    }
}

#[test]
fn a_rotated_ring_opens_the_old_and_seals_with_the_new() {
    let keys = Keys::new(ring(&[("k1", 1)]));
    let seal = seal_with(&keys);
    let row = Row::of(1, "p", "ada");
    let old = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    keys.replace(ring(&[("k1", 1), ("k2", 500)]));
    assert!(seal.open(row.label(), &SECRET, &old).is_ok());
    let new = seal.seal(row.label(), &SECRET, &contents(), NOW).unwrap();
    keys.replace(ring(&[("k2", 500)]));
    assert!(seal.open(row.label(), &SECRET, &new).is_ok());
    assert_eq!(
        seal.open(row.label(), &SECRET, &old).unwrap_err(),
        Unsealable
    );
}
