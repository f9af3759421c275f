//! What the web app is told about a session: a short JWT of our own, whatever the provider's tokens look like.
//!
//! 1. Signed with ES256 by the ring's active key; every key of the ring is published, so that a new one is known
//!    before it signs and an old one until its last assertion is over.
//! 2. `iss` is the public address and `aud` is [`AUDIENCE`]: it is no access token, and none passes for it.
//! 3. It ends with the access token beside it. It is signed when the tokens change, never per request.
//!
//! A ring that is replaced while we run counts from the next call on; a ring with an unusable key is reported
//! and the one before it goes on. A deployment defeats this by letting strangers reach the app past the gateway
//! *and* letting the app skip the signature.

use std::sync::Arc;

use arc_swap::ArcSwap;
use bytes::Bytes;
use cloakroom_core::keys::{KeyRing, Keys};
use cloakroom_core::ports::Clock;
use cloakroom_core::user::Profile;
use cloakroom_core::{Handle, Principal, Timestamp};
use cloakroom_jose::{JwkSet, SignError, SigningKey};
use serde::Serialize;
use serde_json::{Map, Value};

/// Whom assertions are for.
pub(crate) const AUDIENCE: &str = "cloakroom:app";

/// Why there is no assertion.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AssertionError {
    /// A key of the ring is no P-256 key in PKCS#8.
    #[error("the assertion key {kid} is unusable: {cause}")]
    Key {
        /// Which one.
        kid: String,
        /// What is wrong with it.
        cause: SignError,
    },
    /// The ring has no key.
    #[error("there is no assertion key")]
    NoKey,
    /// Signing failed, or the claims are too large.
    #[error("the assertion cannot be signed: {0}")]
    Sign(SignError),
    /// The public halves cannot be written down.
    #[error("the assertion keys cannot be published")]
    Publish,
    /// A key could not be made.
    #[error("no assertion key can be made: {0}")]
    Generate(SignError),
}

/// Makes the material of a new key, as PKCS#8.
pub fn generate_key() -> Result<Vec<u8>, AssertionError> {
    let key = SigningKey::generate_es256().map_err(AssertionError::Generate)?;
    Ok(key.to_vec())
}

/// Signs assertions and publishes the keys that verify them.
pub(crate) struct Assertions {
    issuer: String,
    keys: Keys,
    clock: Arc<dyn Clock>,
    ready: ArcSwap<Ready>,
}

/// A ring whose keys have been read.
struct Ready {
    ring: Arc<KeyRing>,
    signers: Vec<SigningKey>,
    jwks: Bytes,
}

#[derive(Serialize)]
struct Statement<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    sid: &'a str,
    provider: &'a str,
    roles: &'a [String],
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    email: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<&'a str>,
    claims: &'a Map<String, Value>,
    iat: i64,
    exp: i64,
}

impl Assertions {
    /// Reads the ring; a key that is unusable now stops the start.
    pub(crate) fn new(
        public_url: &str,
        keys: Keys,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, AssertionError> {
        let ready = ArcSwap::from_pointee(Ready::read(keys.current())?);
        Ok(Self {
            issuer: public_url.to_owned(),
            keys,
            clock,
            ready,
        })
    }

    /// Signs what the app is told about a session whose access token ends at `expires`. `profile` has only such
    /// claims as may be shown.
    pub(crate) fn sign(
        &self,
        profile: &Profile,
        principal: &Principal,
        handle: &Handle,
        expires: Timestamp,
    ) -> Result<String, AssertionError> {
        let now = self.clock.now();
        let ready = self.ready();
        let key = ready.active(now).ok_or(AssertionError::NoKey)?;
        let statement = Statement {
            iss: &self.issuer,
            aud: AUDIENCE,
            sub: principal.subject.as_str(),
            sid: handle.as_str(),
            provider: principal.provider.as_str(),
            roles: &profile.roles,
            name: &profile.name,
            email: profile.email.as_deref(),
            username: profile.username.as_deref(),
            picture: profile.picture.as_deref(),
            claims: &profile.claims,
            iat: now.as_secs(),
            exp: expires.as_secs(),
        };
        key.sign("JWT", &statement).map_err(AssertionError::Sign)
    }

    /// The keys of the ring as a JWK set.
    pub(crate) fn jwks_json(&self) -> Bytes {
        self.ready().jwks.clone()
    }

    /// The ring as it is now, read once after each replacement.
    fn ready(&self) -> Arc<Ready> {
        let ready = self.ready.load_full();
        let ring = self.keys.current();
        if Arc::ptr_eq(&ready.ring, &ring) {
            return ready;
        }
        match Ready::read(ring) {
            Ok(newer) => {
                let newer = Arc::new(newer);
                self.ready.store(Arc::clone(&newer));
                newer
            }
            Err(cause) => {
                tracing::error!(target: "cloakroom::session", %cause, "the new assertion keys are not used");
                ready
            }
        }
    }
}

impl Ready {
    fn read(ring: Arc<KeyRing>) -> Result<Self, AssertionError> {
        let signers = ring
            .iter()
            .map(|key| {
                SigningKey::es256(&key.kid, key.material.expose()).map_err(|cause| {
                    AssertionError::Key {
                        kid: key.kid.clone(),
                        cause,
                    }
                })
            })
            .collect::<Result<Vec<_>, _>>()?;
        let keys = signers.iter().filter_map(SigningKey::public_jwk).collect();
        let jwks = serde_json::to_vec(&JwkSet { keys }).map_err(|_| AssertionError::Publish)?;
        Ok(Self {
            ring,
            signers,
            jwks: jwks.into(),
        })
    }

    fn active(&self, now: Timestamp) -> Option<&SigningKey> {
        let kid = &self.ring.active(now)?.kid;
        self.signers.iter().find(|signer| signer.kid() == kid)
    }
}

#[cfg(test)]
mod tests;
