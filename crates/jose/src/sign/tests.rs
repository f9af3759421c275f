//! What a signing key makes, and what it never shows.

use serde_json::json;

use super::*;
use crate::compact::Compact;
use crate::keyset::KeySet;

fn es256() -> SigningKey {
    SigningKey::es256("k1", &SigningKey::generate_es256().unwrap()).unwrap()
}

#[test]
fn a_token_names_its_algorithm_type_and_key() {
    for key in [es256(), SigningKey::hs256("k1", &[7; 32]).unwrap()] {
        let token = key.sign("at+jwt", &json!({"sub": "ada"})).unwrap();
        let parts = Compact::parse(&token).unwrap();
        assert_eq!(parts.algorithm, key.algorithm());
        assert_eq!(parts.typ.as_deref(), Some("at+jwt"));
        assert_eq!(parts.kid.as_deref(), Some("k1"));
    }
}

// TK-12
#[test]
fn the_public_half_verifies_and_holds_nothing_else() {
    let key = es256();
    let jwk = serde_json::to_value(key.public_jwk().unwrap()).unwrap();
    let mut names: Vec<_> = jwk.as_object().unwrap().keys().collect();
    names.sort();
    assert_eq!(names, ["alg", "crv", "kid", "kty", "use", "x", "y"]);
    let keys = KeySet::from_json(json!({ "keys": [jwk] }).to_string().as_bytes()).unwrap();
    let token = key.sign("JWT", &json!({})).unwrap();
    assert_eq!(keys.authenticate(&Compact::parse(&token).unwrap()), Ok(()));
}

#[test]
fn a_shared_secret_has_no_public_half() {
    let key = SigningKey::hs256("k1", &[7; 32]).unwrap();
    assert_eq!(key.public_jwk(), None);
}

#[test]
fn debug_output_shows_no_key() {
    let secret = b"correct horse battery staple 123";
    let key = SigningKey::hs256("k1", secret).unwrap();
    let keys = KeySet::of(&[&key]).unwrap();
    assert_eq!(format!("{key:?}"), "SigningKey(k1, HS256)");
    assert_eq!(
        format!("{keys:?}"),
        r#"KeySet { keys: [Key { kid: Some("k1"), check: Check(HS256) }] }"#
    );
}

#[test]
fn weak_secrets_broken_keys_and_illegal_ids_are_refused() {
    let refused = |key: Result<SigningKey, _>| key.map(|_| ()).unwrap_err();
    assert_eq!(
        refused(SigningKey::hs256("k1", &[7; 31])),
        SignError::Key(KeyError::TooWeak)
    );
    assert_eq!(
        refused(SigningKey::es256("k1", b"not pkcs8")),
        SignError::Key(KeyError::Invalid)
    );
    for kid in ["", "a b", "ä", &"k".repeat(129)] {
        assert_eq!(
            refused(SigningKey::hs256(kid, &[7; 32])),
            SignError::Key(KeyError::InvalidId),
            "{kid:?}"
        );
    }
}

#[test]
fn claims_that_no_verifier_would_take_are_not_signed() {
    let key = es256();
    assert_eq!(key.sign("JWT", &[1, 2]), Err(SignError::Claims));
    let long = json!({"name": "x".repeat(8192)});
    assert_eq!(key.sign("JWT", &long), Err(SignError::TooLarge));
}
