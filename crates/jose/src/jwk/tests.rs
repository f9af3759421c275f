//! Which published keys are taken, and that nothing private is ever written.

use super::*;

const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

fn ec() -> Value {
    json!({"kty": "EC", "crv": "P-256", "kid": "a", "use": "sig", "alg": "ES256", "x": X, "y": Y})
}

fn rsa_of(bits: usize) -> Value {
    let mut n = vec![0xff; bits / 8];
    if !bits.is_multiple_of(8) {
        n.insert(0, 1);
    }
    json!({"kty": "RSA", "n": base64url::encode(n), "e": "AQAB"})
}

fn read(key: &Value) -> Result<Jwk, KeyError> {
    Jwk::read(key.as_object().unwrap())
}

/// The good key with one member changed; `Null` removes it.
fn changed(mut key: Value, name: &str, value: Value) -> Value {
    let members = key.as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    key
}

#[test]
fn a_key_is_written_as_it_was_read() {
    let okp =
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "b", "use": "sig", "alg": "EdDSA", "x": X});
    let rsa = changed(
        changed(rsa_of(2048), "alg", "RS256".into()),
        "use",
        "sig".into(),
    );
    for key in [ec(), okp, rsa] {
        let read: Jwk = serde_json::from_value(key.clone()).unwrap();
        assert_eq!(serde_json::to_value(read).unwrap(), key);
    }
}

// TK-12
#[test]
fn a_key_that_comes_with_its_private_half_is_refused() {
    let key = changed(ec(), "d", X.into());
    assert_eq!(read(&key), Err(KeyError::Private));
    let oct = json!({"kty": "oct", "k": X, "kid": "a"});
    assert_eq!(read(&oct), Err(KeyError::Private));
}

// TK-12
#[test]
fn rsa_below_2048_bits_is_refused() {
    assert!(read(&rsa_of(2048)).is_ok());
    assert!(read(&rsa_of(4096)).is_ok());
    assert_eq!(read(&rsa_of(2041)), Err(KeyError::TooWeak));
    assert_eq!(read(&rsa_of(1024)), Err(KeyError::TooWeak));
    assert_eq!(read(&rsa_of(16384)), Err(KeyError::Invalid));
}

#[test]
fn an_rsa_exponent_that_proves_nothing_or_costs_much_is_refused() {
    // 1, 2, and 2^32 + 1.
    for exponent in ["AQ", "Ag", "AQAAAAE"] {
        let key = changed(rsa_of(2048), "e", exponent.into());
        assert_eq!(read(&key), Err(KeyError::Invalid), "{exponent}");
    }
    let leading_zero = changed(rsa_of(2048), "e", "AAEAAQ".into());
    assert_eq!(read(&leading_zero), Err(KeyError::Malformed("e")));
}

#[test]
fn unknown_types_curves_algorithms_and_uses_are_refused() {
    for (name, value, cause) in [
        ("kty", json!("AKP"), KeyError::Unsupported("type")),
        ("crv", json!("P-384"), KeyError::Unsupported("curve")),
        ("crv", json!("secp256k1"), KeyError::Unsupported("curve")),
        ("alg", json!("ES384"), KeyError::Unsupported("algorithm")),
        ("alg", json!("HS256"), KeyError::Unsupported("algorithm")),
        ("use", json!("enc"), KeyError::Unsupported("use")),
        ("key_ops", json!(["sign"]), KeyError::Unsupported("use")),
        ("alg", json!(1), KeyError::Malformed("alg")),
        ("kty", Value::Null, KeyError::Malformed("kty")),
        ("y", Value::Null, KeyError::Malformed("y")),
        ("x", json!("AAAA"), KeyError::Malformed("x")),
        ("x", json!(format!("{X}=")), KeyError::Malformed("x")),
        ("kid", json!(""), KeyError::InvalidId),
        ("kid", json!("a b"), KeyError::InvalidId),
        ("kid", json!("k".repeat(129)), KeyError::InvalidId),
        ("kid", json!(7), KeyError::InvalidId),
    ] {
        let key = changed(ec(), name, value.clone());
        assert_eq!(read(&key), Err(cause), "{name}: {value}");
    }
}

#[test]
fn a_set_leaves_out_what_it_cannot_use_and_keeps_the_rest() {
    let keys = [
        json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        changed(ec(), "use", "enc".into()),
        changed(ec(), "kid", "good".into()),
        rsa_of(1024),
    ];
    let set = JwkSet::from_json(json!({ "keys": keys }).to_string().as_bytes()).unwrap();
    let kids: Vec<_> = set.keys.iter().map(Jwk::kid).collect();
    assert_eq!(kids, [Some("good")]);
}

#[test]
fn what_is_not_a_set_is_refused() {
    let many = json!({ "keys": vec![ec(); MAX_KEYS + 1] }).to_string();
    for text in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[1]}"#,
        r#"{"keys":[],"keys":[]}"#,
        &many,
    ] {
        assert!(
            matches!(
                JwkSet::from_json(text.as_bytes()),
                Err(KeyError::Malformed(_))
            ),
            "{text:.40}"
        );
    }
}
