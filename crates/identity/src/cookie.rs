//! The `refresh_token` cookie for clients that talk to this service directly.
//!
//! 1. It is `HttpOnly`, `SameSite=Strict`, limited to `/api/v1`, and `Secure` whenever the issuer is https.
//! 2. Two cookies of the name in one request count as none: one of them was planted.
//!
//! A deployment defeats `Secure` by naming an http issuer, which only a loopback address may be.

use std::time::Duration;

use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use zeroize::Zeroizing;

const NAME: &str = "refresh_token";

/// The `Set-Cookie` value that stores `token` for `max_age`; `None` only if the token is no header text.
pub(crate) fn store(token: &str, max_age: Duration, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let seconds = max_age.as_secs();
    let text = Zeroizing::new(format!(
        "{NAME}={token}; Max-Age={seconds}; Path=/api/v1; HttpOnly; SameSite=Strict{secure}"
    ));
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

/// The `Set-Cookie` value that removes the cookie.
pub(crate) fn clear(secure: bool) -> Option<HeaderValue> {
    store("", Duration::ZERO, secure)
}

/// The cookie's value, if there is exactly one.
pub(crate) fn read(headers: &HeaderMap) -> Option<String> {
    let mut found = headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .filter_map(|(name, value)| (name == NAME).then_some(value));
    let only = found.next()?;
    found.next().is_none().then(|| only.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cookies(lines: &[&'static str]) -> HeaderMap {
        let pairs = lines
            .iter()
            .map(|line| (COOKIE, HeaderValue::from_static(line)));
        pairs.collect()
    }

    #[test]
    fn one_cookie_is_read_and_two_are_none() {
        assert_eq!(
            read(&cookies(&["a=b; refresh_token=x"])).as_deref(),
            Some("x")
        );
        assert_eq!(read(&cookies(&["refresh_token=x; refresh_token=y"])), None);
        assert_eq!(
            read(&cookies(&["refresh_token=x", "refresh_token=y"])),
            None
        );
        assert_eq!(read(&cookies(&[])), None);
    }

    #[test]
    fn it_is_secure_when_the_issuer_is_https() {
        let value = store("t", Duration::from_secs(60), true).unwrap();
        assert_eq!(
            value.to_str().unwrap(),
            "refresh_token=t; Max-Age=60; Path=/api/v1; HttpOnly; SameSite=Strict; Secure"
        );
        let plain = clear(false).unwrap();
        assert!(!plain.to_str().unwrap().contains("Secure"));
    }
}
