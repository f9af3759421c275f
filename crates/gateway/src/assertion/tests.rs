use cloakroom_core::keys::Key;
use cloakroom_core::{ProviderId, SecretBytes, Subject};
use cloakroom_jose::{Algorithm, KeySet, Policy, Verifier};
use cloakroom_testkit::TestClock;

use super::*;

fn key(kid: &str, from: i64) -> Key {
    Key {
        kid: kid.into(),
        material: SecretBytes::new(generate_key().unwrap()),
        active_from: Timestamp::from_secs(from),
    }
}

fn assertions(keys: &Keys) -> Assertions {
    Assertions::new(
        "https://app.example.com",
        keys.clone(),
        Arc::new(TestClock::new()),
    )
    .unwrap()
}

fn sign(assertions: &Assertions) -> String {
    let profile = Profile {
        name: "Ada".into(),
        email: Some("ada@example.com".into()),
        roles: vec!["admin".into()],
        claims: [("tier".into(), 3.into())].into_iter().collect(),
        ..Profile::default()
    };
    let who = Principal {
        provider: ProviderId::from("stub"),
        subject: Subject::from("ada"),
    };
    let expires = assertions
        .clock
        .now()
        .plus(std::time::Duration::from_secs(60));
    assertions
        .sign(&profile, &who, &Handle::parse("h-1").unwrap(), expires)
        .unwrap()
}

fn verify(assertions: &Assertions, token: &str) -> Result<cloakroom_jose::Claims, ()> {
    let keys = KeySet::from_json(&assertions.jwks_json()).unwrap();
    let policy = Policy::new("https://app.example.com", AUDIENCE, &["JWT"]);
    Verifier::new(policy)
        .verify(token, &keys, assertions.clock.now().as_secs())
        .map_err(|_| ())
}

#[test]
fn an_assertion_verifies_with_the_published_keys_and_says_who_it_is() {
    let assertions = assertions(&Keys::new(KeyRing::new(vec![key("a", 1)]).unwrap()));
    let claims = verify(&assertions, &sign(&assertions)).unwrap();
    assert_eq!(claims.sub, "ada");
    assert_eq!(claims.sid.as_deref(), Some("h-1"));
    assert_eq!(claims.roles(), ["admin"]);
    assert_eq!(claims.text("provider"), Some("stub"));
    assert_eq!(claims.text("email"), Some("ada@example.com"));
    assert_eq!(claims.raw["claims"]["tier"], 3);
    assert_eq!(claims.exp - claims.iat.unwrap(), 60);
    assert!(!claims.raw.contains_key("picture"));
}

#[test]
fn a_ring_replaced_at_run_time_counts_from_the_next_call() {
    let first = key("a", 1);
    let keys = Keys::new(KeyRing::new(vec![first.clone()]).unwrap());
    let assertions = assertions(&keys);
    let old = sign(&assertions);
    keys.replace(KeyRing::new(vec![first, key("b", 2)]).unwrap());
    assert!(verify(&assertions, &old).is_ok());
    let new = sign(&assertions);
    keys.replace(KeyRing::new(vec![key("c", 1)]).unwrap());
    assert!(verify(&assertions, &old).is_err());
    assert!(verify(&assertions, &new).is_err());
    assert!(verify(&assertions, &sign(&assertions)).is_ok());
}

#[test]
fn a_key_that_is_not_in_force_yet_is_published_and_does_not_sign() {
    // TK-11
    let keys = Keys::new(KeyRing::new(vec![key("a", 1), key("b", i64::MAX / 2_000_000)]).unwrap());
    let assertions = assertions(&keys);
    let published = String::from_utf8(assertions.jwks_json().to_vec()).unwrap();
    assert!(published.contains("\"a\"") && published.contains("\"b\""));
    assert!(!published.contains("\"d\""), "no private part");
    assert_eq!(
        assertions
            .ready()
            .active(assertions.clock.now())
            .unwrap()
            .kid(),
        "a"
    );
}

#[test]
fn an_unusable_key_stops_the_start_and_does_not_replace_a_usable_one() {
    let broken = || Key {
        material: SecretBytes::new(vec![1, 2, 3]),
        ..key("x", 1)
    };
    let keys = Keys::new(KeyRing::new(vec![broken()]).unwrap());
    let error = Assertions::new("https://app.example.com", keys, Arc::new(TestClock::new())).err();
    assert!(matches!(error, Some(AssertionError::Key { kid, .. }) if kid == "x"));
    let keys = Keys::new(KeyRing::new(vec![key("a", 1)]).unwrap());
    let assertions = assertions(&keys);
    let before = assertions.jwks_json();
    keys.replace(KeyRing::new(vec![broken()]).unwrap());
    assert_eq!(assertions.jwks_json(), before);
    assert!(verify(&assertions, &sign(&assertions)).is_ok());
}

#[test]
fn a_generated_key_is_an_es256_key() {
    let made = generate_key().unwrap();
    let signer = SigningKey::es256("a", &made).unwrap();
    assert_eq!(signer.algorithm(), Algorithm::Es256);
}
