//! Form tokens: what proves that a form was made for the session that now sends it (CS-04).
//!
//! A token is base64url(r ‖ HMAC-SHA256(k, handle ‖ r)), where r is 16 random bytes and
//! k = HMAC-SHA256(secret of the session's cookie, a label). It is believed only if
//!
//! 1. it is exactly as long as a token is and strictly base64url,
//! 2. its tag is the one for this session's handle, compared in constant time.
//!
//! So a token of one session is worth nothing in another one, of the same user or not; one made before a login
//! is worth nothing after it; and a page of another origin, which can read neither the secret nor the form,
//! cannot make one. Refusal is [`CsrfMissing::Token`], a 403 that asks for the form to be opened again.
//!
//! The random part makes two tokens of one session differ, so that a compressed page does not help to guess
//! one (BREACH). It is no double-submit cookie: nothing that a neighbouring subdomain can set is compared
//! (CS-05). A deployment defeats it by showing our pages inside another origin's, or by letting scripts of
//! strangers run on this one.

use aws_lc_rs::hmac;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::Handle;
use cloakroom_core::ports::{Entropy, random};

use crate::refusal::CsrfMissing;

/// Keeps this use of the cookie's secret apart from every other one.
const LABEL: &[u8] = b"cloakroom form token 1";

const RANDOM_LEN: usize = 16;
const TAG_LEN: usize = 32;

/// The form tokens of one session.
pub(crate) struct FormTokens<'a> {
    key: hmac::Key,
    handle: &'a Handle,
}

impl<'a> FormTokens<'a> {
    /// The tokens of the session with this secret and handle.
    pub(crate) fn of(secret: &[u8; 32], handle: &'a Handle) -> Self {
        let root = hmac::Key::new(hmac::HMAC_SHA256, secret);
        let derived = hmac::sign(&root, LABEL);
        Self {
            key: hmac::Key::new(hmac::HMAC_SHA256, derived.as_ref()),
            handle,
        }
    }

    /// A token to put into a form.
    pub(crate) fn issue(&self, entropy: &dyn Entropy) -> String {
        let nonce: [u8; RANDOM_LEN] = random(entropy);
        let tag = hmac::sign(&self.key, &self.message(&nonce));
        let mut token = nonce.to_vec();
        token.extend_from_slice(tag.as_ref());
        URL_SAFE_NO_PAD.encode(token)
    }

    /// Whether a form's token is one of this session.
    pub(crate) fn verify(&self, token: &str) -> Result<(), CsrfMissing> {
        let bytes = URL_SAFE_NO_PAD
            .decode(token)
            .map_err(|_| CsrfMissing::Token)?;
        if bytes.len() != RANDOM_LEN + TAG_LEN {
            return Err(CsrfMissing::Token);
        }
        let (nonce, tag) = bytes.split_at(RANDOM_LEN);
        hmac::verify(&self.key, &self.message(nonce), tag).map_err(|_| CsrfMissing::Token)
    }

    /// The random part has a fixed length, so that two different pairs never make one message.
    fn message(&self, nonce: &[u8]) -> Vec<u8> {
        [self.handle.as_str().as_bytes(), nonce].concat()
    }
}

#[cfg(test)]
mod tests {
    use cloakroom_testkit::SeededEntropy;

    use super::*;

    fn handle(text: &str) -> Handle {
        Handle::parse(text).unwrap()
    }

    #[test]
    fn a_token_is_accepted_by_the_session_it_was_made_for() {
        // CS-04
        let own = handle("own");
        let tokens = FormTokens::of(&[1; 32], &own);
        let entropy = SeededEntropy::new(1);
        let (first, second) = (tokens.issue(&entropy), tokens.issue(&entropy));
        assert_ne!(first, second);
        assert_eq!(tokens.verify(&first), Ok(()));
        assert_eq!(tokens.verify(&second), Ok(()));
    }

    #[test]
    fn a_token_of_another_session_is_refused() {
        // CS-04
        let (own, other) = (handle("own"), handle("other"));
        let token = FormTokens::of(&[1; 32], &own).issue(&SeededEntropy::new(1));
        assert!(FormTokens::of(&[2; 32], &own).verify(&token).is_err());
        assert!(FormTokens::of(&[1; 32], &other).verify(&token).is_err());
    }

    #[test]
    fn a_changed_token_is_refused_wherever_it_was_changed() {
        let own = handle("own");
        let tokens = FormTokens::of(&[1; 32], &own);
        let token = tokens.issue(&SeededEntropy::new(1));
        for at in 0..token.len() {
            let mut bytes = token.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            assert_eq!(tokens.verify(&changed), Err(CsrfMissing::Token), "at {at}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let own = handle("own");
        let tokens = FormTokens::of(&[1; 32], &own);
        let token = tokens.issue(&SeededEntropy::new(1));
        for bad in [
            "",
            "x",
            &token[1..],
            &format!("{token}="),
            &format!("{token}AAAA"),
            "ü",
        ] {
            assert!(tokens.verify(bad).is_err(), "{bad}");
        }
    }
}
