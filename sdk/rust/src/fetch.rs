//! Fetches an issuer's keys: over TLS unless the host is this machine, without redirects, 5 s and 256 KiB at
//! most. Whoever could answer in the issuer's place could sign any token.

use std::net::IpAddr;
use std::time::Duration;

use async_trait::async_trait;
use cloakroom_jose::{Fetch, FetchError};
use reqwest::{Client, Url, redirect};
use rustls::crypto::{CryptoProvider, aws_lc_rs};

use crate::error::ConfigError;

/// From the first byte to connect until the last byte of the answer.
const DEADLINE: Duration = Duration::from_secs(5);

/// The largest answer.
const MAX_BODY: usize = 256 * 1024;

/// An HTTP client that fetches from one address.
#[derive(Clone, Debug)]
pub struct HttpFetch {
    client: Client,
}

impl HttpFetch {
    /// A client for `url`; refused unless that is https or a loopback host.
    pub fn for_url(url: &str) -> Result<Self, ConfigError> {
        let parsed = Url::parse(url).map_err(|_| ConfigError::NotAUrl(url.to_owned()))?;
        let plain = match parsed.scheme() {
            "https" => false,
            "http" if is_loopback(&parsed) => true,
            _ => return Err(ConfigError::Insecure(url.to_owned())),
        };
        let mut builder = Client::builder()
            .redirect(redirect::Policy::none())
            .timeout(DEADLINE);
        if plain {
            // No proxy knows our loopback, and without TLS no root certificates are needed.
            builder = builder.no_proxy().tls_certs_only([]);
        }
        // The client takes the process's crypto provider and panics if there is none.
        if CryptoProvider::get_default().is_none() {
            // Losing a race for it is as good as winning.
            let _ = aws_lc_rs::default_provider().install_default();
        }
        let client = builder
            .build()
            .map_err(|cause| ConfigError::Client(cause.to_string()))?;
        Ok(Self { client })
    }
}

#[async_trait]
impl Fetch for HttpFetch {
    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let mut response = self.client.get(url).send().await.map_err(unreachable)?;
        if response.status() != http::StatusCode::OK {
            return Err(FetchError::Status(response.status().as_u16()));
        }
        let mut body = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(unreachable)? {
            if body.len() + chunk.len() > MAX_BODY {
                return Err(FetchError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(body)
    }
}

fn unreachable(cause: reqwest::Error) -> FetchError {
    FetchError::Unreachable(cause.without_url().to_string())
}

/// `localhost` or an address that never leaves the machine.
fn is_loopback(url: &Url) -> bool {
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // TK-09
    #[test]
    fn keys_are_fetched_over_https_or_from_this_machine() {
        for url in [
            "http://localhost:8081/jwks.json",
            "http://127.0.0.1:8081/jwks.json",
            "http://127.9.9.9/jwks.json",
            "http://[::1]:8081/jwks.json",
        ] {
            assert!(HttpFetch::for_url(url).is_ok(), "{url}");
        }
        for url in [
            "http://id.example.com/jwks.json",
            "http://localhost.example.com/jwks.json",
            "http://127.0.0.1.example.com/jwks.json",
            "http://localhost@example.com/jwks.json",
            "http://10.0.0.1/jwks.json",
            "http://[::ffff:10.0.0.1]/jwks.json",
            "ftp://localhost/jwks.json",
            "file:///etc/passwd",
        ] {
            let refused = HttpFetch::for_url(url).unwrap_err();
            assert_eq!(refused, ConfigError::Insecure(url.to_owned()));
        }
        for url in ["", "/jwks.json", "id.example.com"] {
            let refused = HttpFetch::for_url(url).unwrap_err();
            assert_eq!(refused, ConfigError::NotAUrl(url.to_owned()));
        }
    }
}
