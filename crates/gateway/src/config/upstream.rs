//! Whom requests are forwarded to.

use super::Origin;

/// An application or API behind the gateway.
#[derive(Clone, Debug)]
pub struct Upstream {
    /// Its name in the configuration and in metrics.
    pub name: String,
    /// Where it listens.
    pub url: UpstreamUrl,
}

/// The address of an upstream: plain http, with an optional path that is kept in front of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpstreamUrl {
    host: String,
    port: u16,
    prefix: String,
}

/// Why a text is no upstream address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UpstreamUrlError {
    /// It does not begin with `http://`.
    #[error("must begin with http:// (TLS to an upstream is not supported by this version)")]
    Scheme,
    /// There is a query, a fragment or a user in it.
    #[error("must be host, port and at most a path, such as http://localhost:8000/api")]
    NotAnAddress,
    /// The host or the port is not valid.
    #[error("the host or the port is not valid")]
    Host,
}

impl UpstreamUrl {
    /// Reads an upstream address.
    pub fn parse(text: &str) -> Result<Self, UpstreamUrlError> {
        let rest = text
            .strip_prefix("http://")
            .ok_or(UpstreamUrlError::Scheme)?;
        if rest.contains(['?', '#', '@', '\\']) {
            return Err(UpstreamUrlError::NotAnAddress);
        }
        let (authority, path) = rest
            .find('/')
            .map_or((rest, ""), |slash| rest.split_at(slash));
        // Read as an https origin: the rule that plain http is for loopback does not hold for upstreams,
        // which live in a private network.
        let origin =
            Origin::parse(&format!("https://{authority}")).map_err(|_| UpstreamUrlError::Host)?;
        let names_port = authority.ends_with(&format!(":{}", origin.port()));
        Ok(Self {
            host: origin
                .host()
                .trim_start_matches('[')
                .trim_end_matches(']')
                .to_owned(),
            port: if names_port { origin.port() } else { 80 },
            prefix: path.trim_end_matches('/').to_owned(),
        })
    }

    /// The host name or address, without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// The path that is put in front of every request's, without a slash at its end; often empty.
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upstream_address_has_a_host_a_port_and_maybe_a_path() {
        let url = UpstreamUrl::parse("http://localhost:5000/api/").unwrap();
        assert_eq!(
            (url.host(), url.port(), url.prefix()),
            ("localhost", 5000, "/api")
        );
        let url = UpstreamUrl::parse("http://[::1]:443").unwrap();
        assert_eq!((url.host(), url.port(), url.prefix()), ("::1", 443, ""));
        assert_eq!(UpstreamUrl::parse("http://api").unwrap().port(), 80);
    }

    #[test]
    fn anything_else_is_refused() {
        for bad in [
            "localhost:3000",
            "ftp://x",
            "http://",
            "http://a@b",
            "http://a/?q",
            "http://a:x",
        ] {
            assert!(UpstreamUrl::parse(bad).is_err(), "{bad}");
        }
    }
}
