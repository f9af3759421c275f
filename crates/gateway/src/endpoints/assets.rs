//! `GET {base}/assets/…`: style sheets and icon of the pages, kept for ever under an address that names their
//! content.

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use http::header::CACHE_CONTROL;
use http::{HeaderValue, StatusCode};

use super::answer::text;
use super::ask::Ask;
use crate::pages::{asset, brand_stylesheet};
use crate::refusal::Refusal;

const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_AGAIN: HeaderValue = HeaderValue::from_static("no-cache");

/// An embedded file. Only the address with the right hash may be kept; any other is asked for each time.
pub(super) async fn file(
    name: Result<Path<String>, PathRejection>,
    ask: Ask,
) -> Result<Response, Refusal> {
    let asset = name
        .ok()
        .and_then(|Path(name)| asset(&name))
        .ok_or(Refusal::NotFound)?;
    let current = ask
        .query("v")
        .is_some_and(|version| version == asset.fingerprint);
    let mut response = text(StatusCode::OK, asset.media_type, asset.content.into_owned());
    response
        .headers_mut()
        .insert(CACHE_CONTROL, if current { FOR_EVER } else { ASK_AGAIN });
    Ok(response)
}

/// The brand's colour.
pub(super) async fn brand(ask: Ask) -> Result<Response, Refusal> {
    let sheet = brand_stylesheet(&ask.context().config.pages.brand).ok_or(Refusal::NotFound)?;
    let mut response = text(StatusCode::OK, "text/css; charset=utf-8", sheet);
    // Its address follows the colour, but the rules made of a colour may change with a version of ours.
    response.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("public, max-age=300"),
    );
    Ok(response)
}
