//! From a token answer to a grant: nothing of it is believed before the access token has been verified.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::keys::Keys;
use cloakroom_core::ports::{Clock, Outbound, ProviderError};
use cloakroom_core::token::{AccessToken, Grant, RefreshToken, TokenSet};
use cloakroom_core::user::Profile;
use cloakroom_core::{Subject, Timestamp};
use cloakroom_jose::{
    Claims, Freshness, Jwks, KeyError, KeySet, Policy, RemoteVerifier, SigningKey, Verifier,
    VerifyError,
};
use serde::Deserialize;

use super::BuiltinConfig;
use super::answer::Answer;
use super::published::PublishedKeys;
use super::service::CallError;

/// The longest token that is kept, in bytes: it has to fit into a request header.
const MAX_TOKEN: usize = 8 * 1024;

/// The longest life of an access token that makes sense.
const MAX_LIFE: u64 = 30 * 24 * 3600;

/// How much the service's clock may differ from ours.
const LEEWAY: Duration = Duration::from_secs(30);

/// The claims that are not the user's, or have a place of their own in a profile.
const KNOWN: [&str; 14] = [
    "iss",
    "sub",
    "aud",
    "exp",
    "iat",
    "nbf",
    "jti",
    "sid",
    "client_id",
    "roles",
    "name",
    "username",
    "email",
    "picture",
];

/// What a login or a refresh answers (RFC 6749 §5.1).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: AccessToken,
    refresh_token: RefreshToken,
    token_type: String,
    expires_in: u64,
}

impl TokenAnswer {
    fn check(&self) -> Result<(), CallError> {
        let fits = |token: &str| !token.is_empty() && token.len() <= MAX_TOKEN;
        let broken = if !fits(self.access_token.expose()) {
            "access_token"
        } else if !fits(self.refresh_token.expose()) {
            "refresh_token"
        } else if !self.token_type.eq_ignore_ascii_case("bearer") {
            "token_type"
        } else if !(1..=MAX_LIFE).contains(&self.expires_in) {
            "expires_in"
        } else {
            return Ok(());
        };
        Err(CallError::Nonsense(format!(
            "the answer's {broken} is invalid"
        )))
    }
}

/// Who issues the tokens, and what they are verified with.
pub(super) struct Issuer {
    keys: Trusted,
    clock: Arc<dyn Clock>,
}

enum Trusted {
    Published(RemoteVerifier),
    Shared(Verifier, Keys),
}

impl Issuer {
    /// An issuer that publishes its keys.
    pub(super) fn publishing(
        config: &BuiltinConfig,
        outbound: Arc<dyn Outbound>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        let policy = Policy::new(&config.issuer, &config.audience, &["at+jwt"]).leeway(LEEWAY);
        let base = config.base_url.trim_end_matches('/');
        let jwks = Jwks::new(
            format!("{base}/.well-known/jwks.json"),
            Arc::new(PublishedKeys::new(outbound)),
            Freshness::default(),
        );
        Self {
            keys: Trusted::Published(RemoteVerifier::new(Verifier::new(policy), jwks)),
            clock,
        }
    }

    /// The same issuer, but the secrets are shared and nothing is published.
    pub(super) fn sharing(self, secrets: Keys) -> Self {
        let verifier = match self.keys {
            Trusted::Published(remote) => remote.verifier().clone(),
            Trusted::Shared(verifier, _) => verifier,
        };
        Self {
            keys: Trusted::Shared(verifier, secrets),
            clock: self.clock,
        }
    }

    /// Verifies what was issued.
    pub(super) async fn grant(&self, answer: &Answer) -> Result<Grant, ProviderError> {
        let issued: TokenAnswer = answer.json()?;
        issued.check()?;
        let received = self.clock.now();
        let claims = self
            .verify(issued.access_token.expose(), received)
            .await
            .map_err(explain)?;
        let sid = claims.sid.clone();
        let sid = sid.ok_or_else(|| ProviderError::Nonsense("the token has no sid".to_owned()))?;
        let promised = received.plus(Duration::from_secs(issued.expires_in));
        Ok(Grant {
            subject: Subject::from(claims.sub.as_str()),
            issuer: claims.iss.clone(),
            issuer_sid: Some(sid),
            tokens: TokenSet {
                access: issued.access_token,
                received,
                access_expires: Timestamp::from_secs(claims.exp).min(promised),
                refresh: Some(issued.refresh_token),
                predecessor: None,
            },
            profile: profile(claims),
        })
    }

    async fn verify(&self, token: &str, now: Timestamp) -> Result<Claims, VerifyError> {
        match &self.keys {
            Trusted::Published(remote) => {
                remote
                    .verify(token, now.as_secs(), self.clock.ticks())
                    .await
            }
            Trusted::Shared(verifier, secrets) => {
                let keys = shared(secrets).map_err(|_| VerifyError::KeysUnavailable)?;
                verifier.verify(token, &keys, now.as_secs())
            }
        }
    }
}

/// The ring as it is now: a rotation needs no restart, and parsing a secret costs nothing.
fn shared(secrets: &Keys) -> Result<KeySet, KeyError> {
    let ring = secrets.current();
    let keys: Vec<_> = ring
        .iter()
        .filter_map(|key| SigningKey::hs256(&key.kid, key.material.expose()).ok())
        .collect();
    KeySet::of(&keys.iter().collect::<Vec<_>>())
}

fn explain(cause: VerifyError) -> ProviderError {
    let why = format!("access token: {cause}");
    if cause.is_transient() {
        ProviderError::Unavailable(why)
    } else {
        ProviderError::Nonsense(why)
    }
}

/// The user as the token describes them.
fn profile(claims: Claims) -> Profile {
    let text = |name| claims.text(name).map(str::to_owned);
    let username = text("username");
    Profile {
        name: text("name")
            .or_else(|| username.clone())
            .unwrap_or_default(),
        email: text("email"),
        picture: text("picture"),
        roles: claims.roles(),
        username,
        id: claims.sub,
        claims: claims
            .raw
            .into_iter()
            .filter(|(name, _)| !KNOWN.contains(&name.as_str()))
            .collect(),
    }
}
