//! Fetches the identity service's public keys through the port for outgoing calls.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use cloakroom_core::ports::{Limits, Outbound, OutboundError};
use cloakroom_jose::{Fetch, FetchError};
use http::{Request, StatusCode};

const LIMITS: Limits = Limits {
    body: 256 * 1024,
    deadline: Duration::from_secs(5),
};

/// The published keys of one service.
pub(super) struct PublishedKeys {
    outbound: Arc<dyn Outbound>,
}

impl PublishedKeys {
    pub(super) const fn new(outbound: Arc<dyn Outbound>) -> Self {
        Self { outbound }
    }
}

#[async_trait]
impl Fetch for PublishedKeys {
    async fn get(&self, url: &str) -> Result<Vec<u8>, FetchError> {
        let request = Request::get(url)
            .body(Bytes::new())
            .map_err(|cause| FetchError::Unreachable(cause.to_string()))?;
        let response = match self.outbound.call(request, LIMITS).await {
            Ok(response) => response,
            Err(OutboundError::TooLarge { .. }) => return Err(FetchError::TooLarge),
            Err(
                cause @ (OutboundError::Unreachable { .. } | OutboundError::Interrupted { .. }),
            ) => return Err(FetchError::Unreachable(cause.to_string())),
        };
        match response.status() {
            StatusCode::OK => Ok(response.into_body().to_vec()),
            status => Err(FetchError::Status(status.as_u16())),
        }
    }
}
