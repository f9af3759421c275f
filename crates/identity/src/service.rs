//! [`Identity`]: the parts of one identity service, checked once and then shared by every request.

use std::sync::Arc;

use cloakroom_core::keys::{KeyRing, Keys};
use cloakroom_core::ports::{Clock, Entropy, FamilyStore, UserStore};
use cloakroom_jose::{Policy, Verifier};

use crate::access::TYP;
use crate::attempts::Attempts;
use crate::config::{Config, ConfigError};
use crate::endpoints;
use crate::password::Hasher;
use crate::signer::Signer;

/// What the service is built from.
pub struct Parts {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Users.
    pub users: Arc<dyn UserStore>,
    /// Refresh-token families; must be durable when it answers.
    pub families: Arc<dyn FamilyStore>,
    /// Keys.
    pub keys: IdentityKeys,
}

/// The key rings of the service. Each can be replaced while it runs.
#[derive(Clone, Debug)]
pub struct IdentityKeys {
    /// Signs access tokens: PKCS#8 for ES256, raw bytes for HS256. To be published before it signs, a key's
    /// `active_from` lies ten minutes ahead when it is added: twice the time that verifiers may cache the set.
    pub signing: Keys,
    /// Derives successors of refresh tokens: 32 bytes each.
    pub rotation: Keys,
    /// The gateway's credential: every key is accepted, its secret as sent is the material in lower-case hex.
    pub client: Keys,
}

/// One identity service.
pub struct Identity {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
    pub(crate) users: Arc<dyn UserStore>,
    pub(crate) families: Arc<dyn FamilyStore>,
    pub(crate) rotation: Keys,
    pub(crate) client: Keys,
    pub(crate) signer: Signer,
    pub(crate) verifier: Verifier,
    pub(crate) hasher: Hasher,
    pub(crate) attempts: Attempts,
}

impl Identity {
    /// Checks the configuration and every key, and starts the hashing threads.
    pub fn new(config: Config, parts: Parts) -> Result<Arc<Self>, ConfigError> {
        config.validate()?;
        let Parts {
            clock,
            entropy,
            users,
            families,
            keys,
        } = parts;
        require_lengths("rotation", &keys.rotation.current(), 32..=32)?;
        require_lengths("client", &keys.client.current(), 16..=64)?;
        let signer = Signer::new(keys.signing, config.algorithm)?;
        let policy = Policy::new(config.issuer.as_str(), config.audience.as_str(), &[TYP]);
        let hasher = Hasher::start(&config.password, clock.as_ref(), Arc::clone(&entropy))?;
        let attempts = Attempts::new(config.limits, Arc::clone(&clock));
        Ok(Arc::new(Self {
            config,
            clock,
            entropy,
            users,
            families,
            rotation: keys.rotation,
            client: keys.client,
            signer,
            verifier: Verifier::new(policy),
            hasher,
            attempts,
        }))
    }

    /// The HTTP service. Whoever accepts the connections puts a [`crate::Peer`] into each request's extensions;
    /// without one every caller counts as one and the same network.
    pub fn router(self: &Arc<Self>) -> axum::Router {
        endpoints::router(Arc::clone(self))
    }

    /// The OpenAPI 3.1 description of [`Self::router`], as pretty JSON with a final newline.
    pub fn openapi_json() -> String {
        endpoints::openapi_json()
    }
}

fn require_lengths(
    ring: &'static str,
    keys: &KeyRing,
    bytes: std::ops::RangeInclusive<usize>,
) -> Result<(), ConfigError> {
    let wrong = keys
        .iter()
        .find(|key| !bytes.contains(&key.material.expose().len()));
    match wrong {
        None => Ok(()),
        Some(key) => Err(ConfigError::Key {
            ring,
            kid: key.kid.clone(),
            why: format!("it must have {} to {} bytes", bytes.start(), bytes.end()),
        }),
    }
}
