//! `GET /.well-known/jwks.json`: the public keys that access tokens verify with (RFC 7517 §5).
//!
//! Every key of the ring is listed, also one that does not sign yet and one that does not sign any more.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;

use crate::service::Identity;

/// How long verifiers may keep the answer. A new key is added twice as long before it signs.
const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

#[utoipa::path(
    get,
    path = "/.well-known/jwks.json",
    responses((status = 200, description = "The keys; none with HS256. May be kept for 300 s.", body = serde_json::Value)),
)]
pub(crate) async fn jwks(State(identity): State<Arc<Identity>>) -> Response {
    let ring = identity.signer.current();
    let mut response = Json(ring.published()).into_response();
    response.headers_mut().insert(CACHE_CONTROL, CACHED);
    response
}
