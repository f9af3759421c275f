//! The port for one bounded HTTP call to somebody we know by configuration.

use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

/// Bounds of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// The largest answer body, in bytes; more is [`OutboundError::TooLarge`].
    pub body: usize,
    /// From the first byte to connect until the last byte of the answer.
    pub deadline: Duration,
}

/// Sends one request and reads the whole answer. Follows no redirect, keeps no cookies, retries nothing.
#[async_trait]
pub trait Outbound: Send + Sync {
    /// `request` has an absolute URI. Any status is an answer, not an error.
    async fn call(
        &self,
        request: http::Request<Bytes>,
        limits: Limits,
    ) -> Result<http::Response<Bytes>, OutboundError>;
}

/// Why there is no answer. Texts never contain a body or a header.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OutboundError {
    /// No connection was made: the request was certainly not received.
    #[error("cannot reach {host}: {cause}")]
    Unreachable {
        /// Host and port.
        host: String,
        /// What the network said.
        cause: String,
    },
    /// The request may have been received, but the answer did not arrive in time or in one piece.
    #[error("no answer from {host}: {cause}")]
    Interrupted {
        /// Host and port.
        host: String,
        /// What the network said.
        cause: String,
    },
    /// The answer is larger than the limit.
    #[error("the answer of {host} is larger than {limit} bytes")]
    TooLarge {
        /// Host and port.
        host: String,
        /// The limit.
        limit: usize,
    },
}
