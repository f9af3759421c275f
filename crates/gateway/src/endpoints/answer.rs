//! The few shapes of an answer, and how a refusal travels to the pipeline.

use askama::Template;
use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, LOCATION, RETRY_AFTER};
use http::{HeaderValue, StatusCode};
use serde_json::Value;

use crate::pages;
use crate::refusal::Refusal;
use crate::session::SessionChange;

/// An empty answer that carries the refusal; the pipeline puts a body to it. Whoever is told why their session
/// has ended loses its cookie too.
impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let mut response = bare(status(&self));
        if let Self::Unauthenticated(Some(_)) = self {
            response.extensions_mut().insert(SessionChange::End);
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// A page.
pub(super) fn html(status: StatusCode, page: &impl Template) -> Result<Response, Refusal> {
    Ok(text(
        status,
        "text/html; charset=utf-8",
        pages::render(page)?,
    ))
}

/// The page of a form that was refused, with the refusal's own status.
pub(super) fn refused(refusal: &Refusal, page: &impl Template) -> Result<Response, Refusal> {
    let mut response = html(status(refusal), page)?;
    // For the access line, which would else call a page with an error a success.
    response.extensions_mut().insert(refusal.code());
    if let Some(wait) = refusal.retry_after() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
    }
    Ok(response)
}

/// JSON.
pub(super) fn json(status: StatusCode, value: &Value) -> Response {
    text(status, "application/json", value.to_string())
}

/// Nothing to say.
pub(super) fn no_content() -> Response {
    bare(StatusCode::NO_CONTENT)
}

/// On to another page, by GET: 303 keeps a browser from sending the form once more (LG-10).
pub(super) fn see_other(location: &str) -> Result<Response, Refusal> {
    let mut response = bare(StatusCode::SEE_OTHER);
    let location = HeaderValue::from_str(location).map_err(|_| Refusal::Internal)?;
    response.headers_mut().insert(LOCATION, location);
    Ok(response)
}

/// The same answer, with word of what became of the session.
pub(super) fn changing(mut response: Response, change: SessionChange) -> Response {
    response.extensions_mut().insert(change);
    response
}

/// A body of a fixed media type.
pub(super) fn text(
    status: StatusCode,
    media_type: &'static str,
    body: impl Into<Body>,
) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
}

fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

fn status(refusal: &Refusal) -> StatusCode {
    StatusCode::from_u16(refusal.code().status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
