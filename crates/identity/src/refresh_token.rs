//! The refresh token as text, and how a successor is derived from its parent.
//!
//! 1. The text is `cr1.` and base64url of family (16 bytes), generation (4, big endian) and secret (32): one spelling,
//!    anything else is not a token. Family and generation are there so that a log or a support tool could name them;
//!    what a token means is decided by the hash of the whole text alone.
//! 2. Generation 0 is random. Each further secret is HKDF-SHA256 (RFC 5869) of the parent's text under a key of the
//!    rotation ring, bound to family, generation and a salt of its own. Whoever brings the parent again gets the same
//!    successor; the database and the key together, without the parent, do not yield it.
//! 3. Only SHA-256 of the text is stored.
//!
//! A deployment defeats rule 2 by taking a rotation key out of the ring while answers made with it may be lost: those
//! families can then not be repeated and have to log in again.

use aws_lc_rs::hkdf;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::Digest;
use cloakroom_core::family::FamilyId;
use cloakroom_core::keys::Key;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::sha256::sha256;

const PREFIX: &str = "cr1.";
const LEN: usize = 16 + 4 + 32;
const LABEL: &[u8] = b"cloakroom refresh-token successor v1";

/// One refresh token, well-formed but not yet known to mean anything.
pub(crate) struct RefreshToken {
    text: Zeroizing<String>,
    family: FamilyId,
    generation: u32,
}

impl RefreshToken {
    /// The first token of a family, from 32 random bytes.
    pub(crate) fn first(family: FamilyId, secret: &[u8; 32]) -> Self {
        Self::write(family, 0, secret)
    }

    /// Reads a token as a client sent it.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let body = text.strip_prefix(PREFIX)?;
        // The engine refuses padding, foreign characters and set bits after the last byte.
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(body).ok()?);
        if bytes.len() != LEN {
            return None;
        }
        let family = Uuid::from_slice(bytes.get(..16)?).ok()?;
        let generation = u32::from_be_bytes(bytes.get(16..20)?.try_into().ok()?);
        Some(Self {
            text: Zeroizing::new(text.to_owned()),
            family: FamilyId(family),
            generation,
        })
    }

    /// The token that follows this one under `key` and `salt`; `None` after the last generation a number can hold.
    pub(crate) fn successor(&self, key: &Key, salt: &[u8; 32]) -> Option<Self> {
        let generation = self.generation.checked_add(1)?;
        let parent =
            hkdf::Salt::new(hkdf::HKDF_SHA256, key.material.expose()).extract(self.text.as_bytes());
        let counter = generation.to_be_bytes();
        let info: [&[u8]; 4] = [LABEL, self.family.0.as_bytes(), &counter, salt];
        let mut secret = Zeroizing::new([0; 32]);
        parent
            .expand(&info, hkdf::HKDF_SHA256)
            .and_then(|okm| okm.fill(secret.as_mut()))
            .ok()?;
        Some(Self::write(self.family, generation, &secret))
    }

    /// What the store knows it by.
    pub(crate) fn hash(&self) -> Digest {
        sha256(self.text.as_bytes())
    }

    /// The text that goes to the client. The name is meant to stand out in a review.
    pub(crate) fn expose(&self) -> &str {
        &self.text
    }

    fn write(family: FamilyId, generation: u32, secret: &[u8; 32]) -> Self {
        let mut bytes = Zeroizing::new(Vec::with_capacity(LEN));
        bytes.extend_from_slice(family.0.as_bytes());
        bytes.extend_from_slice(&generation.to_be_bytes());
        bytes.extend_from_slice(secret);
        let body = Zeroizing::new(URL_SAFE_NO_PAD.encode(bytes.as_slice()));
        Self {
            text: Zeroizing::new(format!("{PREFIX}{}", body.as_str())),
            family,
            generation,
        }
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_core::{SecretBytes, Timestamp};
    use proptest::prelude::*;

    use super::*;

    fn key(byte: u8) -> Key {
        Key {
            kid: "k".to_owned(),
            material: SecretBytes::new(vec![byte; 32]),
            active_from: Timestamp::from_secs(0),
        }
    }

    fn first() -> RefreshToken {
        RefreshToken::first(FamilyId(Uuid::from_u128(7)), &[9; 32])
    }

    #[test]
    fn the_same_parent_key_and_salt_make_the_same_successor() {
        let once = first().successor(&key(1), &[2; 32]).unwrap();
        let again = RefreshToken::parse(first().expose())
            .unwrap()
            .successor(&key(1), &[2; 32])
            .unwrap();
        assert_eq!(once.expose(), again.expose());
        assert_eq!(RefreshToken::parse(once.expose()).unwrap().generation, 1);
    }

    // RF-09
    #[test]
    fn parent_key_and_salt_each_change_the_successor() {
        let base = first().successor(&key(1), &[2; 32]).unwrap();
        let other_parent = RefreshToken::first(FamilyId(Uuid::from_u128(7)), &[8; 32]);
        let others = [
            first().successor(&key(3), &[2; 32]).unwrap(),
            first().successor(&key(1), &[3; 32]).unwrap(),
            other_parent.successor(&key(1), &[2; 32]).unwrap(),
        ];
        for other in others {
            assert_ne!(base.expose(), other.expose());
        }
    }

    #[test]
    fn a_second_spelling_of_a_token_is_not_a_token() {
        let token = first();
        let text = token.expose();
        let mut cut = text.to_owned();
        cut.pop();
        for bad in [
            "",
            "cr1.",
            "cr2.AAAA",
            &cut,
            &format!("{text}="),
            &format!("{text}A"),
            &format!(" {text}"),
            &text.replacen("cr1.", "CR1.", 1),
        ] {
            assert!(RefreshToken::parse(bad).is_none(), "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn whatever_parses_is_written_the_same_way(text in "cr1\\.[A-Za-z0-9_-]{68,71}") {
            if let Some(token) = RefreshToken::parse(&text) {
                let bytes = URL_SAFE_NO_PAD.decode(&text[4..]).unwrap();
                let secret: [u8; 32] = bytes[20..].try_into().unwrap();
                let again = RefreshToken::write(token.family, token.generation, &secret);
                prop_assert_eq!(again.expose(), text.as_str());
            }
        }
    }
}
