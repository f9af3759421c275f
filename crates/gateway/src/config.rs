//! What the gateway has to be told, already validated: a value of these types is usable as it is.
//!
//! The binary owns the file format. It parses each value with the constructors here, so that an error can be
//! shown at the place in the file where the value stands.

mod cidr;
mod origin;
mod rule;
mod upstream;

use std::time::Duration;

pub use cidr::{Cidr, CidrError};
pub use origin::{Origin, OriginError};
pub use rule::{Access, CsrfMode, Inject, Methods, Rule, Target};
pub use upstream::{Upstream, UpstreamUrl, UpstreamUrlError};

pub use crate::return_to::ReturnTo;
pub use crate::route::{Pattern, PatternError, TableError};

use crate::route::RouteTable;

/// Everything about the gateway that a deployment chooses.
#[derive(Clone, Debug)]
pub struct Config {
    /// The one address people know: cookies, redirects and the CSRF check follow it and nothing else.
    pub public_url: Origin,
    /// Further `Host` values that are answered, in canonical form (see [`Origin::canonical_host`]).
    pub hosts: Vec<String>,
    /// Peers whose `X-Forwarded-For` is believed; none by default.
    pub trusted_proxies: Vec<Cidr>,
    /// Where our own endpoints live, `/auth`; never ends in a slash.
    pub base_path: String,
    /// Limits of sessions.
    pub session: SessionConfig,
    /// Limits of refreshing.
    pub refresh: RefreshConfig,
    /// The pages people see.
    pub pages: PagesConfig,
    /// Whom requests are forwarded to; rules name them by position.
    pub upstreams: Vec<Upstream>,
    /// Which path may do what; order means nothing.
    pub rules: Vec<Rule>,
}

impl Config {
    /// The route table in the order in which it is searched, a line a rule; or why the rules make no table.
    /// Needs no gateway, so that a configuration can be checked without starting one.
    pub fn describe_routes(&self) -> Result<Vec<String>, TableError> {
        Ok(RouteTable::new(self.rules.clone())?.describe(self))
    }
}

/// Limits of sessions.
#[derive(Clone, Debug)]
pub struct SessionConfig {
    /// How long a session lives without its owner being active.
    pub idle_timeout: Duration,
    /// How long a session lives at all, from its login.
    pub absolute_lifetime: Duration,
    /// The `SameSite` attribute of the session cookie.
    pub same_site: SameSite,
    /// How long cached sessions are served while the store cannot be reached; zero fails closed at once.
    pub outage_grace: Duration,
    /// How many live sessions one principal may have.
    pub per_principal: u32,
    /// Claims of the provider's profile that `GET /auth/session` and the assertion may show.
    pub expose: Vec<String>,
}

/// The `SameSite` attribute (RFC 6265bis §4.1.2.7). `None` does not exist here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Sent with top-level navigations from other sites.
    Lax,
    /// Never sent with a request that another site began.
    Strict,
}

impl SameSite {
    /// The attribute's value.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Lax => "Lax",
            Self::Strict => "Strict",
        }
    }
}

/// Limits of refreshing.
#[derive(Clone, Debug)]
pub struct RefreshConfig {
    /// How long a request waits for somebody else's refresh.
    pub wait: Duration,
    /// How many refreshes may be under way at one provider.
    pub in_flight: usize,
    /// How long a lease holder has to show no sign of life before it counts as dead.
    pub takeover: Duration,
}

impl Default for RefreshConfig {
    fn default() -> Self {
        Self {
            wait: Duration::from_secs(12),
            in_flight: 64,
            takeover: Duration::from_secs(5),
        }
    }
}

/// The pages people see.
#[derive(Clone, Debug)]
pub struct PagesConfig {
    /// The app's own login page instead of ours.
    pub login: Option<ReturnTo>,
    /// The app's own registration page instead of ours.
    pub register: Option<ReturnTo>,
    /// Where a login leads without a `return_to`.
    pub after_login: ReturnTo,
    /// Where a logout leads.
    pub after_logout: ReturnTo,
    /// Whose pages they are.
    pub brand: Brand,
}

/// Whose pages they are.
#[derive(Clone, Debug)]
pub struct Brand {
    /// The product's name.
    pub name: String,
    /// The colour of buttons and links, as `#rrggbb`.
    pub accent: Option<String>,
    /// Address of the terms of use.
    pub terms_url: Option<String>,
    /// Address of the privacy statement.
    pub privacy_url: Option<String>,
}
