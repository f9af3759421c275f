//! Base64url as RFC 7515 §2 has it: no padding, no second spelling of the same bytes.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Encodes without padding.
pub(crate) fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

/// Decodes; padding, whitespace, foreign characters and non-zero trailing bits are all refused.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(text).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_one_spelling() {
        assert_eq!(decode("_-8").as_deref(), Some(&[0xff, 0xef][..]));
        for second in ["_-8=", "_-9", "/+8", " _-8", "_-8\n", "_-8A8", "_"] {
            assert_eq!(decode(second), None, "{second:?}");
        }
    }
}
