//! The rings by name: what each is for, what its keys look like, and when a new key takes over.

use std::time::Duration;

use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair};
use cloakroom_core::ports::{Entropy, random};
use cloakroom_gateway::generate_assertion_key;
use serde::{Deserialize, Serialize};

use super::KeysError;

/// Verifiers may keep a published key set for five minutes; twice that, and nobody meets an unknown key.
const PUBLISHED_AHEAD: Duration = Duration::from_secs(600);
const DAY: Duration = Duration::from_secs(86_400);

/// One purpose and its keys.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, clap::ValueEnum,
)]
#[serde(rename_all = "kebab-case")]
pub enum Ring {
    /// Seals the records of sessions, together with the cookie's secret.
    Sealing,
    /// Signs what the web app is told.
    Assertion,
    /// Signs access tokens with ES256.
    SigningEs256,
    /// Signs access tokens with HS256.
    SigningHs256,
    /// Derives the successors of refresh tokens.
    Rotation,
    /// The gateway's credential at the identity service.
    Client,
}

impl Ring {
    /// All rings.
    pub const ALL: [Self; 6] = [
        Self::Sealing,
        Self::Assertion,
        Self::SigningEs256,
        Self::SigningHs256,
        Self::Rotation,
        Self::Client,
    ];

    /// The name in the file and on the command line.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sealing => "sealing",
            Self::Assertion => "assertion",
            Self::SigningEs256 => "signing-es256",
            Self::SigningHs256 => "signing-hs256",
            Self::Rotation => "rotation",
            Self::Client => "client",
        }
    }

    /// How long after its making a key begins to make things.
    pub(super) const fn delay(self) -> Duration {
        match self {
            Self::Assertion | Self::SigningEs256 | Self::SigningHs256 => PUBLISHED_AHEAD,
            Self::Sealing | Self::Rotation | Self::Client => Duration::ZERO,
        }
    }

    /// How long a key is believed after another took over. `longest` is the longest life of what keys make.
    pub(super) fn kept(self, longest: Duration) -> Duration {
        match self {
            Self::Client => DAY,
            Self::Sealing
            | Self::Assertion
            | Self::SigningEs256
            | Self::SigningHs256
            | Self::Rotation => longest.saturating_add(DAY),
        }
    }

    const fn is_p256(self) -> bool {
        match self {
            Self::Assertion | Self::SigningEs256 => true,
            Self::Sealing | Self::SigningHs256 | Self::Rotation | Self::Client => false,
        }
    }

    /// A fresh key: PKCS#8 for a P-256 ring, else 32 random bytes.
    pub(super) fn generate(self, entropy: &dyn Entropy) -> Result<Vec<u8>, KeysError> {
        if self.is_p256() {
            return generate_assertion_key().map_err(|_| KeysError::Generate(self.as_str()));
        }
        Ok(random::<32>(entropy).to_vec())
    }

    /// Whether this can be a key of the ring.
    pub(super) fn accepts(self, material: &[u8]) -> bool {
        if self.is_p256() {
            return EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, material).is_ok();
        }
        material.len() == 32
    }
}
