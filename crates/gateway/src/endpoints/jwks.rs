//! `GET {base}/jwks.json`: the keys that verify our assertions (RFC 7517). Public, and the same for everybody.

use axum::response::Response;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};

use super::answer::text;
use super::ask::Ask;

/// Shows the key set.
pub(super) async fn show(ask: Ask) -> Response {
    let keys = ask.context().assertions.jwks_json();
    let mut response = text(StatusCode::OK, "application/jwk-set+json", keys);
    response.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    response
}
