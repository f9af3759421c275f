//! `GET /assets/{name}`: the style sheet and the icon, embedded in the binary and cached for ever under an
//! address that carries their content's hash.

use axum::extract::{Path, Query};
use axum::response::{IntoResponse, Response};
use cloakroom_core::hex;
use http::StatusCode;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use rust_embed::{EmbeddedFile, RustEmbed};
use serde::Deserialize;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Files;

/// The addresses the pages use.
#[derive(Clone, Debug)]
pub(crate) struct AssetUrls {
    pub(crate) style: String,
    pub(crate) icon: String,
}

impl AssetUrls {
    /// Addresses of the content as it is now.
    pub(crate) fn current() -> Self {
        let url = |name: &str| match Files::get(name) {
            Some(file) => format!("/assets/{name}?v={}", fingerprint(&file)),
            None => format!("/assets/{name}"),
        };
        Self {
            style: url("app.css"),
            icon: url("icon.svg"),
        }
    }
}

#[derive(Deserialize)]
pub(crate) struct Fingerprint {
    v: Option<String>,
}

/// Only an address with the right hash may be kept for ever; any other is asked for again each time.
pub(crate) async fn asset(Path(name): Path<String>, Query(asked): Query<Fingerprint>) -> Response {
    let (Some(file), Some(media_type)) = (Files::get(&name), media_type(&name)) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let cache = if asked.v.is_some_and(|v| v == fingerprint(&file)) {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    let headers = [
        (CONTENT_TYPE, media_type),
        (CACHE_CONTROL, cache),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, file.data.into_owned()).into_response()
}

fn fingerprint(file: &EmbeddedFile) -> String {
    let digest = file.metadata.sha256_hash();
    hex::encode(digest.first_chunk::<8>().unwrap_or(&[0; 8]))
}

fn media_type(name: &str) -> Option<&'static str> {
    match name.rsplit_once('.')?.1 {
        "css" => Some("text/css; charset=utf-8"),
        "svg" => Some("image/svg+xml"),
        _ => None,
    }
}
