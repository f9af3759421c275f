//! What an operator decides about the identity service, and what is refused at start.
//!
//! A weak setting is an error here and never a warning later: a hash below the floor of OWASP's Password Storage
//! sheet, an issuer reached over plain http from elsewhere, a refresh token that outlives its family.

use std::time::Duration;

use http::Uri;

/// How issued access tokens are signed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Algorithm {
    /// ECDSA on P-256: verifiers need the public key only. The signing keys are PKCS#8.
    #[default]
    Es256,
    /// HMAC with SHA-256: whoever verifies can also sign. The signing keys are raw bytes, 32 or more.
    Hs256,
}

impl Algorithm {
    /// The `alg` header's value (RFC 7518 §3.1).
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Es256 => "ES256",
            Self::Hs256 => "HS256",
        }
    }
}

/// The cost of one argon2id hash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub passes: u32,
    /// Lanes.
    pub lanes: u32,
}

/// What a password must be like, and what hashing it costs.
#[derive(Clone, Debug)]
pub struct PasswordPolicy {
    /// The least number of characters.
    pub min_chars: usize,
    /// The largest number of bytes that is accepted at all, new or not. Checked before anything else.
    pub max_bytes: usize,
    /// The least zxcvbn score, 0 to 4.
    pub min_score: u8,
    /// Words that make a password easy to guess here: the product, the company, the domain.
    pub context: Vec<String>,
    /// The cost of a hash. Stored hashes of another cost are replaced at the next login.
    pub argon: Argon,
    /// Hashing threads; `None` takes half the cores, at least one.
    pub threads: Option<usize>,
    /// Hashes that may wait; `None` takes about a second of work, measured at start.
    pub queue: Option<usize>,
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self {
            min_chars: 8,
            max_bytes: 1024,
            min_score: 3,
            context: vec!["cloakroom".to_owned()],
            argon: Argon {
                memory_kib: 19 * 1024,
                passes: 2,
                lanes: 1,
            },
            threads: None,
            queue: None,
        }
    }
}

/// How often somebody may try.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Failed passwords for one account within [`Self::window`].
    pub account_failures: usize,
    /// Failed passwords from one IPv4 address or IPv6 /64 within [`Self::window`], and as many new ones to judge.
    pub network_failures: usize,
    /// The sliding window of both.
    pub window: Duration,
    /// Registrations from one network within [`Self::registration_window`], and changes of one account's user name or
    /// address: each of them can find out that a name is taken.
    pub registrations: usize,
    /// The sliding window of both.
    pub registration_window: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            account_failures: 10,
            network_failures: 50,
            window: Duration::from_secs(15 * 60),
            registrations: 10,
            registration_window: Duration::from_secs(3600),
        }
    }
}

/// The settings of one identity service.
#[derive(Clone, Debug)]
pub struct Config {
    /// `iss` of every token, and the base of the addresses in the discovery document. No trailing slash.
    pub issuer: String,
    /// `aud` of every access token.
    pub audience: String,
    /// Life of an access token.
    pub access_ttl: Duration,
    /// Life of an unused refresh token.
    pub refresh_ttl: Duration,
    /// Life of a family, however often it is renewed.
    pub absolute_lifetime: Duration,
    /// How access tokens are signed.
    pub algorithm: Algorithm,
    /// How long a client without credential and without `Idempotency-Key` may repeat a refresh; may be zero.
    pub repeat_window: Duration,
    /// The name under which the gateway authenticates.
    pub gateway_client_id: String,
    /// Passwords.
    pub password: PasswordPolicy,
    /// Limits.
    pub limits: Limits,
}

