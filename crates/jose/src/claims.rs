//! The claims of a token that has been verified, each of the right JSON type and in a sane range.
//!
//! A claim of the wrong type refuses the token; it never counts as absent (a `nbf` written as a string once
//! switched the check off elsewhere: CVE-2026-25537).

use serde_json::{Map, Number, Value};

use crate::error::VerifyError;

/// What a verified token says. Only a verifier makes one.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Claims {
    /// Who issued it; equal to what the policy asks for.
    pub iss: String,
    /// Whom it is about.
    pub sub: String,
    /// For whom it was issued; contains what the policy asks for.
    pub aud: Vec<String>,
    /// When it ends, in seconds since the epoch.
    pub exp: i64,
    /// When it was issued.
    pub iat: Option<i64>,
    /// From when on it holds.
    pub nbf: Option<i64>,
    /// Its own id.
    pub jti: Option<String>,
    /// The login it belongs to.
    pub sid: Option<String>,
    /// All of its claims, these included.
    pub raw: Map<String, Value>,
}

/// 9999-12-31T23:59:59Z: a time after that is an error of whoever wrote it.
const LATEST: i64 = 253_402_300_799;

impl Claims {
    /// Reads the registered claims (RFC 7519 §4.1) out of a payload whose signature has been checked.
    pub(crate) fn read(raw: Map<String, Value>) -> Result<Self, VerifyError> {
        Ok(Self {
            iss: required(text(&raw, "iss")?, "iss")?,
            sub: required(text(&raw, "sub")?.filter(|sub| !sub.is_empty()), "sub")?,
            aud: audience(&raw)?,
            exp: required(time(&raw, "exp")?, "exp")?,
            iat: time(&raw, "iat")?,
            nbf: time(&raw, "nbf")?,
            jti: text(&raw, "jti")?,
            sid: text(&raw, "sid")?,
            raw,
        })
    }

    /// The claim `roles`: a list of strings. Anything else grants nothing.
    pub fn roles(&self) -> Vec<String> {
        let Some(Value::Array(roles)) = self.raw.get("roles") else {
            return Vec::new();
        };
        let roles: Option<Vec<_>> = roles
            .iter()
            .map(|role| role.as_str().map(str::to_owned))
            .collect();
        roles.unwrap_or_default()
    }

    /// A further claim, where it is a string.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.raw.get(name).and_then(Value::as_str)
    }
}

fn required<T>(value: Option<T>, name: &'static str) -> Result<T, VerifyError> {
    value.ok_or(VerifyError::InvalidClaim(name))
}

fn text(raw: &Map<String, Value>, name: &'static str) -> Result<Option<String>, VerifyError> {
    match raw.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(VerifyError::InvalidClaim(name)),
    }
}

/// One string or a list of strings (RFC 7519 §4.1.3).
fn audience(raw: &Map<String, Value>) -> Result<Vec<String>, VerifyError> {
    let items = match raw.get("aud") {
        Some(Value::String(one)) => return Ok(vec![one.clone()]),
        Some(Value::Array(items)) => items,
        _ => return Err(VerifyError::InvalidClaim("aud")),
    };
    items
        .iter()
        .map(|item| item.as_str().map(str::to_owned))
        .collect::<Option<_>>()
        .ok_or(VerifyError::InvalidClaim("aud"))
}

fn time(raw: &Map<String, Value>, name: &'static str) -> Result<Option<i64>, VerifyError> {
    let seconds = match raw.get(name) {
        None => return Ok(None),
        Some(Value::Number(number)) => whole_seconds(number),
        Some(_) => None,
    };
    match seconds {
        Some(seconds @ 0..=LATEST) => Ok(Some(seconds)),
        _ => Err(VerifyError::InvalidClaim(name)),
    }
}

/// A `NumericDate` may have a fraction (RFC 7519 §2); it is cut off.
fn whole_seconds(number: &Number) -> Option<i64> {
    if let Some(whole) = number.as_i64() {
        return Some(whole);
    }
    let seconds = number.as_f64()?;
    #[expect(
        clippy::cast_possible_truncation,
        reason = "cutting the fraction off is the purpose, and the range has been checked"
    )]
    (0.0..1e12).contains(&seconds).then_some(seconds as i64)
}
