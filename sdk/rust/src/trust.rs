//! Whose tokens are believed: the issuer, for whom it must have issued them, and where its keys are.

use std::time::Duration;

use cloakroom_jose::Policy;

/// An issuer that is trusted.
#[derive(Clone, Debug)]
pub struct Trust {
    issuer: String,
    audience: String,
    pub(crate) jwks_url: String,
    leeway: Duration,
}

impl Trust {
    /// Access tokens that `issuer` has issued for `audience`. Its keys are expected at
    /// `<issuer>/.well-known/jwks.json`.
    pub fn issuer(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let issuer = issuer.into();
        Self {
            jwks_url: below(&issuer, "/.well-known/jwks.json"),
            issuer,
            audience: audience.into(),
            leeway: Duration::from_secs(5),
        }
    }

    /// Assertions of the gateway whose public address is `public_url`. Its keys are expected at
    /// `<public_url>/auth/jwks.json`.
    pub fn gateway(public_url: impl Into<String>) -> Self {
        let issuer = public_url.into();
        Self {
            jwks_url: below(&issuer, "/auth/jwks.json"),
            issuer,
            audience: "cloakroom:app".to_owned(),
            leeway: Duration::from_secs(5),
        }
    }

    /// The keys are at this address instead: behind the same gateway, say, there is a shorter way to them.
    #[must_use]
    pub fn jwks_url(mut self, url: impl Into<String>) -> Self {
        self.jwks_url = url.into();
        self
    }

    /// How much the issuer's clock may differ: 5 s unless told otherwise, never more than 60 s.
    #[must_use]
    pub const fn leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway;
        self
    }

    pub(crate) fn policy(&self, typ: &[&str]) -> Policy {
        Policy::new(self.issuer.as_str(), self.audience.as_str(), typ).leeway(self.leeway)
    }
}

fn below(base: &str, path: &str) -> String {
    format!("{}{path}", base.trim_end_matches('/'))
}
