//! Verifies tokens with keys that live at an address.

use std::time::Duration;

use crate::claims::Claims;
use crate::compact::Compact;
use crate::error::VerifyError;
use crate::jwks::Jwks;
use crate::verify::Verifier;

/// A [`Verifier`] with the [`Jwks`] its keys come from. Cloning shares the keys.
#[derive(Clone, Debug)]
pub struct RemoteVerifier {
    verifier: Verifier,
    jwks: Jwks,
}

impl RemoteVerifier {
    /// Judges by `verifier`, with the keys of `jwks`.
    pub const fn new(verifier: Verifier, jwks: Jwks) -> Self {
        Self { verifier, jwks }
    }

    /// What tokens are judged by.
    pub const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// Where the keys come from.
    pub const fn jwks(&self) -> &Jwks {
        &self.jwks
    }

    /// Verifies `token` at `now_secs` seconds since the epoch and monotonic time `ticks`. What is not even the
    /// shape of a token causes no fetch.
    pub async fn verify(
        &self,
        token: &str,
        now_secs: i64,
        ticks: Duration,
    ) -> Result<Claims, VerifyError> {
        let token = Compact::parse(token)?;
        let keys = self.jwks.keys_for(token.kid.as_deref(), ticks).await?;
        self.verifier.judge(&token, &keys, now_secs)
    }
}
