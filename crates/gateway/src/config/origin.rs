//! The public origin: scheme, host and port as browsers write them (RFC 6454 §6.2).

use std::net::IpAddr;

/// An origin in canonical form: lower case, no default port, no path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    text: String,
    https: bool,
    host: String,
    port: u16,
}

/// Why a text is no usable public origin.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OriginError {
    /// It does not begin with `http://` or `https://`.
    #[error("must begin with https:// (or http:// for a loopback name)")]
    Scheme,
    /// There is more than scheme, host and port.
    #[error("must be scheme, host and port alone, such as https://app.example.com")]
    NotAnOrigin,
    /// The host is no host name or address.
    #[error("the host is not a valid name")]
    Host,
    /// The port is no number from 1 to 65535.
    #[error("the port is not a number from 1 to 65535")]
    Port,
    /// Plain http beyond the machine itself.
    #[error("http is for loopback names only; use https, terminated here or in front")]
    InsecureHost,
}

impl Origin {
    /// Reads an origin. Plain http is accepted for loopback names alone: without TLS anybody on the way
    /// could read the session cookie.
    pub fn parse(text: &str) -> Result<Self, OriginError> {
        let (https, rest) = if let Some(rest) = text.strip_prefix("https://") {
            (true, rest)
        } else if let Some(rest) = text.strip_prefix("http://") {
            (false, rest)
        } else {
            return Err(OriginError::Scheme);
        };
        let authority = rest.strip_suffix('/').unwrap_or(rest);
        if authority.contains(['/', '?', '#', '@', '\\']) {
            return Err(OriginError::NotAnOrigin);
        }
        let (host, port) = split_port(authority)?;
        let host = host.to_ascii_lowercase();
        if !is_host(&host) {
            return Err(OriginError::Host);
        }
        if !https && !is_loopback(&host) {
            return Err(OriginError::InsecureHost);
        }
        let default = if https { 443 } else { 80 };
        let port = port.unwrap_or(default);
        let scheme = if https { "https" } else { "http" };
        let text = if port == default {
            format!("{scheme}://{host}")
        } else {
            format!("{scheme}://{host}:{port}")
        };
        Ok(Self {
            text,
            https,
            host,
            port,
        })
    }

    /// The origin as the `Origin` header has it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether cookies are `Secure` and HSTS is sent.
    pub const fn is_https(&self) -> bool {
        self.https
    }

    /// The port, the scheme's default included.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// `https` or `http`.
    pub const fn scheme(&self) -> &'static str {
        if self.https { "https" } else { "http" }
    }

    /// Host and port as the `Host` header has them: no default port.
    pub fn authority(&self) -> &str {
        self.text
            .split_once("://")
            .map_or("", |(_, authority)| authority)
    }

    /// The host alone, with brackets if it is an IPv6 address.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The form in which `Host` values are compared: lower case, no trailing dot, no default port of this
    /// origin's scheme. `None` if it is no host at all.
    pub fn canonical_host(&self, host: &str) -> Option<String> {
        let (name, port) = split_port(host).ok()?;
        let name = name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
        let default = if self.https { 443 } else { 80 };
        if !is_host(&name) {
            return None;
        }
        Some(match port {
            Some(port) if port != default => format!("{name}:{port}"),
            _ => name,
        })
    }
}

/// Splits `host:port`, leaving the colons of a bracketed IPv6 address alone.
fn split_port(authority: &str) -> Result<(&str, Option<u16>), OriginError> {
    let Some((host, digits)) = authority
        .rsplit_once(':')
        .filter(|(_, tail)| !tail.contains(']'))
    else {
        return Ok((authority, None));
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(OriginError::Port);
    }
    match digits.parse() {
        Ok(port) if port > 0 => Ok((host, Some(port))),
        _ => Err(OriginError::Port),
    }
}

fn is_host(host: &str) -> bool {
    if let Some(v6) = host
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'))
    {
        return v6.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let is_label = |label: &str| {
        !label.is_empty()
            && label.len() <= 63
            && label
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
    };
    host.len() <= 253 && host.split('.').all(is_label)
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || host.ends_with(".localhost")
        || bare.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (given, written) in [
            ("https://App.Example.com", "https://app.example.com"),
            ("https://app.example.com:443/", "https://app.example.com"),
            (
                "https://app.example.com:8443",
                "https://app.example.com:8443",
            ),
            ("http://localhost:8080", "http://localhost:8080"),
            ("http://127.0.0.1:80", "http://127.0.0.1"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://app.localhost", "http://app.localhost"),
        ] {
            assert_eq!(Origin::parse(given).unwrap().as_str(), written);
        }
    }

    #[test]
    fn plain_http_beyond_loopback_is_refused() {
        // CF-01
        for given in [
            "http://app.example.com",
            "http://10.0.0.1",
            "http://localhost.evil.example",
        ] {
            assert_eq!(
                Origin::parse(given),
                Err(OriginError::InsecureHost),
                "{given}"
            );
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for given in [
            "app.example.com",
            "ftp://app.example.com",
            "https://app.example.com/path",
            "https://user@app.example.com",
            "https://app.example.com?x",
            "https://*.example.com",
            "https://",
            "https://app.example.com:0",
            "https://app.example.com:99999",
            "https://app.example.com:+80",
        ] {
            assert!(Origin::parse(given).is_err(), "{given}");
        }
    }

    #[test]
    fn host_values_compare_without_case_trailing_dot_and_default_port() {
        // GD-06
        let origin = Origin::parse("https://app.example.com").unwrap();
        for same in ["app.example.com", "APP.example.com.", "app.example.com:443"] {
            assert_eq!(
                origin.canonical_host(same).as_deref(),
                Some("app.example.com"),
                "{same}"
            );
        }
        assert_ne!(
            origin.canonical_host("app.example.com:80").as_deref(),
            Some("app.example.com")
        );
        assert_eq!(origin.canonical_host("a b"), None);
    }
}
