//! One test for each refused attack on a token, beside its accepted twin.

use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::sign::SigningKey;

const NOW: i64 = 1_800_000_000;

static KEY: LazyLock<SigningKey> =
    LazyLock::new(|| SigningKey::es256("k1", &SigningKey::generate_es256().unwrap()).unwrap());
static KEYS: LazyLock<KeySet> = LazyLock::new(|| KeySet::of(&[&*KEY]).unwrap());

fn claims() -> Value {
    json!({
        "iss": "https://id.test", "sub": "7", "aud": "api", "sid": "s", "jti": "j",
        "iat": NOW - 10, "nbf": NOW - 10, "exp": NOW + 60, "roles": ["admin", "user"],
    })
}

fn verifier() -> Verifier {
    Verifier::new(Policy::new("https://id.test", "api", &["at+jwt"]))
}

fn verify(token: &str) -> Result<Claims, VerifyError> {
    verifier().verify(token, &KEYS, NOW)
}

fn refusal(token: &str) -> VerifyError {
    verify(token).unwrap_err()
}

/// The verdict on the good claims with one of them changed; `Null` removes it.
fn with_claim(name: &str, value: &Value) -> Result<Claims, VerifyError> {
    let mut claims = claims();
    let members = claims.as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value.clone()),
    };
    verify(&KEY.sign("at+jwt", &claims).unwrap())
}

/// The verdict on a well-signed token whose header is exactly `header`.
fn with_header(header: &str) -> Result<Claims, VerifyError> {
    let payload = claims().to_string();
    verify(&KEY.seal(header.as_bytes(), payload.as_bytes()).unwrap())
}

/// The verdict on a well-signed token whose payload is exactly `payload`.
fn with_payload(payload: &[u8]) -> Result<Claims, VerifyError> {
    let header = br#"{"alg":"ES256","typ":"at+jwt","kid":"k1"}"#;
    verify(&KEY.seal(header, payload).unwrap())
}

fn good() -> String {
    KEY.sign("at+jwt", &claims()).unwrap()
}

#[test]
fn a_good_token_tells_its_claims() {
    let claims = verify(&good()).unwrap();
    assert_eq!(
        (claims.sub.as_str(), claims.exp, claims.iat),
        ("7", NOW + 60, Some(NOW - 10))
    );
    assert_eq!(claims.sid.as_deref(), Some("s"));
    assert_eq!(claims.roles(), ["admin", "user"]);
    assert_eq!(claims.text("jti"), Some("j"));
}

// TK-01
#[test]
fn alg_none_is_refused_in_every_spelling() {
    for alg in ["none", "None", "NONE", "nOnE", ""] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"k1"}}"#);
        assert_eq!(
            with_header(&header).unwrap_err(),
            VerifyError::UnsupportedAlgorithm
        );
        let unsigned = format!(
            "{}.{}.",
            base64url::encode(&header),
            base64url::encode(claims().to_string())
        );
        assert_eq!(refusal(&unsigned), VerifyError::Malformed("parts"));
    }
}

// TK-01: the public key is known to everybody, so it must never work as an HMAC secret.
#[test]
fn a_public_key_is_not_taken_for_an_hmac_secret() {
    let public = serde_json::to_string(&KEY.public_jwk().unwrap()).unwrap();
    let thief = SigningKey::hs256("k1", public.as_bytes()).unwrap();
    let token = thief.sign("at+jwt", &claims()).unwrap();
    assert_eq!(refusal(&token), VerifyError::AlgorithmMismatch);
}

// TK-01
#[test]
fn the_header_cannot_choose_another_algorithm_than_the_keys() {
    for alg in ["RS256", "EdDSA", "HS256"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"k1"}}"#);
        assert_eq!(
            with_header(&header).unwrap_err(),
            VerifyError::AlgorithmMismatch,
            "{alg}"
        );
    }
    for alg in ["ES384", "PS256", "es256", "ES256K"] {
        let header = format!(r#"{{"alg":"{alg}","typ":"at+jwt","kid":"k1"}}"#);
        assert_eq!(
            with_header(&header).unwrap_err(),
            VerifyError::UnsupportedAlgorithm,
            "{alg}"
        );
    }
}

