//! The way out: security and cache headers of every answer.
//!
//! 1. What was answered for a session is `private, no-store` unless its upstream said `private` or
//!    `no-store` already, and names the session that answered.
//! 2. Pages of ours run no inline script, load nothing from elsewhere and cannot be framed.
//! 3. Over https every answer, errors included, asks for https from now on (HSTS).

use http::header::{self, HeaderName};
use http::{HeaderMap, HeaderValue};

use crate::config::Config;

/// The content security policy of our own pages: same-origin style and script files, nothing inline.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
    connect-src 'self'; font-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

static X_CLOAKROOM_SID: HeaderName = HeaderName::from_static("x-cloakroom-sid");
static X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// What the way out has to know.
pub(crate) struct Hardening {
    https: bool,
}

impl Hardening {
    /// Prepares it.
    pub(crate) const fn new(config: &Config) -> Self {
        Self {
            https: config.public_url.is_https(),
        }
    }

    /// What every answer gets.
    pub(crate) fn every(&self, headers: &mut HeaderMap, id: HeaderValue) {
        headers.insert(&X_REQUEST_ID, id);
        if self.https {
            headers.insert(
                header::STRICT_TRANSPORT_SECURITY,
                HeaderValue::from_static("max-age=31536000; includeSubDomains"),
            );
        }
        headers
            .entry(header::X_CONTENT_TYPE_OPTIONS)
            .or_insert(HeaderValue::from_static("nosniff"));
    }

    /// What an answer for a session gets.
    pub(crate) fn personal(headers: &mut HeaderMap, sid: &HeaderValue) {
        headers.insert(&X_CLOAKROOM_SID, sid.clone());
        if !is_kept_private(headers) {
            headers.insert(
                header::CACHE_CONTROL,
                HeaderValue::from_static("private, no-store"),
            );
            headers.remove(header::EXPIRES);
        }
        while let Some(name) = headers
            .keys()
            .find(|name| is_for_shared_caches(name))
            .cloned()
        {
            headers.remove(name);
        }
        headers.append(header::VARY, HeaderValue::from_static("Cookie"));
    }

    /// What a page or an answer of ours gets.
    pub(crate) fn own(headers: &mut HeaderMap) {
        let fixed = [
            (header::CONTENT_SECURITY_POLICY, POLICY),
            (header::REFERRER_POLICY, "same-origin"),
            (header::X_FRAME_OPTIONS, "DENY"),
            (
                HeaderName::from_static("cross-origin-opener-policy"),
                "same-origin",
            ),
            (
                HeaderName::from_static("cross-origin-resource-policy"),
                "same-origin",
            ),
        ];
        for (name, value) in fixed {
            headers.insert(name, HeaderValue::from_static(value));
        }
        headers
            .entry(header::CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-store"));
    }
}

/// Whether an upstream has said, once and about the whole answer, that no shared cache may keep it. Another
/// `Cache-Control` line, or `private="field"`, which speaks of that field alone (RFC 9111 §5.2.2.7), says less.
fn is_kept_private(headers: &HeaderMap) -> bool {
    let mut lines = headers.get_all(header::CACHE_CONTROL).iter();
    let (Some(line), None) = (lines.next(), lines.next()) else {
        return false;
    };
    line.to_str().is_ok_and(|text| {
        let mut directives = text.split(',').map(str::trim);
        directives.any(|one| one == "private" || one == "no-store") && !text.contains("public")
    })
}

/// The names by which caches in front are told to keep what `Cache-Control` forbids (RFC 9213 and its kin).
fn is_for_shared_caches(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.ends_with("cdn-cache-control")
        || matches!(
            name,
            "surrogate-control" | "edge-control" | "x-accel-expires"
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn personal(cache: Option<&'static str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if let Some(cache) = cache {
            headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
        }
        headers.insert(header::EXPIRES, HeaderValue::from_static("tomorrow"));
        for name in [
            "cdn-cache-control",
            "cloudflare-cdn-cache-control",
            "x-accel-expires",
        ] {
            headers.insert(name, HeaderValue::from_static("max-age=9"));
        }
        Hardening::personal(&mut headers, &HeaderValue::from_static("handle"));
        headers
    }

    #[test]
    fn what_is_answered_for_a_session_is_never_publicly_cacheable() {
        // CK-17, PX-23
        for cache in [
            None,
            Some("public, max-age=60"),
            Some("s-maxage=31536000"),
            Some("max-age=60, private=\"x-name\""),
            Some("public, private"),
            Some("max-age=60, x=no-store"),
        ] {
            let headers = personal(cache);
            assert_eq!(headers[header::CACHE_CONTROL], "private, no-store");
            assert!(!headers.contains_key(header::EXPIRES));
            assert!(!headers.contains_key("cdn-cache-control"));
            assert!(!headers.contains_key("cloudflare-cdn-cache-control"));
            assert!(!headers.contains_key("x-accel-expires"));
            assert_eq!(headers["x-cloakroom-sid"], "handle");
        }
    }

    #[test]
    fn a_second_line_that_allows_caching_takes_nothing_from_the_first() {
        // PX-23
        let mut headers = HeaderMap::new();
        for line in ["private", "public, s-maxage=60"] {
            headers.append(header::CACHE_CONTROL, HeaderValue::from_static(line));
        }
        Hardening::personal(&mut headers, &HeaderValue::from_static("handle"));
        let lines: Vec<_> = headers.get_all(header::CACHE_CONTROL).iter().collect();
        assert_eq!(lines, ["private, no-store"]);
    }

    #[test]
    fn an_upstream_that_is_careful_itself_is_left_alone() {
        let headers = personal(Some("private, max-age=5"));
        assert_eq!(headers[header::CACHE_CONTROL], "private, max-age=5");
    }
}
