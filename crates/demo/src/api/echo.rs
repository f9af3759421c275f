//! `/api/echo`, any method: what arrived here after the gateway, so that people and tests can see it.
//!
//! Header names are told, header values are not: some of them are secrets. The body is counted as it streams
//! by and never kept, so a body of any size needs the same memory. No caller is required: what arrives for
//! nobody is worth seeing, too.

use axum::Json;
use axum::extract::Request;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http_body_util::BodyExt as _;
use serde::Serialize;

use super::error::ApiError;

#[derive(Serialize)]
pub(crate) struct Arrived {
    method: String,
    /// With the query.
    path: String,
    /// Names in lower case, in order; one that came twice is named twice.
    headers: Vec<String>,
    body_bytes: u64,
    /// `present` or `absent`.
    authorization: &'static str,
    user_id: Option<String>,
}

pub(crate) async fn echo(request: Request) -> Result<Json<Arrived>, ApiError> {
    let (head, body) = request.into_parts();
    let body_bytes = count(body)
        .await
        .map_err(|_| ApiError::BadRequest("The body broke off before its end."))?;
    Ok(Json(Arrived {
        method: head.method.to_string(),
        path: head
            .uri
            .path_and_query()
            .map(ToString::to_string)
            .unwrap_or_default(),
        headers: head
            .headers
            .iter()
            .map(|(name, _)| name.to_string())
            .collect(),
        body_bytes,
        authorization: if head.headers.contains_key(AUTHORIZATION) {
            "present"
        } else {
            "absent"
        },
        user_id: user_id(&head.headers),
    }))
}

async fn count(mut body: axum::body::Body) -> Result<u64, axum::Error> {
    let mut total = 0_u64;
    while let Some(frame) = body.frame().await {
        let length = frame?.data_ref().map_or(0, bytes::Bytes::len);
        total = total.saturating_add(u64::try_from(length).unwrap_or(u64::MAX));
    }
    Ok(total)
}

fn user_id(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("x-user-id")?;
    value.to_str().ok().map(str::to_owned)
}
