//! Who is believed: the identity service for the API, the gateway for the pages, and whose goals that opens.
//!
//! The subject alone owns the goals, because this app believes exactly one issuer: the access token and the
//! assertion of one person carry the same subject. An app behind several providers would add the provider.

use std::sync::Arc;
use std::time::Duration;

use cloakroom_axum::{
    Assertions, ConfigError, CurrentUser, HttpFetch, Now, Session, Trust, Verify,
};
use cloakroom_core::ports::Clock;

use crate::config::Config;
use crate::goals::Owner;

/// The role that opens the numbers of everybody.
pub(crate) const ADMIN: &str = "admin";

/// The layers that find out who is calling.
#[derive(Clone, Debug)]
pub struct Callers {
    /// Believes access tokens.
    pub verify: Verify,
    /// Believes the gateway's assertions.
    pub assertions: Assertions,
}

impl Callers {
    /// Believes whom the configuration names, fetching their keys over HTTP.
    pub fn new(config: &Config, clock: Arc<dyn Clock>) -> Result<Self, ConfigError> {
        let now = Arc::new(ClockNow(clock));
        let issuer = Trust::issuer(config.api_issuer.as_str(), config.api_audience.as_str())
            .jwks_url(config.api_jwks_url.as_str());
        let gateway =
            Trust::gateway(config.app_issuer.as_str()).jwks_url(config.app_jwks_url.as_str());
        let issuer_keys = Arc::new(HttpFetch::for_url(&config.api_jwks_url)?);
        let gateway_keys = Arc::new(HttpFetch::for_url(&config.app_jwks_url)?);
        Ok(Self {
            verify: Verify::with(issuer, issuer_keys, Arc::clone(&now) as Arc<dyn Now>),
            assertions: Assertions::with(gateway, gateway_keys, now),
        })
    }
}

/// The program's clock, as the layers read it.
struct ClockNow(Arc<dyn Clock>);

impl Now for ClockNow {
    fn secs(&self) -> i64 {
        self.0.now().as_secs()
    }

    fn ticks(&self) -> Duration {
        self.0.ticks()
    }
}

impl From<CurrentUser> for Owner {
    fn from(user: CurrentUser) -> Self {
        Self {
            name: name(user.name, user.username, &user.id),
            subject: user.id,
        }
    }
}

impl From<Session> for Owner {
    fn from(session: Session) -> Self {
        Self {
            name: name(session.name, session.username, &session.id),
            subject: session.id,
        }
    }
}

/// Some word to greet with: not every issuer tells a name.
fn name(name: String, username: Option<String>, subject: &str) -> String {
    if !name.is_empty() {
        return name;
    }
    username.unwrap_or_else(|| subject.to_owned())
}
