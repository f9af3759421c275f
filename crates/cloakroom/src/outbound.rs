//! Calls to providers, with reqwest.
//!
//! 1. No redirect is followed, no proxy of the environment is used, nothing is sent twice.
//! 2. An answer is cut off at its size limit while it arrives, and the whole call at its deadline.
//! 3. TLS is rustls on aws-lc, verified against the certificates of the machine.

use std::error::Error as _;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::{Bytes, BytesMut};
use cloakroom_core::ports::{Limits, Outbound, OutboundError};
use http::{Request, Response};
use reqwest::Client;
use reqwest::redirect::Policy;

/// Less than the five seconds after which the common servers close an idle connection.
const IDLE: Duration = Duration::from_secs(4);
const CONNECT: Duration = Duration::from_secs(5);

/// Calls over the network.
#[derive(Clone, Debug)]
pub(crate) struct HttpOutbound {
    client: Client,
}

impl HttpOutbound {
    /// Prepares a pool of connections; makes none.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        // reqwest asks for a process-wide provider; a second installation of the same one is harmless.
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let verified = Self::builder().build();
        let client = match verified {
            Ok(client) => client,
            Err(error) => {
                // A machine without a single certificate can still reach a provider over loopback.
                tracing::warn!(%error, "no certificates on this machine: https calls to providers will fail");
                Self::builder().tls_certs_only([]).build()?
            }
        };
        Ok(Self { client })
    }

    fn builder() -> reqwest::ClientBuilder {
        Client::builder()
            .redirect(Policy::none())
            .no_proxy()
            .referer(false)
            .retry(reqwest::retry::never())
            .connect_timeout(CONNECT)
            .pool_idle_timeout(IDLE)
            .tcp_nodelay(true)
    }

    async fn exchange(
        &self,
        request: Request<Bytes>,
        limit: usize,
        host: &Arc<str>,
    ) -> Result<Response<Bytes>, OutboundError> {
        let request = request.try_into().map_err(|error| failed(host, &error))?;
        let mut answer = self
            .client
            .execute(request)
            .await
            .map_err(|error| failed(host, &error))?;
        let too_large = || OutboundError::TooLarge {
            host: host.to_string(),
            limit,
        };
        if answer
            .content_length()
            .is_some_and(|length| length > limit as u64)
        {
            return Err(too_large());
        }
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| failed(host, &error))? {
            if body.len() + chunk.len() > limit {
                return Err(too_large());
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = std::mem::take(answer.headers_mut());
        Ok(response)
    }
}

#[async_trait]
impl Outbound for HttpOutbound {
    async fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, OutboundError> {
        let host = request
            .uri()
            .authority()
            .map_or("", |authority| authority.as_str());
        let host: Arc<str> = host.into();
        let exchange = self.exchange(request, limits.body, &host);
        match tokio::time::timeout(limits.deadline, exchange).await {
            Ok(result) => result,
            Err(_) => Err(OutboundError::Interrupted {
                host: host.to_string(),
                cause: format!("no answer within {} s", limits.deadline.as_secs()),
            }),
        }
    }
}

/// What the network said, without the URL: its query could hold a secret.
fn failed(host: &Arc<str>, error: &reqwest::Error) -> OutboundError {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    let host = host.to_string();
    let cause = cause.map_or_else(|| "the call failed".to_owned(), ToString::to_string);
    if error.is_connect() || error.is_builder() {
        OutboundError::Unreachable { host, cause }
    } else {
        OutboundError::Interrupted { host, cause }
    }
}

#[cfg(test)]
mod tests;
