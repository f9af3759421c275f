//! For the tests of servers that use this crate: an issuer in memory that signs whatever a test needs.
//!
//! ```
//! use cloakroom_axum::testing::TestIssuer;
//! use serde_json::json;
//!
//! # fn main() -> Result<(), cloakroom_jose::SignError> {
//! let issuer = TestIssuer::new()?;
//! let verify = issuer.verify(); // the layer, in place of `Verify::new(…)`
//! let bearer = issuer.bearer(&json!({"sub": "7", "roles": ["admin"]}))?;
//! assert!(bearer.starts_with("Bearer "));
//! # Ok(())
//! # }
//! ```

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use cloakroom_jose::{Fetch, FetchError, JwkSet, SignError, SigningKey};
use serde_json::{Value, json};

use crate::attach::{Assertions, Verify};
use crate::clock::Now;
use crate::trust::Trust;

/// Where the clock of a [`TestIssuer`] stands.
const NOW: i64 = 1_800_000_000;

/// The issuer, and its address.
const URL: &str = "https://issuer.test";

/// An issuer with a fresh key. The clock of its layers stands still, so that a test cannot run out of time.
#[derive(Clone, Debug)]
pub struct TestIssuer {
    key: SigningKey,
}

impl TestIssuer {
    /// Makes a key.
    pub fn new() -> Result<Self, SignError> {
        let key = SigningKey::es256("test", &SigningKey::generate_es256()?)?;
        Ok(Self { key })
    }

    /// A layer that believes this issuer's access tokens.
    pub fn verify(&self) -> Verify {
        let trust = Trust::issuer(URL, "api");
        Verify::with(trust, self.published(), Arc::new(Still))
    }

    /// A layer that believes this issuer's assertions.
    pub fn assertions(&self) -> Assertions {
        Assertions::with(Trust::gateway(URL), self.published(), Arc::new(Still))
    }

    /// The value of an `Authorization` header: a token with these claims, on top of good ones.
    pub fn bearer(&self, claims: &Value) -> Result<String, SignError> {
        let token = self.key.sign("at+jwt", &completed(claims, "api"))?;
        Ok(format!("Bearer {token}"))
    }

    /// The value of an `X-Cloakroom-Session` header with these claims, on top of good ones.
    pub fn assertion(&self, claims: &Value) -> Result<String, SignError> {
        self.key.sign("JWT", &completed(claims, "cloakroom:app"))
    }

    fn published(&self) -> Arc<dyn Fetch> {
        Arc::new(Published(JwkSet {
            keys: self.key.public_jwk().into_iter().collect(),
        }))
    }
}

/// Good claims for `audience`, overridden by `claims`.
fn completed(claims: &Value, audience: &str) -> Value {
    let mut all = json!({
        "iss": URL, "sub": "1", "aud": audience, "sid": "test-session",
        "iat": NOW, "exp": NOW + 60, "provider": "builtin",
    });
    if let (Some(all), Some(claims)) = (all.as_object_mut(), claims.as_object()) {
        all.extend(claims.clone());
    }
    all
}

struct Published(JwkSet);

#[async_trait]
impl Fetch for Published {
    async fn get(&self, _: &str) -> Result<Vec<u8>, FetchError> {
        serde_json::to_vec(&self.0).map_err(|cause| FetchError::Unreachable(cause.to_string()))
    }
}

struct Still;

impl Now for Still {
    fn secs(&self) -> i64 {
        NOW
    }

    fn ticks(&self) -> Duration {
        Duration::ZERO
    }
}
