//! Access tokens: what stands in them, and when one of ours is believed again.
//!
//! 1. The form is RFC 9068 (`typ` = `at+jwt`): issuer, subject, audience, times, a random id, and the login (`sid`).
//! 2. Roles are read from the user at each issue: a role taken away is gone with the next refresh.
//! 3. A token never outlives its family, nor [`crate::Config::access_ttl`].
//! 4. Verifiers elsewhere believe a token until its `exp`; the endpoints here also ask whether it was called back.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::family::{Family, FamilyId};
use cloakroom_core::hex;
use cloakroom_core::ports::{User, random};
use cloakroom_core::time::Timestamp;
use cloakroom_jose::{Claims, SignError, VerifyError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::service::Identity;

/// The media type in the header (RFC 9068 §2.1).
pub(crate) const TYP: &str = "at+jwt";

#[derive(Serialize)]
struct Payload<'a> {
    iss: &'a str,
    sub: Uuid,
    aud: &'a str,
    sid: Uuid,
    jti: String,
    iat: i64,
    exp: i64,
    roles: &'a [String],
    tier: Option<i64>,
    name: &'a str,
    email: &'a str,
    username: &'a str,
}

/// A signed access token.
pub(crate) struct Access {
    /// The compact JWS.
    pub(crate) token: String,
    /// How long it lives.
    pub(crate) expires_in: Duration,
}

/// What a verified access token of ours says that decisions here need.
#[derive(Clone, Debug)]
pub(crate) struct Verified {
    /// Whom it is about.
    pub(crate) user: Uuid,
    /// The login it belongs to.
    pub(crate) family: FamilyId,
    /// Its own id.
    pub(crate) jti: String,
    /// When it was issued.
    pub(crate) issued: i64,
    /// When it ends.
    pub(crate) expires: Timestamp,
}

impl Verified {
    fn read(claims: &Claims) -> Option<Self> {
        Some(Self {
            user: Uuid::parse_str(&claims.sub).ok()?,
            family: FamilyId(Uuid::parse_str(claims.sid.as_deref()?).ok()?),
            jti: claims.jti.clone()?,
            issued: claims.iat?,
            expires: Timestamp::from_secs(claims.exp),
        })
    }
}

impl Identity {
    /// Signs a fresh access token for `user` in `family`.
    pub(crate) fn sign_access(&self, user: &User, family: &Family) -> Result<Access, SignError> {
        let now = self.clock.now();
        let expires = now
            .plus(self.config.access_ttl)
            .min(family.absolute_expires);
        let ring = self.signer.current();
        let key = ring.active(now).ok_or(SignError::Crypto)?;
        let token = key.sign(
            TYP,
            &Payload {
                iss: &self.config.issuer,
                sub: user.id,
                aud: &family.audience,
                sid: family.id.0,
                jti: hex::encode(&random::<16>(self.entropy.as_ref())),
                iat: now.as_secs(),
                exp: expires.as_secs(),
                roles: &user.roles,
                tier: user.tier_id,
                name: &user.name,
                email: &user.email,
                username: &user.username,
            },
        )?;
        let expires_in = Duration::from_secs(expires.as_secs().abs_diff(now.as_secs()));
        Ok(Access { token, expires_in })
    }

    /// What a token of ours says, if it holds now by its signature and its times alone.
    pub(crate) fn verify_access(&self, token: &str) -> Option<Verified> {
        let now = self.clock.now().as_secs();
        Verified::read(&self.claims_at(token, now).ok()?)
    }

    /// The same for a token that may have expired: whoever logs out late still means that login.
    pub(crate) fn verify_access_late(&self, token: &str) -> Option<Verified> {
        let now = self.clock.now().as_secs();
        let claims = match self.claims_at(token, now) {
            Ok(claims) => claims,
            // Nothing but the time is wrong with it, so its own word about its end can be taken.
            Err(VerifyError::Expired) => {
                let last_second = stated_end(token)?.checked_sub(1)?;
                self.claims_at(token, last_second).ok()?
            }
            Err(_) => return None,
        };
        Verified::read(&claims)
    }

    fn claims_at(&self, token: &str, now: i64) -> Result<Claims, VerifyError> {
        self.verifier
            .verify(token, self.signer.current().believed(), now)
    }
}

/// The `exp` that stands in a token whose signature has been verified.
fn stated_end(token: &str) -> Option<i64> {
    #[derive(Deserialize)]
    struct End {
        exp: i64,
    }
    let payload = token.split('.').nth(1)?;
    let bytes = URL_SAFE_NO_PAD.decode(payload).ok()?;
    serde_json::from_slice::<End>(&bytes)
        .ok()
        .map(|end| end.exp)
}
