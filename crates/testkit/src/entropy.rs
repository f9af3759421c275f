//! Randomness that is the same in every run: predictable on purpose, and useless for anything but tests.

use std::sync::atomic::{AtomicU64, Ordering};

use cloakroom_core::ports::Entropy;

/// The step between two states of the generator: odd, so that it visits every state before it repeats.
const STEP: u64 = 0x9E37_79B9_7F4A_7C15;

/// A `SplitMix64` generator: the same seed gives the same bytes, and no eight bytes come twice.
#[derive(Debug)]
pub struct SeededEntropy {
    state: AtomicU64,
}

impl SeededEntropy {
    /// Starts a sequence of its own for each seed.
    pub const fn new(seed: u64) -> Self {
        Self {
            state: AtomicU64::new(seed),
        }
    }

    fn next(&self) -> u64 {
        let state = self
            .state
            .fetch_add(STEP, Ordering::Relaxed)
            .wrapping_add(STEP);
        let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

impl Default for SeededEntropy {
    fn default() -> Self {
        Self::new(0)
    }
}

impl Entropy for SeededEntropy {
    fn fill(&self, out: &mut [u8]) {
        for chunk in out.chunks_mut(8) {
            let block = self.next().to_le_bytes();
            for (slot, byte) in chunk.iter_mut().zip(block) {
                *slot = byte;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use cloakroom_core::ports::random;

    use super::*;

    #[test]
    fn the_same_seed_gives_the_same_bytes_and_another_seed_others() {
        let first: [u8; 40] = random(&SeededEntropy::new(1));
        assert_eq!(first, random(&SeededEntropy::new(1)));
        assert_ne!(first, random(&SeededEntropy::new(2)));
    }

    #[test]
    fn ten_thousand_draws_are_all_different() {
        let entropy = SeededEntropy::new(7);
        let drawn: HashSet<[u8; 16]> = (0..10_000).map(|_| random(&entropy)).collect();
        assert_eq!(drawn.len(), 10_000);
    }
}
