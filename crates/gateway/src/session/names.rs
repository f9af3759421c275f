//! Our cookies in the headers: finding them, keeping them from the upstreams, and writing them.
//!
//! 1. A name counts only byte for byte (CK-16): nothing is trimmed, folded, unquoted or decoded, so that no
//!    cookie planted by a sibling domain under a similar name is taken for ours.
//! 2. Two cookies of one name are none (CK-15): which of them is the real one cannot be told.
//! 3. Name and `Secure` follow the public address alone, never the connection a request came by.
//! 4. A cookie is cleared with the attributes it was set with, or browsers keep it (CK-19).
//!
//! A deployment defeats this by putting another application on the same public name.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use memchr::memchr;
use zeroize::Zeroizing;

use super::{CookieValue, DeviceName};
use crate::config::{Config, SameSite};

/// How long a browser keeps its name: the longest that browsers allow (RFC 6265bis §5.5).
const DEVICE_LIFETIME: Duration = Duration::from_secs(400 * 24 * 3600);

/// The names of our cookies, and the attributes they are written with.
#[derive(Clone, Debug)]
pub(crate) struct CookieNames {
    session: &'static str,
    device: &'static str,
    secure: bool,
    same_site: SameSite,
    lifetime: Duration,
}

/// The cookies of one name in a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// There is none.
    None,
    /// There are several.
    Ambiguous,
    /// Exactly this value.
    One(&'a [u8]),
}

impl CookieNames {
    /// What belongs to the public address. The prefixes `__Host-` and `__Host-Http-` need https; browsers refuse
    /// them elsewhere.
    pub(crate) fn new(config: &Config) -> Self {
        let secure = config.public_url.is_https();
        let (session, device) = if secure {
            ("__Host-Http-cloakroom", "__Host-Http-cloakroom-device")
        } else {
            ("cloakroom", "cloakroom-device")
        };
        Self {
            session,
            device,
            secure,
            same_site: config.session.same_site,
            lifetime: config.session.absolute_lifetime,
        }
    }

    /// The session cookie of a request.
    pub(super) fn find<'h>(&self, headers: &'h HeaderMap) -> Found<'h> {
        find(self.session, headers)
    }

    /// The browser's own name, if it has one.
    pub(crate) fn device(&self, headers: &HeaderMap) -> Option<DeviceName> {
        match find(self.device, headers) {
            Found::One(value) => DeviceName::parse(value),
            Found::None | Found::Ambiguous => None,
        }
    }

    /// A `Cookie` header without ours, the others byte for byte; `None` if nothing is left (PX-11).
    pub(crate) fn strip(&self, value: &HeaderValue) -> Option<HeaderValue> {
        let all = value.as_bytes();
        if memchr(b';', all).is_none() {
            return (!self.names_ours(all)).then(|| value.clone());
        }
        if !pairs(all).any(|pair| self.names_ours(pair)) {
            return Some(value.clone());
        }
        let mut rest = pairs(all).filter(|pair| !self.names_ours(pair));
        let first = rest.next()?.trim_ascii_start();
        let mut kept = Zeroizing::new(Vec::with_capacity(value.len()));
        kept.extend_from_slice(first);
        for pair in rest {
            kept.push(b';');
            kept.extend_from_slice(pair);
        }
        if kept.trim_ascii().is_empty() {
            return None;
        }
        let mut stripped = HeaderValue::from_bytes(&kept).ok()?;
        stripped.set_sensitive(value.is_sensitive());
        Some(stripped)
    }

    /// Whether an upstream's `Set-Cookie` would touch one of ours. A nameless cookie counts by its value:
    /// browsers send it back without a sign of that.
    pub(crate) fn is_ours(&self, set_cookie: &[u8]) -> bool {
        let pair = set_cookie
            .split(|&byte| byte == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        self.names_ours(pair.strip_prefix(b"=").unwrap_or(pair))
    }

    /// The `Set-Cookie` that gives a browser its session.
    pub(super) fn set_session(&self, value: &CookieValue) -> Option<HeaderValue> {
        self.write(self.session, &value.to_text(), self.lifetime)
    }

    /// The `Set-Cookie` that takes it away.
    pub(super) fn clear_session(&self) -> Option<HeaderValue> {
        self.write(self.session, "", Duration::ZERO)
    }

    /// The `Set-Cookie` that gives a browser a name of its own.
    pub(super) fn set_device(&self, name: &DeviceName) -> Option<HeaderValue> {
        self.write(self.device, name.as_str(), DEVICE_LIFETIME)
    }

    fn write(&self, name: &str, value: &str, max_age: Duration) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let line = Zeroizing::new(format!(
            "{name}={value}; Path=/; Max-Age={}; HttpOnly; SameSite={}{secure}",
            max_age.as_secs(),
            self.same_site.as_str(),
        ));
        let mut header = HeaderValue::from_str(&line).ok()?;
        header.set_sensitive(true);
        Some(header)
    }

    /// Deliberately laxer than [`find`]: an upstream may trim where we do not.
    fn names_ours(&self, pair: &[u8]) -> bool {
        let pair = pair.trim_ascii_start();
        // The device cookie's name begins with the session's.
        let Some(rest) = pair.strip_prefix(self.session.as_bytes()) else {
            return false;
        };
        let suffix = self.device.get(self.session.len()..).unwrap_or_default();
        let ends = |rest: &[u8]| {
            rest.trim_ascii_start()
                .first()
                .is_none_or(|&byte| byte == b'=')
        };
        ends(rest) || rest.strip_prefix(suffix.as_bytes()).is_some_and(ends)
    }
}

/// The parts of a `Cookie` header between semicolons.
fn pairs(header: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(header);
    std::iter::from_fn(move || {
        let all = rest?;
        let (pair, tail) = match memchr(b';', all) {
            Some(at) => (all.get(..at)?, all.get(at + 1..)),
            None => (all, None),
        };
        rest = tail;
        Some(pair)
    })
}

fn find<'h>(name: &str, headers: &'h HeaderMap) -> Found<'h> {
    let mut found = Found::None;
    for header in headers.get_all(COOKIE) {
        for pair in pairs(header.as_bytes()) {
            // The one space is the separator's (RFC 6265 §4.2.1); a second one would belong to a name.
            let pair = pair.strip_prefix(b" ").unwrap_or(pair);
            let value = pair
                .strip_prefix(name.as_bytes())
                .and_then(|rest| rest.strip_prefix(b"="));
            found = match (value, found) {
                (None, found) => found,
                (Some(value), Found::None) => Found::One(value),
                (Some(_), Found::One(_) | Found::Ambiguous) => return Found::Ambiguous,
            };
        }
    }
    found
}

#[cfg(test)]
mod tests;
