//! The keys that sign access tokens: which one signs now, which ones are believed, which ones are published.
//!
//! 1. The newest key in force signs; every key of the ring is believed and published, so that a key is known to all
//!    verifiers before its first token (TK-11) and its last token is verified after it has stopped signing.
//! 2. Only public halves are published (TK-12); with HS256 the published set is empty.
//! 3. A replaced ring takes effect at the next request. One that cannot be used is logged, and the old one stays.

use std::sync::Arc;

use arc_swap::ArcSwap;
use cloakroom_core::Timestamp;
use cloakroom_core::keys::{KeyRing, Keys};
use cloakroom_jose::{JwkSet, KeyError, KeySet, SignError, SigningKey};

use crate::config::{Algorithm, ConfigError};

/// The signing ring, parsed.
pub(crate) struct Signer {
    keys: Keys,
    algorithm: Algorithm,
    parsed: ArcSwap<Parsed>,
}

/// One state of the ring.
pub(crate) struct Parsed {
    ring: Arc<KeyRing>,
    signing: Vec<SigningKey>,
    believed: KeySet,
    published: JwkSet,
}

impl Parsed {
    /// The key that signs at `now`.
    pub(crate) fn active(&self, now: Timestamp) -> Option<&SigningKey> {
        let kid = &self.ring.active(now)?.kid;
        self.signing.iter().find(|key| key.kid() == kid)
    }

    /// The keys whose tokens are believed.
    pub(crate) const fn believed(&self) -> &KeySet {
        &self.believed
    }

    /// The public keys.
    pub(crate) const fn published(&self) -> &JwkSet {
        &self.published
    }

    fn of(ring: Arc<KeyRing>, algorithm: Algorithm) -> Result<Self, ConfigError> {
        let refuse = |kid: &str, why: String| ConfigError::Key {
            ring: "signing",
            kid: kid.to_owned(),
            why,
        };
        let mut signing = Vec::new();
        for key in ring.iter() {
            let parsed = match algorithm {
                Algorithm::Es256 => SigningKey::es256(&key.kid, key.material.expose()),
                Algorithm::Hs256 => SigningKey::hs256(&key.kid, key.material.expose()),
            };
            signing.push(parsed.map_err(|error: SignError| refuse(&key.kid, error.to_string()))?);
        }
        let believed = KeySet::of(&signing.iter().collect::<Vec<_>>())
            .map_err(|error: KeyError| refuse("", error.to_string()))?;
        let published = JwkSet {
            keys: signing.iter().filter_map(SigningKey::public_jwk).collect(),
        };
        Ok(Self {
            ring,
            signing,
            believed,
            published,
        })
    }
}

impl Signer {
    /// Parses the ring as it is now.
    pub(crate) fn new(keys: Keys, algorithm: Algorithm) -> Result<Self, ConfigError> {
        let parsed = Parsed::of(keys.current(), algorithm)?;
        Ok(Self {
            keys,
            algorithm,
            parsed: ArcSwap::from_pointee(parsed),
        })
    }

    /// The ring as it is now, or the last one that could be used. Hold it for one operation, not longer.
    pub(crate) fn current(&self) -> Arc<Parsed> {
        let ring = self.keys.current();
        let parsed = self.parsed.load_full();
        if Arc::ptr_eq(&ring, &parsed.ring) {
            return parsed;
        }
        match Parsed::of(ring, self.algorithm) {
            Ok(fresh) => {
                let fresh = Arc::new(fresh);
                self.parsed.store(Arc::clone(&fresh));
                fresh
            }
            Err(error) => {
                tracing::error!(%error, "the new signing ring is not used");
                parsed
            }
        }
    }
}