// TK-02
#[test]
fn a_key_that_the_token_brings_along_has_no_effect() {
    let thief = SigningKey::es256("k1", &SigningKey::generate_es256().unwrap()).unwrap();
    let header = json!({
        "alg": "ES256", "typ": "at+jwt", "kid": "k1",
        "jwk": thief.public_jwk().unwrap(),
        "jku": "https://thief.test/jwks.json",
        "x5u": "https://thief.test/chain.pem",
        "x5c": ["MIIB"],
    });
    let header = header.to_string();
    let payload = claims().to_string();
    let forged = thief.seal(header.as_bytes(), payload.as_bytes()).unwrap();
    assert_eq!(refusal(&forged), VerifyError::BadSignature);
    // The same header on an honest token is merely ignored.
    assert!(with_header(&header).is_ok());
}

// TK-02
#[test]
fn a_kid_only_chooses_among_the_known_keys() {
    for kid in ["k2", "../../k1", "k1'--"] {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{kid}"}}"#);
        assert_eq!(with_header(&header).unwrap_err(), VerifyError::UnknownKey);
    }
    let long = "k".repeat(129);
    for kid in [
        r#""""#,
        r#""a b""#,
        r#""k1\u0000""#,
        "7",
        &format!("{long:?}"),
    ] {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":{kid}}}"#);
        assert_eq!(
            with_header(&header).unwrap_err(),
            VerifyError::Malformed("kid"),
            "{kid}"
        );
    }
}

// TK-03
#[test]
fn exp_is_required() {
    assert_eq!(
        with_claim("exp", &Value::Null).unwrap_err(),
        VerifyError::InvalidClaim("exp")
    );
}

// TK-03
#[test]
fn a_time_of_the_wrong_type_or_out_of_range_refuses_the_token() {
    for name in ["exp", "nbf", "iat"] {
        for value in [
            json!("1800000060"),
            json!(true),
            json!([NOW]),
            json!(-1),
            json!(1e300),
            json!(i64::MAX),
            json!(u64::MAX),
            json!(253_402_300_800_i64),
        ] {
            assert_eq!(
                with_claim(name, &value).unwrap_err(),
                VerifyError::InvalidClaim(name),
                "{value}"
            );
        }
    }
    assert!(
        with_payload(
            claims()
                .to_string()
                .replace("1800000060", "null")
                .as_bytes()
        )
        .is_err()
    );
}

#[test]
fn a_fraction_of_a_second_is_cut_off() {
    let claims = with_claim("exp", &json!(1_800_000_001.75)).unwrap();
    assert_eq!(claims.exp, NOW + 1);
    assert_eq!(
        with_claim("exp", &json!(1_800_000_000.75)).unwrap_err(),
        VerifyError::Expired
    );
}

#[test]
fn a_token_is_over_at_its_exp_and_not_before() {
    let token = good();
    let at = |now| verifier().verify(&token, &KEYS, now).map(|_| ());
    assert_eq!(at(NOW + 59), Ok(()));
    assert_eq!(at(NOW + 60), Err(VerifyError::Expired));
    assert_eq!(at(i64::MAX), Err(VerifyError::Expired));
    assert_eq!(at(i64::MIN), Err(VerifyError::NotYetValid));
}

#[test]
fn a_token_from_the_future_is_not_valid_yet() {
    for name in ["nbf", "iat"] {
        assert!(with_claim(name, &json!(NOW)).is_ok());
        assert_eq!(
            with_claim(name, &json!(NOW + 1)).unwrap_err(),
            VerifyError::NotYetValid
        );
    }
}

// TK-03
#[test]
fn the_leeway_is_never_more_than_a_minute() {
    let token = good();
    for (asked, granted) in [(0, 0), (30, 30), (60, 60), (3600, 60)] {
        let policy = Policy::new("https://id.test", "api", &["at+jwt"]);
        let verifier = Verifier::new(policy.leeway(Duration::from_secs(asked)));
        let at = |now| verifier.verify(&token, &KEYS, now).map(|_| ());
        assert_eq!(at(NOW + 59 + granted), Ok(()));
        assert_eq!(at(NOW + 60 + granted), Err(VerifyError::Expired));
        assert_eq!(at(NOW - 10 - granted), Ok(()));
        assert_eq!(at(NOW - 11 - granted), Err(VerifyError::NotYetValid));
    }
}

