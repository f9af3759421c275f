//! One cookie, parsed from `Set-Cookie` (RFC 6265bis §4.1) without any of the leniency of §5.

use std::time::Duration;

use super::Initiator;

/// `SameSite`; a cookie without it counts as `Lax`, as in current browsers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SameSite {
    /// Goes with requests from the own site alone.
    Strict,
    /// Goes with links from other sites as well.
    Lax,
    /// Goes with everything.
    None,
}

/// One cookie with its attributes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value, byte for byte.
    pub value: String,
    /// `Path`.
    pub path: String,
    /// `Domain`, where it was set.
    pub domain: Option<String>,
    /// `Max-Age`; zero deletes. Without it the cookie lives as long as the browser.
    pub max_age: Option<Duration>,
    /// `Secure`.
    pub secure: bool,
    /// `HttpOnly`: no script sees it.
    pub http_only: bool,
    /// `SameSite`, where it was set.
    pub same_site: Option<SameSite>,
}

/// Why a `Set-Cookie` is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadCookie {
    /// It does not follow the grammar.
    Illegal,
    /// An attribute is unknown, has a bad value, or stands there twice.
    Attribute,
    /// `Secure` came over plain http, or `SameSite=None` without `Secure`.
    Insecure,
    /// The name's prefix promises more than the attributes keep (RFC 6265bis §4.1.3).
    Prefix,
}

impl Cookie {
    /// Parses one `Set-Cookie` value that came over https (`secure`) or plain http.
    pub fn parse(text: &str, secure: bool) -> Result<Self, BadCookie> {
        let mut parts = text.split("; ");
        let (name, value) = parts
            .next()
            .and_then(|pair| pair.split_once('='))
            .ok_or(BadCookie::Illegal)?;
        if name.is_empty() || !name.bytes().all(is_token) || !value.bytes().all(is_octet) {
            return Err(BadCookie::Illegal);
        }
        let mut cookie = Self {
            name: name.to_owned(),
            value: value.to_owned(),
            path: String::new(),
            domain: None,
            max_age: None,
            secure: false,
            http_only: false,
            same_site: None,
        };
        let mut seen = Vec::new();
        for part in parts {
            let (key, value) = part
                .split_once('=')
                .map_or((part, None), |(key, value)| (key, Some(value)));
            let key = key.to_ascii_lowercase();
            if seen.contains(&key) {
                return Err(BadCookie::Attribute);
            }
            cookie.apply(&key, value)?;
            seen.push(key);
        }
        cookie.judge(secure)?;
        Ok(cookie)
    }

    fn apply(&mut self, key: &str, value: Option<&str>) -> Result<(), BadCookie> {
        match (key, value) {
            ("path", Some(path)) if path.starts_with('/') => path.clone_into(&mut self.path),
            ("domain", Some(domain)) => self.domain = Some(domain.to_owned()),
            ("max-age", Some(secs)) => {
                let secs = secs.parse().map_err(|_| BadCookie::Attribute)?;
                self.max_age = Some(Duration::from_secs(secs));
            }
            // Max-Age wins where both are there (RFC 6265bis §5.5), and ours always sets it.
            ("expires", Some(date)) if date.ends_with(" GMT") => {}
            ("secure", None) => self.secure = true,
            ("httponly", None) => self.http_only = true,
            ("samesite", Some("Strict")) => self.same_site = Some(SameSite::Strict),
            ("samesite", Some("Lax")) => self.same_site = Some(SameSite::Lax),
            ("samesite", Some("None")) => self.same_site = Some(SameSite::None),
            _ => return Err(BadCookie::Attribute),
        }
        Ok(())
    }

    fn judge(&self, over_https: bool) -> Result<(), BadCookie> {
        let none_in_clear = self.same_site == Some(SameSite::None) && !self.secure;
        if (self.secure && !over_https) || none_in_clear {
            return Err(BadCookie::Insecure);
        }
        if self.path.is_empty() {
            return Err(BadCookie::Attribute);
        }
        let host_bound = self.secure && self.domain.is_none() && self.path == "/";
        let kept = if self.name.starts_with("__Host-Http-") {
            host_bound && self.http_only
        } else if self.name.starts_with("__Http-") {
            self.secure && self.http_only
        } else if self.name.starts_with("__Host-") {
            host_bound
        } else {
            self.secure || !self.name.starts_with("__Secure-")
        };
        if kept { Ok(()) } else { Err(BadCookie::Prefix) }
    }

    /// Path matching (RFC 6265bis §5.1.4).
    pub(super) fn matches(&self, path: &str) -> bool {
        path.strip_prefix(self.path.as_str()).is_some_and(|rest| {
            rest.is_empty() || self.path.ends_with('/') || rest.starts_with('/')
        })
    }

    pub(super) fn travels(&self, from: Initiator) -> bool {
        match (from, self.same_site) {
            (Initiator::SameSite, _) | (_, Some(SameSite::None)) => true,
            (Initiator::ForeignLink, same_site) => same_site != Some(SameSite::Strict),
            (Initiator::ForeignPage, _) => false,
        }
    }
}

/// A character of a token (RFC 9110 §5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

/// A `cookie-octet` (RFC 6265bis §4.1.1).
fn is_octet(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\",;\\".contains(&byte)
}
