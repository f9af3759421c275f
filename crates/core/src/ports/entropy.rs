//! The port through which all randomness comes, so that a test can seed it.

use uuid::{Builder, Uuid};

use crate::time::Timestamp;

/// A cryptographically secure source of random bytes.
pub trait Entropy: Send + Sync {
    /// Fills `out`. A source that fails stops the program: there is nothing safe to go on with.
    fn fill(&self, out: &mut [u8]);
}

/// `N` fresh random bytes.
pub fn random<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// A version 7 UUID (RFC 9562 §5.7): sorts by time, names a row, is never a secret.
pub fn uuid_v7(entropy: &dyn Entropy, now: Timestamp) -> Uuid {
    let millis = u64::try_from(now.as_micros().div_euclid(1000)).unwrap_or(0);
    Builder::from_unix_timestamp_millis(millis, &random(entropy)).into_uuid()
}
