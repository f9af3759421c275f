//! Keys ready to verify with: parsed once, so that a verification costs the mathematics alone.
//!
//! 1. A key has one algorithm, and the token's `alg` must be that one: no header turns a public key into an
//!    HMAC secret.
//! 2. `kid` chooses among the keys of this set and does nothing else. Without `kid` a token is judged only if
//!    there is exactly one key, so that nobody can make the server try them all.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256,
    RsaPublicKeyComponents,
};

use crate::algorithm::Algorithm;
use crate::compact::{Compact, is_legal_kid};
use crate::error::{KeyError, VerifyError};
use crate::jwk::{Jwk, JwkSet, Numbers};
use crate::sign::SigningKey;

/// A set of keys that tokens are verified with.
#[derive(Clone, Debug)]
pub struct KeySet {
    keys: Vec<Key>,
}

impl KeySet {
    /// Takes the keys of a published set. A key whose numbers are none is left out; of two with one id the
    /// first counts.
    pub fn from_jwks(set: &JwkSet) -> Result<Self, KeyError> {
        let mut keys: Vec<Key> = Vec::with_capacity(set.keys.len());
        for jwk in &set.keys {
            match Key::from_jwk(jwk) {
                Ok(key) if keys.iter().any(|other| other.kid == key.kid) => {
                    tracing::warn!(kid = jwk.kid(), "a key id is published twice");
                }
                Ok(key) => keys.push(key),
                Err(cause) => tracing::warn!(kid = jwk.kid(), %cause, "a published key is refused"),
            }
        }
        Self::of_keys(keys)
    }

    /// Reads a published set from its JSON text.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::from_jwks(&JwkSet::from_json(bytes)?)
    }

    /// One shared secret of at least 32 bytes (RFC 7518 §3.2). Without an id it is the key for every token.
    pub fn hs256(kid: Option<&str>, secret: &[u8]) -> Result<Self, KeyError> {
        if kid.is_some_and(|kid| !is_legal_kid(kid)) {
            return Err(KeyError::InvalidId);
        }
        Self::of_keys(vec![Key {
            kid: kid.map(str::to_owned),
            check: Check::hs256(secret)?,
        }])
    }

    /// The verifying halves of one's own signing keys.
    pub fn of(keys: &[&SigningKey]) -> Result<Self, KeyError> {
        let keys = keys.iter().map(|key| Key {
            kid: Some(key.kid().to_owned()),
            check: key.check().clone(),
        });
        Self::of_keys(keys.collect())
    }

    /// Whether a key with this id is in the set; without an id, whether a token that names none can be judged.
    pub(crate) fn has(&self, kid: Option<&str>) -> bool {
        self.find(kid).is_some()
    }

    /// Checks the signature of `token`, and nothing else of it.
    pub(crate) fn authenticate(&self, token: &Compact<'_>) -> Result<(), VerifyError> {
        let key = self
            .find(token.kid.as_deref())
            .ok_or(VerifyError::UnknownKey)?;
        if key.check.algorithm() != token.algorithm {
            return Err(VerifyError::AlgorithmMismatch);
        }
        key.check
            .verify(token.signed.as_bytes(), &token.signature)
            .then_some(())
            .ok_or(VerifyError::BadSignature)
    }

    fn of_keys(keys: Vec<Key>) -> Result<Self, KeyError> {
        if keys.is_empty() {
            return Err(KeyError::NoUsableKey);
        }
        Ok(Self { keys })
    }

    fn find(&self, kid: Option<&str>) -> Option<&Key> {
        let only = match self.keys.as_slice() {
            [only] => Some(only),
            _ => None,
        };
        match kid {
            None => only,
            Some(_) => self
                .keys
                .iter()
                .find(|key| key.kid.as_deref() == kid)
                .or_else(|| only.filter(|key| key.kid.is_none())),
        }
    }
}

#[derive(Clone, Debug)]
struct Key {
    kid: Option<String>,
    check: Check,
}

impl Key {
    fn from_jwk(jwk: &Jwk) -> Result<Self, KeyError> {
        Ok(Self {
            kid: jwk.kid().map(str::to_owned),
            check: Check::public(&jwk.numbers)?,
        })
    }
}

/// The verifying half of a key, as the crypto library wants it.
#[derive(Clone)]
pub(crate) enum Check {
    Es256(ParsedPublicKey),
    Rs256(ParsedPublicKey),
    EdDsa(ParsedPublicKey),
    Hs256(Box<hmac::Key>),
}

impl Check {
    pub(crate) fn public(numbers: &Numbers) -> Result<Self, KeyError> {
        match numbers {
            Numbers::P256 { x, y } => {
                // SEC 1 §2.3.3, uncompressed. The library checks that the point is on the curve.
                let point = [&[4][..], x, y].concat();
                ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).map(Self::Es256)
            }
            Numbers::Ed25519 { x } => ParsedPublicKey::new(&ED25519, x).map(Self::EdDsa),
            Numbers::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .to_parsed_public_key(&RSA_PKCS1_2048_8192_SHA256)
                .map(Self::Rs256),
        }
        .map_err(|_| KeyError::Invalid)
    }

    pub(crate) fn hs256(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() < 32 {
            return Err(KeyError::TooWeak);
        }
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Ok(Self::Hs256(Box::new(key)))
    }

    pub(crate) const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Es256(_) => Algorithm::Es256,
            Self::Rs256(_) => Algorithm::Rs256,
            Self::EdDsa(_) => Algorithm::EdDsa,
            Self::Hs256(_) => Algorithm::Hs256,
        }
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Es256(key) | Self::Rs256(key) | Self::EdDsa(key) => {
                key.verify_sig(message, signature).is_ok()
            }
            // Compares in constant time.
            Self::Hs256(key) => hmac::verify(key, message, signature).is_ok(),
        }
    }
}

impl fmt::Debug for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Check({})", self.algorithm().as_str())
    }
}

#[cfg(test)]
mod tests;
