//! A form as a request's body, refused with the page that says what is wrong with it.

use axum::extract::{Form, FromRequest, Request};
use axum::response::IntoResponse;
use http::StatusCode;
use serde::de::DeserializeOwned;

use super::problem::PageError;

/// The fields of the form, not yet judged.
pub(super) struct FormBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for FormBody<T> {
    type Rejection = PageError;

    async fn from_request(request: Request, state: &S) -> Result<Self, PageError> {
        match Form::from_request(request, state).await {
            Ok(Form(fields)) => Ok(Self(fields)),
            Err(refused) => Err(match refused.into_response().status() {
                StatusCode::PAYLOAD_TOO_LARGE => PageError::BodyTooLarge,
                StatusCode::UNSUPPORTED_MEDIA_TYPE => PageError::UnsupportedMediaType,
                _ => PageError::BadRequest,
            }),
        }
    }
}
