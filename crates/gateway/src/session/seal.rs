//! What of a session nobody but its owner's browser and this gateway together can read: the sealed record.
//!
//! 1. The key is HKDF-SHA256 (RFC 5869) of a ring key and the cookie's secret: a stolen store opens nothing, a
//!    stolen store with the ring opens nothing, and neither does a cookie without the ring.
//! 2. The cipher is AES-256-GCM-SIV (RFC 8452) with a random nonce: should a nonce ever repeat, it tells no more
//!    than that two records were equal.
//! 3. Purpose, lookup id, principal and key id are authenticated: a record that was moved to another row, or a
//!    row that was given to another user, does not open.
//! 4. New records use the ring's active key; a key taken out of the ring closes what it sealed.
//!
//! Refusal is one [`Unsealable`] whatever the cause, and means "no session". A deployment defeats this by
//! keeping the ring beside a dump of the store *and* logging cookies.

use std::sync::Arc;

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use bytes::Bytes;
use cloakroom_core::keys::{Key, Keys};
use cloakroom_core::ports::{Entropy, random};
use cloakroom_core::token::TokenSet;
use cloakroom_core::user::Profile;
use cloakroom_core::{LookupId, Principal, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

/// Keeps the key apart from every other that is ever derived from the same ring.
const PURPOSE: &[u8] = b"cloakroom/session-record";

/// The layout: version, length of the key id, key id, nonce, ciphertext with its tag.
const VERSION: u8 = 1;

/// What is sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Contents {
    /// The provider's tokens.
    pub(super) tokens: TokenSet,
    /// Who the owner is.
    pub(super) profile: Profile,
    /// Our own assertion about them, as of the last refresh.
    pub(super) assertion: String,
}

/// Which record it is.
#[derive(Clone, Copy)]
pub(super) struct Label<'a> {
    pub(super) id: &'a LookupId,
    pub(super) principal: &'a Principal,
}

/// The record is not readable with what there is: a wrong secret, a key that is gone, or altered bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record cannot be unsealed")]
pub(crate) struct Unsealable;

/// Nothing could be sealed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the record cannot be sealed: {0}")]
pub(crate) struct SealError(&'static str);

/// Seals and opens records.
pub(super) struct Seal {
    keys: Keys,
    entropy: Arc<dyn Entropy>,
}

impl Seal {
    pub(super) fn new(keys: Keys, entropy: Arc<dyn Entropy>) -> Self {
        Self { keys, entropy }
    }

    /// Seals with the key that is active at `now`.
    pub(super) fn seal(
        &self,
        label: Label<'_>,
        secret: &[u8; 32],
        contents: &Contents,
        now: Timestamp,
    ) -> Result<Bytes, SealError> {
        let ring = self.keys.current();
        let key = ring.active(now).ok_or(SealError("the ring has no key"))?;
        let kid_len =
            u8::try_from(key.kid.len()).map_err(|_| SealError("the key id is too long"))?;
        let nonce: [u8; NONCE_LEN] = random(&*self.entropy);
        let plain = serde_json::to_vec(contents).map_err(|_| SealError("the contents"))?;
        let mut sealed = Zeroizing::new(plain);
        cipher(key, secret)
            .ok_or(SealError("the key"))?
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(binding(label, &key.kid)),
                &mut *sealed,
            )
            .map_err(|_| SealError("the cipher"))?;
        let mut blob = Vec::with_capacity(2 + key.kid.len() + NONCE_LEN + sealed.len());
        blob.extend_from_slice(&[VERSION, kid_len]);
        blob.extend_from_slice(key.kid.as_bytes());
        blob.extend_from_slice(&nonce);
        blob.extend_from_slice(&sealed);
        Ok(blob.into())
    }

    /// Opens with whichever key of the ring sealed it.
    pub(super) fn open(
        &self,
        label: Label<'_>,
        secret: &[u8; 32],
        blob: &[u8],
    ) -> Result<Contents, Unsealable> {
        let (kid, nonce, sealed) = parts(blob).ok_or(Unsealable)?;
        let ring = self.keys.current();
        let key = ring.find(kid).ok_or(Unsealable)?;
        let mut room = Zeroizing::new(sealed.to_vec());
        let plain = cipher(key, secret)
            .ok_or(Unsealable)?
            .open_in_place(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(binding(label, kid)),
                &mut room,
            )
            .map_err(|_| Unsealable)?;
        serde_json::from_slice(plain).map_err(|_| Unsealable)
    }
}

/// The key of one session under one key of the ring.
fn cipher(key: &Key, secret: &[u8; 32]) -> Option<LessSafeKey> {
    let extracted = Salt::new(HKDF_SHA256, secret).extract(key.material.expose());
    let info = [PURPOSE, key.kid.as_bytes()];
    let expanded = extracted.expand(&info, &AES_256_GCM_SIV).ok()?;
    Some(LessSafeKey::new(UnboundKey::from(expanded)))
}

/// What is authenticated beside the contents. Each part but the last has a fixed length or says its own, so that
/// no two labels read the same.
fn binding(label: Label<'_>, kid: &str) -> Vec<u8> {
    let provider = label.principal.provider.as_str();
    let mut bytes = Vec::with_capacity(160);
    bytes.extend_from_slice(PURPOSE);
    bytes.push(VERSION);
    bytes.extend_from_slice(label.id.as_bytes());
    for part in [kid, provider] {
        bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    bytes.extend_from_slice(label.principal.subject.as_str().as_bytes());
    bytes
}

fn parts(blob: &[u8]) -> Option<(&str, [u8; NONCE_LEN], &[u8])> {
    let (&VERSION, rest) = blob.split_first()? else {
        return None;
    };
    let (&kid_len, rest) = rest.split_first()?;
    let (kid, rest) = rest.split_at_checked(usize::from(kid_len))?;
    let (nonce, sealed) = rest.split_first_chunk()?;
    Some((std::str::from_utf8(kid).ok()?, *nonce, sealed))
}

#[cfg(test)]
mod tests;