impl Config {
    /// The defaults, for tokens of `issuer` meant for `audience`.
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            access_ttl: Duration::from_secs(15 * 60),
            refresh_ttl: Duration::from_secs(7 * 86_400),
            absolute_lifetime: Duration::from_secs(14 * 86_400),
            algorithm: Algorithm::default(),
            repeat_window: Duration::from_secs(10),
            gateway_client_id: "cloakroom-gateway".to_owned(),
            password: PasswordPolicy::default(),
            limits: Limits::default(),
        }
    }

    /// Whether the issuer is reached over https; cookies are `Secure` then.
    pub(crate) fn is_https(&self) -> bool {
        self.issuer.starts_with("https://")
    }

    /// Whether a service can be built with these settings; [`crate::Identity::new`] asks the same.
    pub fn validate(&self) -> Result<(), ConfigError> {
        self.validate_issuer()?;
        if self.audience.is_empty() {
            return Err(ConfigError::NoAudience);
        }
        if self.access_ttl.is_zero() || self.access_ttl > Duration::from_secs(86_400) {
            return Err(ConfigError::AccessTtl);
        }
        if self.refresh_ttl < self.access_ttl || self.refresh_ttl > self.absolute_lifetime {
            return Err(ConfigError::RefreshTtl);
        }
        // A colon ends the user name in HTTP Basic (RFC 7617 §2).
        if self.gateway_client_id.is_empty() || self.gateway_client_id.contains(':') {
            return Err(ConfigError::ClientId);
        }
        let password = &self.password;
        if password.min_chars < 8 || password.max_bytes < 64 || password.min_score > 4 {
            return Err(ConfigError::PasswordPolicy);
        }
        let argon = password.argon;
        if argon.memory_kib < 19 * 1024 || argon.passes < 2 || argon.lanes < 1 {
            return Err(ConfigError::WeakHash);
        }
        let limits = &self.limits;
        if limits.account_failures == 0
            || limits.account_failures > 100
            || limits.network_failures == 0
            || limits.registrations == 0
        {
            return Err(ConfigError::Limits);
        }
        Ok(())
    }

    fn validate_issuer(&self) -> Result<(), ConfigError> {
        let uri: Uri = self.issuer.parse().map_err(|_| ConfigError::Issuer)?;
        let host = uri.host().ok_or(ConfigError::Issuer)?;
        let plain = uri.query().is_none() && !self.issuer.ends_with('/');
        let loopback = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        match uri.scheme_str() {
            Some("https") if plain => Ok(()),
            Some("http") if plain && loopback => Ok(()),
            Some("http") if plain => Err(ConfigError::PlainIssuer),
            _ => Err(ConfigError::Issuer),
        }
    }
}

/// Why the service does not start. Each text says what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The issuer is no address.
    #[error(
        "the issuer must be an address such as https://id.example.com, without query and trailing slash"
    )]
    Issuer,
    /// The issuer is plain http and not this machine.
    #[error("the issuer may be http:// only on localhost; write https://")]
    PlainIssuer,
    /// There is no audience.
    #[error("the audience must not be empty: it says whom access tokens are meant for")]
    NoAudience,
    /// The access lifetime is zero or longer than a day.
    #[error("access_ttl must be between one second and one day")]
    AccessTtl,
    /// The three lifetimes contradict each other.
    #[error("refresh_ttl must lie between access_ttl and absolute_lifetime")]
    RefreshTtl,
    /// The client id cannot be sent in HTTP Basic.
    #[error("the gateway's client id must not be empty or contain a colon")]
    ClientId,
    /// The password policy is weaker than NIST SP 800-63B asks.
    #[error("passwords: at least 8 characters, at least 64 bytes accepted, a score of at most 4")]
    PasswordPolicy,
    /// The hash is cheaper than the floor.
    #[error("argon2id needs at least 19456 KiB, 2 passes and 1 lane")]
    WeakHash,
    /// A limit switches the protection off.
    #[error("limits: 1 to 100 failures an account, at least 1 a network, at least 1 registration")]
    Limits,
    /// A key cannot be used.
    #[error("the {ring} key {kid:?} cannot be used: {why}")]
    Key {
        /// Which ring.
        ring: &'static str,
        /// Which key.
        kid: String,
        /// What is wrong with it.
        why: String,
    },
    /// The hashing threads could not be started.
    #[error("cannot start the password hashing threads: {0}")]
    Threads(#[from] std::io::Error),
    /// The first hash failed.
    #[error("argon2id does not work with these parameters: {0}")]
    Argon(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(issuer: &str) -> Config {
        Config::new(issuer, "api")
    }

    #[test]
    fn the_defaults_are_valid() {
        assert!(config("https://id.example.com").validate().is_ok());
        assert!(config("http://127.0.0.1:8081").validate().is_ok());
    }

    // CF-01
    #[test]
    fn an_issuer_that_cannot_be_trusted_is_refused() {
        let plain = config("http://id.example.com").validate();
        assert!(matches!(plain, Err(ConfigError::PlainIssuer)));
        for issuer in [
            "",
            "id",
            "ftp://x",
            "https://id.example.com/",
            "https://id.example.com?a",
        ] {
            let refused = config(issuer).validate();
            assert!(matches!(refused, Err(ConfigError::Issuer)), "{issuer}");
        }
    }

    // ID-01
    #[test]
    fn a_hash_below_the_floor_is_refused() {
        let mut weak = config("https://id.example.com");
        weak.password.argon.memory_kib = 8 * 1024;
        assert!(matches!(weak.validate(), Err(ConfigError::WeakHash)));
    }

    #[test]
    fn a_refresh_token_that_outlives_its_family_is_refused() {
        let mut config = config("https://id.example.com");
        config.refresh_ttl = config.absolute_lifetime + Duration::from_secs(1);
        assert!(matches!(config.validate(), Err(ConfigError::RefreshTtl)));
    }
}
