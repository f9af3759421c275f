//! The example tokens of RFC 7515 and RFC 8037, and what choosing a key means.

use super::*;

/// RFC 7515 appendix A: the payload of its examples.
const PAYLOAD: &str = concat!(
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
    "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
);

/// RFC 7515 appendix A.1.
const HMAC_SECRET: &str = concat!(
    "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0i",
    "PS4hcgUuTwjAzZr1Z9CAow"
);
const HMAC_HEADER: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9";
const HMAC_SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// RFC 7515 appendix A.2.
const RSA_N: &str = concat!(
    "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp",
    "-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOW",
    "vG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUs",
    "LA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9k",
    "G4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2",
    "PAcDTW9gb54h4FRWyuXpoQ"
);
const RSA_SIGNATURE: &str = concat!(
    "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7",
    "AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4",
    "BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K",
    "0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqv",
    "hJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrB",
    "p0igcN_IoypGlUPQGe77Rw"
);

/// RFC 7515 appendix A.3.
const EC_X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
const EC_Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";
const EC_SIGNATURE: &str = concat!(
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSA",
    "pmWQxfKTUJqPP3-Kg6NU1Q"
);

/// RFC 8037 appendix A.4.
const ED_X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED_TOKEN: &str = concat!(
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.",
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5B",
    "hVsPt9g7sVvpAr_MuM0KAg"
);

fn published(key: &str) -> KeySet {
    KeySet::from_json(format!(r#"{{"keys":[{key}]}}"#).as_bytes()).unwrap()
}

fn authenticate(keys: &KeySet, token: &str) -> Result<(), VerifyError> {
    keys.authenticate(&Compact::parse(token)?)
}

#[track_caller]
fn assert_good_until_changed(keys: &KeySet, token: &str) {
    assert_eq!(authenticate(keys, token), Ok(()));
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let mut bytes = crate::base64url::decode(signature).unwrap();
    *bytes.first_mut().unwrap() ^= 1;
    let changed = format!("{signed}.{}", crate::base64url::encode(bytes));
    assert_eq!(authenticate(keys, &changed), Err(VerifyError::BadSignature));
}

#[test]
fn the_hs256_example_of_rfc_7515_verifies() {
    let secret = crate::base64url::decode(HMAC_SECRET).unwrap();
    let keys = KeySet::hs256(None, &secret).unwrap();
    assert_good_until_changed(&keys, &format!("{HMAC_HEADER}.{PAYLOAD}.{HMAC_SIGNATURE}"));
}

#[test]
fn the_rs256_example_of_rfc_7515_verifies() {
    let keys = published(&format!(r#"{{"kty":"RSA","n":"{RSA_N}","e":"AQAB"}}"#));
    assert_good_until_changed(
        &keys,
        &format!("eyJhbGciOiJSUzI1NiJ9.{PAYLOAD}.{RSA_SIGNATURE}"),
    );
}

#[test]
fn the_es256_example_of_rfc_7515_verifies() {
    let keys = published(&format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{EC_X}","y":"{EC_Y}"}}"#
    ));
    assert_good_until_changed(
        &keys,
        &format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.{EC_SIGNATURE}"),
    );
}

#[test]
fn the_ed25519_example_of_rfc_8037_verifies() {
    let keys = published(&format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED_X}"}}"#));
    assert_good_until_changed(&keys, ED_TOKEN);
}

// TK-01: a signature of zeros passed elsewhere (CVE-2022-21449).
#[test]
fn an_es256_signature_of_zeros_or_in_der_is_refused() {
    let keys = published(&format!(
        r#"{{"kty":"EC","crv":"P-256","x":"{EC_X}","y":"{EC_Y}"}}"#
    ));
    let der = [&[0x30, 6, 2, 1, 1, 2, 1, 1][..], &[0; 56]].concat();
    for signature in [vec![0; 64], vec![0; 63], vec![0; 128], vec![0xff; 64], der] {
        let signature = crate::base64url::encode(signature);
        let token = format!("eyJhbGciOiJFUzI1NiJ9.{PAYLOAD}.{signature}");
        assert_eq!(authenticate(&keys, &token), Err(VerifyError::BadSignature));
    }
}

#[test]
fn a_point_off_the_curve_is_no_key() {
    let text = format!(r#"{{"keys":[{{"kty":"EC","crv":"P-256","x":"{EC_X}","y":"{EC_X}"}}]}}"#);
    let refused = KeySet::from_json(text.as_bytes()).unwrap_err();
    assert_eq!(refused, KeyError::NoUsableKey);
}

// TK-02
#[test]
fn a_token_without_kid_is_judged_only_where_there_is_one_key() {
    let one = format!(r#"{{"kty":"OKP","crv":"Ed25519","x":"{ED_X}"}}"#);
    let two = format!(r#"{one},{{"kty":"EC","crv":"P-256","kid":"b","x":"{EC_X}","y":"{EC_Y}"}}"#);
    assert_eq!(authenticate(&published(&one), ED_TOKEN), Ok(()));
    assert_eq!(
        authenticate(&published(&two), ED_TOKEN),
        Err(VerifyError::UnknownKey)
    );
}

#[test]
fn of_two_keys_with_one_id_the_first_counts() {
    let ed = format!(r#"{{"kty":"OKP","crv":"Ed25519","kid":"a","x":"{ED_X}"}}"#);
    let ec = format!(r#"{{"kty":"EC","crv":"P-256","kid":"a","x":"{EC_X}","y":"{EC_Y}"}}"#);
    assert_eq!(
        authenticate(&published(&format!("{ed},{ec}")), ED_TOKEN),
        Ok(())
    );
    assert_eq!(
        authenticate(&published(&format!("{ec},{ed}")), ED_TOKEN),
        Err(VerifyError::AlgorithmMismatch)
    );
}

#[test]
fn a_secret_below_32_bytes_is_refused() {
    assert_eq!(
        KeySet::hs256(None, &[7; 31]).unwrap_err(),
        KeyError::TooWeak
    );
    assert!(KeySet::hs256(None, &[7; 32]).is_ok());
}
