//! Why a request is refused, and the one place that turns that into an answer.

use axum::Json;
use axum::response::{IntoResponse, Response};
use cloakroom_jose::VerifyError;
use http::{HeaderValue, StatusCode, header};
use serde::Serialize;

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// It came without a token, and one is needed.
    #[error("You are not logged in.")]
    Unauthenticated,
    /// It has the header that a token belongs in, but more than once or not in its form.
    #[error("The credentials are malformed.")]
    Malformed,
    /// Its token was not believed, or could not be judged.
    #[error("The token is not accepted: {0}.")]
    Token(#[from] VerifyError),
    /// The user has none of the roles that are needed.
    #[error("You do not have the role that this needs.")]
    Forbidden,
    /// The router lacks the layer that verifies tokens: a mistake of the server's author.
    #[error("The server is misconfigured.")]
    MissingLayer,
}

/// What a client is told.
#[derive(Serialize)]
struct Body {
    error: &'static str,
    message: String,
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        // RFC 6750 §3.1: without credentials, no error code in the challenge.
        let (status, error, extra) = match self {
            Self::Unauthenticated => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                Some((header::WWW_AUTHENTICATE, "Bearer")),
            ),
            Self::Malformed => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                Some((
                    header::WWW_AUTHENTICATE,
                    r#"Bearer error="invalid_request""#,
                )),
            ),
            Self::Token(cause) if cause.is_transient() => (
                StatusCode::SERVICE_UNAVAILABLE,
                cause.code(),
                Some((header::RETRY_AFTER, "1")),
            ),
            Self::Token(_) => (
                StatusCode::UNAUTHORIZED,
                "unauthenticated",
                Some((header::WWW_AUTHENTICATE, r#"Bearer error="invalid_token""#)),
            ),
            Self::Forbidden => (StatusCode::FORBIDDEN, "forbidden", None),
            Self::MissingLayer => (StatusCode::INTERNAL_SERVER_ERROR, "misconfigured", None),
        };
        let message = self.to_string();
        let mut response = (status, Json(Body { error, message })).into_response();
        if let Some((name, value)) = extra {
            let headers = response.headers_mut();
            headers.insert(name, HeaderValue::from_static(value));
        }
        response
    }
}

/// Why an issuer cannot be trusted as configured.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// The address of the keys is no absolute URL.
    #[error("the address of the keys is not a URL: {0}")]
    NotAUrl(String),
    /// Keys fetched without TLS could be anybody's.
    #[error("the keys must be fetched over https, or from a loopback host: {0}")]
    Insecure(String),
    /// The HTTP client could not be made, such as where the system has no root certificates.
    #[error("no HTTP client: {0}")]
    Client(String),
}
