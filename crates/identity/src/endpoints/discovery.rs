//! `GET /.well-known/openid-configuration`: where to find what (OpenID Connect Discovery §3, RFC 8414 §2).
//!
//! Only what is there is named: this service has no authorization and no token endpoint, its login is first-party.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderValue;
use http::header::CACHE_CONTROL;
use serde::Serialize;
use utoipa::ToSchema;

use crate::service::Identity;

const CACHED: HeaderValue = HeaderValue::from_static("public, max-age=300");

/// The service's description of itself.
#[derive(Serialize, ToSchema)]
pub(crate) struct Discovery<'a> {
    /// `iss` of every token.
    issuer: &'a str,
    jwks_uri: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    response_types_supported: [&'static str; 0],
    subject_types_supported: [&'static str; 1],
    id_token_signing_alg_values_supported: [&'static str; 1],
    revocation_endpoint_auth_methods_supported: [&'static str; 1],
    introspection_endpoint_auth_methods_supported: [&'static str; 1],
    claims_supported: [&'static str; 12],
}

#[utoipa::path(
    get,
    path = "/.well-known/openid-configuration",
    responses((status = 200, description = "The description. May be kept for 300 s.", body = Discovery)),
)]
pub(crate) async fn discovery(State(identity): State<Arc<Identity>>) -> Response {
    let config = &identity.config;
    let issuer = config.issuer.as_str();
    let document = Discovery {
        issuer,
        jwks_uri: format!("{issuer}/.well-known/jwks.json"),
        revocation_endpoint: format!("{issuer}/oauth2/revoke"),
        introspection_endpoint: format!("{issuer}/oauth2/introspect"),
        response_types_supported: [],
        subject_types_supported: ["public"],
        id_token_signing_alg_values_supported: [config.algorithm.as_str()],
        revocation_endpoint_auth_methods_supported: ["client_secret_basic"],
        introspection_endpoint_auth_methods_supported: ["client_secret_basic"],
        claims_supported: [
            "iss", "sub", "aud", "sid", "jti", "iat", "exp", "roles", "tier", "name", "email",
            "username",
        ],
    };
    let mut response = Json(document).into_response();
    response.headers_mut().insert(CACHE_CONTROL, CACHED);
    response
}