// TK-04
#[test]
fn the_issuer_is_compared_byte_for_byte() {
    for issuer in [
        "https://id.test/",
        "https://ID.test",
        "http://id.test",
        "https://id.test.evil",
        "",
    ] {
        assert_eq!(
            with_claim("iss", &json!(issuer)).unwrap_err(),
            VerifyError::WrongIssuer
        );
    }
    for issuer in [Value::Null, json!(["https://id.test"]), json!(1)] {
        assert_eq!(
            with_claim("iss", &issuer).unwrap_err(),
            VerifyError::InvalidClaim("iss")
        );
    }
}

// TK-04
#[test]
fn the_audience_must_contain_ours() {
    for audience in [json!("api"), json!(["api"]), json!(["other", "api"])] {
        assert!(with_claim("aud", &audience).is_ok(), "{audience}");
    }
    for audience in [json!("other"), json!([]), json!(["api2", "ap"]), json!("")] {
        assert_eq!(
            with_claim("aud", &audience).unwrap_err(),
            VerifyError::WrongAudience
        );
    }
    for audience in [Value::Null, json!(["api", 1]), json!({"api": 1})] {
        assert_eq!(
            with_claim("aud", &audience).unwrap_err(),
            VerifyError::InvalidClaim("aud")
        );
    }
}

// TK-04
#[test]
fn a_token_about_nobody_is_refused() {
    for subject in [Value::Null, json!(""), json!(7)] {
        assert_eq!(
            with_claim("sub", &subject).unwrap_err(),
            VerifyError::InvalidClaim("sub")
        );
    }
}

