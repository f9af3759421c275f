//! Public keys as they are written down and published (RFC 7517), reduced to the kinds that verify here.
//!
//! 1. A [`Jwk`] has no member for a private part, so none can be published by mistake.
//! 2. A published key that comes *with* its private part, or is symmetric, is a secret no longer: refused.
//! 3. RSA has at least 2048 bits, curves are P-256 and Ed25519, `use` and `alg` must fit.
//!
//! In a set, a key that is refused is left out and the others count (RFC 7517 §5): an issuer may publish keys
//! for purposes that are not ours.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value, json};

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::compact::is_legal_kid;
use crate::error::KeyError;
use crate::json;

/// More keys than any rotation needs; a set is searched in order.
const MAX_KEYS: usize = 64;

/// The largest modulus that is computed with, in bytes (8192 bits).
const MAX_MODULUS: usize = 1024;

/// One public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Jwk {
    kid: Option<String>,
    pub(crate) numbers: Numbers,
}

/// What a public key consists of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// A point of P-256.
    P256 { x: [u8; 32], y: [u8; 32] },
    /// An Ed25519 public key.
    Ed25519 { x: [u8; 32] },
    /// Modulus and exponent, without leading zeros.
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Jwk {
    pub(crate) fn new(kid: Option<String>, numbers: Numbers) -> Self {
        Self { kid, numbers }
    }

    /// Its id.
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The one algorithm it verifies.
    pub const fn algorithm(&self) -> Algorithm {
        match self.numbers {
            Numbers::P256 { .. } => Algorithm::Es256,
            Numbers::Ed25519 { .. } => Algorithm::EdDsa,
            Numbers::Rsa { .. } => Algorithm::Rs256,
        }
    }

    fn read(members: &Map<String, Value>) -> Result<Self, KeyError> {
        if members.contains_key("d") || members.contains_key("k") {
            return Err(KeyError::Private);
        }
        let numbers = match text(members, "kty")? {
            "EC" => Numbers::P256 {
                x: (text(members, "crv")? == "P-256")
                    .then(|| fixed(members, "x"))
                    .ok_or(KeyError::Unsupported("curve"))??,
                y: fixed(members, "y")?,
            },
            "OKP" => Numbers::Ed25519 {
                x: (text(members, "crv")? == "Ed25519")
                    .then(|| fixed(members, "x"))
                    .ok_or(KeyError::Unsupported("curve"))??,
            },
            "RSA" => rsa(members)?,
            _ => return Err(KeyError::Unsupported("type")),
        };
        let kid = match members.get("kid") {
            None => None,
            Some(Value::String(kid)) if is_legal_kid(kid) => Some(kid.clone()),
            Some(_) => return Err(KeyError::InvalidId),
        };
        let key = Self { kid, numbers };
        key.fits(members)?;
        Ok(key)
    }

    /// Whether the key is meant for verifying signatures with its algorithm (RFC 7517 §4.2 to §4.4).
    fn fits(&self, members: &Map<String, Value>) -> Result<(), KeyError> {
        if members.contains_key("use") && text(members, "use")? != "sig" {
            return Err(KeyError::Unsupported("use"));
        }
        if members.contains_key("alg") && text(members, "alg")? != self.algorithm().as_str() {
            return Err(KeyError::Unsupported("algorithm"));
        }
        match members.get("key_ops") {
            None => Ok(()),
            Some(Value::Array(list)) if list.iter().any(|it| it == "verify") => Ok(()),
            Some(_) => Err(KeyError::Unsupported("use")),
        }
    }

    fn write(&self) -> Value {
        let alg = self.algorithm();
        let mut members = match &self.numbers {
            Numbers::P256 { x, y } => json!({
                "kty": "EC", "crv": "P-256", "use": "sig", "alg": alg,
                "x": base64url::encode(x), "y": base64url::encode(y),
            }),
            Numbers::Ed25519 { x } => json!({
                "kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": alg, "x": base64url::encode(x),
            }),
            Numbers::Rsa { n, e } => json!({
                "kty": "RSA", "use": "sig", "alg": alg,
                "n": base64url::encode(n), "e": base64url::encode(e),
            }),
        };
        if let (Some(kid), Value::Object(members)) = (&self.kid, &mut members) {
            members.insert("kid".to_owned(), kid.as_str().into());
        }
        members
    }
}

impl Serialize for Jwk {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        self.write().serialize(to)
    }
}

impl<'de> Deserialize<'de> for Jwk {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(from)?;
        Self::read(&members).map_err(serde::de::Error::custom)
    }
}

/// A set of public keys, as `jwks.json` holds it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct JwkSet {
    /// The keys.
    pub keys: Vec<Jwk>,
}

impl JwkSet {
    /// Reads a published set; keys that cannot be used here are left out.
    pub fn from_json(bytes: &[u8]) -> Result<Self, KeyError> {
        Self::read(&json::object(bytes).ok_or(KeyError::Malformed("set"))?)
    }

    fn read(members: &Map<String, Value>) -> Result<Self, KeyError> {
        let Some(Value::Array(items)) = members.get("keys") else {
            return Err(KeyError::Malformed("keys"));
        };
        if items.len() > MAX_KEYS {
            return Err(KeyError::Malformed("too many keys"));
        }
        let mut keys = Vec::new();
        for item in items {
            let Value::Object(members) = item else {
                return Err(KeyError::Malformed("key"));
            };
            match Jwk::read(members) {
                Ok(key) => keys.push(key),
                Err(cause) => tracing::debug!(%cause, "a published key is left out"),
            }
        }
        Ok(Self { keys })
    }
}

impl<'de> Deserialize<'de> for JwkSet {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let members = Map::deserialize(from)?;
        Self::read(&members).map_err(serde::de::Error::custom)
    }
}

fn rsa(members: &Map<String, Value>) -> Result<Numbers, KeyError> {
    let (n, e) = (number(members, "n")?, number(members, "e")?);
    let &[first, ..] = n.as_slice() else {
        return Err(KeyError::Malformed("n"));
    };
    // 2048 bits: 256 bytes of which the first has its highest bit set.
    if n.len() < 256 || (n.len() == 256 && first < 0x80) {
        return Err(KeyError::TooWeak);
    }
    // An exponent of 1 verifies anything, an even one nothing; large ones only cost time.
    let odd = e.last().is_some_and(|last| last % 2 == 1);
    if n.len() > MAX_MODULUS || e.len() > 4 || !odd || e == [1] {
        return Err(KeyError::Invalid);
    }
    Ok(Numbers::Rsa { n, e })
}

fn text<'a>(members: &'a Map<String, Value>, name: &'static str) -> Result<&'a str, KeyError> {
    members
        .get(name)
        .and_then(Value::as_str)
        .ok_or(KeyError::Malformed(name))
}

/// A coordinate: exactly 32 bytes (RFC 7518 §6.2.1.2).
fn fixed(members: &Map<String, Value>, name: &'static str) -> Result<[u8; 32], KeyError> {
    base64url::decode(text(members, name)?)
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or(KeyError::Malformed(name))
}

/// An unsigned integer in as few bytes as it needs (RFC 7518 §2, `Base64urlUInt`).
fn number(members: &Map<String, Value>, name: &'static str) -> Result<Vec<u8>, KeyError> {
    base64url::decode(text(members, name)?)
        .filter(|bytes| bytes.first().is_some_and(|&first| first != 0))
        .ok_or(KeyError::Malformed(name))
}

#[cfg(test)]
mod tests;
