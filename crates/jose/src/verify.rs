//! Decides whether a token is believed.
//!
//! 1. The signature is checked first, with the key's own algorithm; only then is the payload read.
//! 2. `iss` is the policy's, byte for byte; `aud` contains the policy's; `sub` is there; `typ` is one that the
//!    policy names, so that a token of one kind is never taken for another (RFC 8725 §3.8 to §3.12).
//! 3. `exp` is there and not over; `nbf` and `iat` are not in the future. Clocks may differ by the leeway,
//!    at most 60 s.
//!
//! Refusal is a [`VerifyError`], of which [`VerifyError::Expired`] comes last: it means that all else is good.
//! A deployment defeats this by giving two issuers one key, or one audience to services that do not trust
//! each other.

use std::time::Duration;

use crate::base64url;
use crate::claims::Claims;
use crate::compact::Compact;
use crate::error::VerifyError;
use crate::json;
use crate::keyset::KeySet;

/// The most that two clocks may differ.
const MAX_LEEWAY: Duration = Duration::from_secs(60);

/// What a token must say to be believed.
#[derive(Clone, Debug)]
pub struct Policy {
    issuer: String,
    audience: String,
    typ: Vec<String>,
    leeway: i64,
}

impl Policy {
    /// Asks for this issuer, this audience, and one of these types (`at+jwt`, `JWT`, `logout+jwt`).
    /// Types compare as media types: without case, and with or without `application/`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>, typ: &[&str]) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            typ: typ.iter().map(|&name| name.to_owned()).collect(),
            leeway: 0,
        }
    }

    /// Lets clocks differ by this much. More than 60 s counts as 60 s.
    #[must_use]
    pub fn leeway(mut self, leeway: Duration) -> Self {
        let seconds = leeway.min(MAX_LEEWAY).as_secs();
        self.leeway = i64::try_from(seconds).unwrap_or(0);
        self
    }

    /// The issuer it asks for.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }
}

/// Judges tokens by a policy.
#[derive(Clone, Debug)]
pub struct Verifier {
    policy: Policy,
}

impl Verifier {
    /// Judges by `policy`.
    pub const fn new(policy: Policy) -> Self {
        Self { policy }
    }

    /// The policy it judges by.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Verifies `token` with `keys`, at `now_secs` seconds since the epoch.
    pub fn verify(&self, token: &str, keys: &KeySet, now_secs: i64) -> Result<Claims, VerifyError> {
        self.judge(&Compact::parse(token)?, keys, now_secs)
    }

    /// The same for a token that has been taken apart already.
    pub(crate) fn judge(
        &self,
        token: &Compact<'_>,
        keys: &KeySet,
        now_secs: i64,
    ) -> Result<Claims, VerifyError> {
        self.check_type(token.typ.as_deref())?;
        keys.authenticate(token)?;
        let payload = base64url::decode(token.payload).ok_or(VerifyError::Malformed("payload"))?;
        let claims = json::object(&payload).ok_or(VerifyError::Malformed("payload"))?;
        let claims = Claims::read(claims)?;
        self.check_claims(&claims, now_secs)?;
        Ok(claims)
    }

    fn check_type(&self, typ: Option<&str>) -> Result<(), VerifyError> {
        let typ = typ.map(media_type).ok_or(VerifyError::WrongType)?;
        let accepted = &mut self.policy.typ.iter().map(|name| media_type(name));
        accepted
            .any(|name| name.eq_ignore_ascii_case(typ))
            .then_some(())
            .ok_or(VerifyError::WrongType)
    }

    fn check_claims(&self, claims: &Claims, now: i64) -> Result<(), VerifyError> {
        if claims.iss != self.policy.issuer {
            return Err(VerifyError::WrongIssuer);
        }
        if !claims.aud.contains(&self.policy.audience) {
            return Err(VerifyError::WrongAudience);
        }
        let latest = now.saturating_add(self.policy.leeway);
        let early = |time: Option<i64>| time.is_some_and(|time| time > latest);
        if early(claims.nbf) || early(claims.iat) {
            return Err(VerifyError::NotYetValid);
        }
        // RFC 7519 §4.1.4: not "on or after" this time.
        if now.saturating_sub(self.policy.leeway) >= claims.exp {
            return Err(VerifyError::Expired);
        }
        Ok(())
    }
}

/// Leaves out the prefix that RFC 7515 §4.1.9 lets a writer omit.
fn media_type(typ: &str) -> &str {
    const PREFIX: &str = "application/";
    match typ.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => typ,
    }
}

#[cfg(test)]
mod tests;