// TK-04: an ID token or an assertion is not an access token.
#[test]
fn a_token_of_another_type_is_refused() {
    for typ in ["at+jwt", "AT+JWT", "application/at+jwt"] {
        let token = KEY.sign(typ, &claims()).unwrap();
        assert!(verify(&token).is_ok(), "{typ}");
    }
    for typ in ["JWT", "logout+jwt", "at+jwtx", "", "application/"] {
        let token = KEY.sign(typ, &claims()).unwrap();
        assert_eq!(refusal(&token), VerifyError::WrongType, "{typ}");
    }
    assert_eq!(
        with_header(r#"{"alg":"ES256","kid":"k1"}"#).unwrap_err(),
        VerifyError::WrongType
    );
    assert_eq!(
        with_header(r#"{"alg":"ES256","kid":"k1","typ":["at+jwt"]}"#).unwrap_err(),
        VerifyError::Malformed("typ")
    );
}

#[test]
fn roles_that_are_not_a_list_of_strings_grant_nothing() {
    for roles in [
        Value::Null,
        json!("admin"),
        json!(["admin", 1]),
        json!({"admin": true}),
    ] {
        let claims = with_claim("roles", &roles).unwrap();
        assert_eq!(claims.roles(), Vec::<String>::new(), "{roles}");
    }
}

// TK-05
#[test]
fn extensions_that_must_be_understood_are_refused() {
    for (member, name) in [
        (r#""crit":["exp"],"exp":1"#, "crit"),
        (r#""crit":[]"#, "crit"),
        (r#""crit":["b64"],"b64":false"#, "crit"),
        (r#""b64":false"#, "b64"),
        (r#""b64":true"#, "b64"),
        (r#""zip":"DEF""#, "zip"),
        (r#""enc":"A256GCM""#, "enc"),
    ] {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"k1",{member}}}"#);
        assert_eq!(
            with_header(&header).unwrap_err(),
            VerifyError::UnsupportedHeader(name)
        );
    }
}

// TK-05
#[test]
fn an_encrypted_token_is_refused() {
    assert_eq!(
        refusal("eyJhbGciOiJkaXIifQ..AA.AA.AA"),
        VerifyError::Encrypted
    );
}

// TK-06
#[test]
fn a_repeated_member_is_refused_in_the_header_and_in_the_claims() {
    for header in [
        r#"{"alg":"ES256","alg":"ES256","typ":"at+jwt","kid":"k1"}"#,
        r#"{"alg":"none","typ":"at+jwt","kid":"k1","\u0061lg":"ES256"}"#,
    ] {
        assert_eq!(
            with_header(header).unwrap_err(),
            VerifyError::Malformed("header")
        );
    }
    let payload = claims().to_string();
    assert!(with_payload(payload.as_bytes()).is_ok());
    let repeated = payload.replacen('{', r#"{"sub":"1","#, 1);
    assert_eq!(
        with_payload(repeated.as_bytes()).unwrap_err(),
        VerifyError::Malformed("payload")
    );
}

// TK-06
#[test]
fn bytes_around_the_claims_are_refused() {
    let payload = claims().to_string();
    for payload in [
        format!("{payload} "),
        format!(" {payload}"),
        format!("{payload}{{}}"),
        format!("{payload}\0"),
        format!("[{payload}]"),
        String::from("null"),
    ] {
        assert_eq!(
            with_payload(payload.as_bytes()).unwrap_err(),
            VerifyError::Malformed("payload")
        );
    }
    let invalid_utf8 = [b"{\"sub\":\"\xff\"}".as_slice()].concat();
    assert!(with_payload(&invalid_utf8).is_err());
}

// TK-06
#[test]
fn a_token_has_exactly_one_spelling() {
    let token = good();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let (header, payload) = signed.split_once('.').unwrap();
    for other in [
        format!("{token} "),
        format!(" {token}"),
        format!("{token}\n"),
        format!("{token}="),
        format!("{token}=="),
        format!("{token}."),
        format!(".{token}"),
        format!("{header}=.{payload}.{signature}"),
        format!("{header}.{payload}=.{signature}"),
        format!("{header}\r\n.{payload}.{signature}"),
        format!("{header}..{signature}"),
        format!("..{signature}"),
        format!("{header}.{payload}"),
        format!("{header}.{payload}."),
        format!("Bearer {token}"),
        String::new(),
        String::from(".."),
    ] {
        assert!(verify(&other).is_err(), "{other}");
    }
}

// TK-06: of the last character of 64 signature bytes only two bits count; the others must be zero.
#[test]
fn a_signature_with_stray_trailing_bits_is_refused() {
    let token = good();
    let (start, last) = token.split_at(token.len() - 1);
    let accepted: Vec<_> = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['-', '_'])
        .filter(|&other| verify(&format!("{start}{other}")).is_ok())
        .collect();
    assert_eq!(accepted, last.chars().collect::<Vec<_>>());
}

// TK-08
#[test]
fn a_token_above_8_kib_is_not_looked_at() {
    assert_eq!(refusal(&"a".repeat(8193)), VerifyError::TooLarge);
    assert_eq!(refusal(&"a".repeat(8192)), VerifyError::Malformed("parts"));
}

// TK-06
#[test]
fn no_flip_of_a_single_bit_is_accepted() {
    let token = good().into_bytes();
    for index in 0..token.len() {
        for bit in 0..8 {
            let mut flipped = token.clone();
            flipped[index] ^= 1 << bit;
            if let Ok(flipped) = std::str::from_utf8(&flipped) {
                assert!(verify(flipped).is_err(), "byte {index}, bit {bit}");
            }
        }
    }
}

// TK-06
#[test]
fn no_character_can_be_left_out_repeated_swapped_or_put_in() {
    let token = good();
    for index in 0..token.len() {
        let (before, after) = token.split_at(index);
        let mut rest = after.chars();
        let here = rest.next().unwrap();
        let rest = rest.as_str();
        let mut variants = vec![format!("{before}{rest}"), format!("{before}{here}{after}")];
        variants.extend(["=", " ", ".", "A", "\0", "é"].map(|it| format!("{before}{it}{after}")));
        if let Some(next) = rest.chars().next() {
            variants.push(format!("{before}{next}{here}{}", &rest[1..]));
        }
        for variant in variants.into_iter().filter(|it| *it != token) {
            assert!(verify(&variant).is_err(), "{variant}");
        }
    }
}

#[test]
fn a_token_signed_by_another_key_of_the_same_name_is_refused() {
    let thief = SigningKey::es256("k1", &SigningKey::generate_es256().unwrap()).unwrap();
    let token = thief.sign("at+jwt", &claims()).unwrap();
    assert_eq!(refusal(&token), VerifyError::BadSignature);
}

#[test]
fn a_hs256_issuer_without_key_ids_is_verified_with_its_one_secret() {
    let key = SigningKey::hs256("whatever", &[7; 32]).unwrap();
    let token = key.sign("at+jwt", &claims()).unwrap();
    let verdict = |secret| {
        let keys = KeySet::hs256(None, secret).unwrap();
        verifier()
            .verify(&token, &keys, NOW)
            .map(|claims| claims.sub)
    };
    assert_eq!(verdict(&[7; 32]), Ok("7".to_owned()));
    assert_eq!(verdict(&[8; 32]), Err(VerifyError::BadSignature));
}
