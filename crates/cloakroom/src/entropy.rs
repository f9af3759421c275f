//! The real randomness: the one place of the program that draws it.

use cloakroom_core::ports::Entropy;

/// The generator of aws-lc, seeded by the operating system.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SystemEntropy;

impl Entropy for SystemEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the source that everybody else draws from"
    )]
    fn fill(&self, out: &mut [u8]) {
        if aws_lc_rs::rand::fill(out).is_err() {
            // Keys or session ids made without randomness would be worse than no program.
            tracing::error!("the machine gives no randomness");
            std::process::abort();
        }
    }
}
