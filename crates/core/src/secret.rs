//! Values that must never be printed, and digests that must never be compared byte by byte.

use std::fmt;

use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

pub use secrecy::{ExposeSecret, SecretString};

/// Secret bytes: wiped on drop, and `Debug` prints the type's name alone. There is no `==`: what must be compared is
/// compared as a [`Digest`], in constant time.
#[derive(Clone)]
pub struct SecretBytes(Zeroizing<Vec<u8>>);

impl SecretBytes {
    /// Takes ownership of the bytes; the caller's own copies are its own to wipe.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// The bytes themselves. The name is meant to stand out in a review.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}

impl fmt::Debug for SecretBytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretBytes")
    }
}

/// A SHA-256 digest of a secret: what a store holds in the secret's place.
///
/// Equality takes the same time wherever two digests differ.
#[derive(Clone, Copy)]
pub struct Digest([u8; 32]);

impl Digest {
    /// Wraps the 32 bytes of a digest made elsewhere (this crate has no hash function).
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The digest's bytes, for a store's column.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for Digest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for Digest {}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_shows_no_secret() {
        let shown = format!(
            "{:?} {:?}",
            SecretBytes::new(b"hunter2".to_vec()),
            Digest::new([7; 32])
        );
        assert_eq!(shown, "SecretBytes Digest");
    }
}
