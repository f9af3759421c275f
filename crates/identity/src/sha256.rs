//! The one hash under which secrets of high entropy are stored and compared.

use aws_lc_rs::digest;
use cloakroom_core::Digest;

/// SHA-256 of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> Digest {
    let mut out = [0; digest::SHA256_OUTPUT_LEN];
    for (slot, byte) in out
        .iter_mut()
        .zip(digest::digest(&digest::SHA256, bytes).as_ref())
    {
        *slot = *byte;
    }
    Digest::new(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_sha_256_of_fips_180() {
        let hex = cloakroom_core::hex::encode(sha256(b"abc").as_bytes());
        assert_eq!(
            hex,
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
        );
    }
}
