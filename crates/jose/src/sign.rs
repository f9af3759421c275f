//! Makes tokens. Nothing secret leaves a [`SigningKey`]: not by `Debug`, not by its public JWK.

use std::fmt;

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair as _};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::compact::{MAX_TOKEN, is_legal_kid};
use crate::error::{KeyError, SignError};
use crate::jwk::{Jwk, Numbers};
use crate::keyset::Check;

/// A key that signs, with its verifying half beside it.
#[derive(Clone)]
pub struct SigningKey {
    kid: String,
    secret: Secret,
    check: Check,
    public: Option<Jwk>,
}

#[derive(Clone)]
enum Secret {
    Es256(Box<EcdsaKeyPair>),
    Hs256(Box<hmac::Key>),
}

#[derive(Serialize)]
struct Header<'a> {
    alg: Algorithm,
    typ: &'a str,
    kid: &'a str,
}

impl SigningKey {
    /// Makes a new P-256 key and returns it as PKCS#8, wiped when dropped.
    pub fn generate_es256() -> Result<Zeroizing<Vec<u8>>, SignError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)
            .map_err(|_| SignError::Crypto)?;
        let document = pair.to_pkcs8v1().map_err(|_| SignError::Crypto)?;
        Ok(Zeroizing::new(document.as_ref().to_vec()))
    }

    /// Takes a P-256 key in PKCS#8.
    pub fn es256(kid: &str, pkcs8: &[u8]) -> Result<Self, SignError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8)
            .map_err(|_| KeyError::Invalid)?;
        let numbers = point(pair.public_key().as_ref()).ok_or(KeyError::Invalid)?;
        let check = Check::public(&numbers)?;
        let public = Jwk::new(Some(kid.to_owned()), numbers);
        Self::new(kid, Secret::Es256(Box::new(pair)), check, Some(public))
    }

    /// Takes a shared secret of at least 32 bytes (RFC 7518 §3.2).
    pub fn hs256(kid: &str, secret: &[u8]) -> Result<Self, SignError> {
        let check = Check::hs256(secret)?;
        let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
        Self::new(kid, Secret::Hs256(Box::new(key)), check, None)
    }

    /// Its id, which stands in the header of each token.
    pub fn kid(&self) -> &str {
        &self.kid
    }

    /// Its algorithm.
    pub const fn algorithm(&self) -> Algorithm {
        match self.secret {
            Secret::Es256(_) => Algorithm::Es256,
            Secret::Hs256(_) => Algorithm::Hs256,
        }
    }

    /// The public half, to be published; a shared secret has none.
    pub fn public_jwk(&self) -> Option<Jwk> {
        self.public.clone()
    }

    /// Signs `claims` as a compact JWS whose header has this `typ`.
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let header = Header {
            alg: self.algorithm(),
            typ,
            kid: &self.kid,
        };
        let header = serde_json::to_vec(&header).map_err(|_| SignError::Claims)?;
        let payload = serde_json::to_vec(claims).map_err(|_| SignError::Claims)?;
        if payload.first() != Some(&b'{') {
            return Err(SignError::Claims);
        }
        self.seal(&header, &payload)
    }

    /// Signs exactly these bytes.
    pub(crate) fn seal(&self, header: &[u8], payload: &[u8]) -> Result<String, SignError> {
        let mut token = base64url::encode(header);
        token.push('.');
        token.push_str(&base64url::encode(payload));
        let signature = self.signature(token.as_bytes())?;
        token.push('.');
        token.push_str(&signature);
        if token.len() > MAX_TOKEN {
            return Err(SignError::TooLarge);
        }
        Ok(token)
    }

    pub(crate) const fn check(&self) -> &Check {
        &self.check
    }

    fn new(
        kid: &str,
        secret: Secret,
        check: Check,
        public: Option<Jwk>,
    ) -> Result<Self, SignError> {
        if !is_legal_kid(kid) {
            return Err(KeyError::InvalidId.into());
        }
        Ok(Self {
            kid: kid.to_owned(),
            secret,
            check,
            public,
        })
    }

    fn signature(&self, message: &[u8]) -> Result<String, SignError> {
        match &self.secret {
            Secret::Es256(pair) => pair
                .sign(&SystemRandom::new(), message)
                .map(|signature| base64url::encode(signature.as_ref()))
                .map_err(|_| SignError::Crypto),
            Secret::Hs256(key) => Ok(base64url::encode(hmac::sign(key, message).as_ref())),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({}, {})", self.kid, self.algorithm().as_str())
    }
}

/// Reads an uncompressed point (SEC 1 §2.3.4).
fn point(bytes: &[u8]) -> Option<Numbers> {
    let (&4, coordinates) = bytes.split_first()? else {
        return None;
    };
    let (x, y) = coordinates.split_first_chunk()?;
    Some(Numbers::P256 {
        x: *x,
        y: y.try_into().ok()?,
    })
}

#[cfg(test)]
mod tests;
