//! The one place where an API error becomes an answer: `{"error","message"}`, and `"fields"` where some are
//! wrong. Who may call is not decided here: those refusals are `cloakroom-axum`'s, of the same shape.

use axum::Json;
use axum::response::{IntoResponse, Response};
use cloakroom_core::ErrorCode;
use http::StatusCode;
use serde::Serialize;

use crate::goals::{FieldErrors, GoalFileError};

/// What went wrong with a call.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The request cannot be read; the text says what was expected.
    BadRequest(&'static str),
    /// It can be read, and fields of it are wrong.
    InvalidFields(FieldErrors),
    /// The body is no JSON.
    UnsupportedMediaType,
    /// The body is too large.
    BodyTooLarge,
    /// There is no such thing, or it is somebody else's: the answer does not tell which.
    NotFound,
    /// The path exists, the method does not.
    MethodNotAllowed,
    /// The goals file did not take the change; nothing has changed.
    Store(GoalFileError),
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    message: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fields: Option<FieldErrors>,
}

impl From<GoalFileError> for ApiError {
    fn from(cause: GoalFileError) -> Self {
        Self::Store(cause)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut fields = None;
        let (code, message) = match self {
            Self::BadRequest(message) => (ErrorCode::BadRequest, message),
            Self::InvalidFields(errors) => {
                fields = Some(errors);
                (ErrorCode::InvalidFields, "Some fields need another look.")
            }
            Self::UnsupportedMediaType => (
                ErrorCode::UnsupportedMediaType,
                "Send JSON, with Content-Type: application/json.",
            ),
            Self::BodyTooLarge => (ErrorCode::BodyTooLarge, "The body is too large."),
            Self::NotFound => (ErrorCode::NotFound, "There is no such thing here."),
            Self::MethodNotAllowed => (
                ErrorCode::MethodNotAllowed,
                "This address does not take that method.",
            ),
            Self::Store(cause) => {
                tracing::error!(
                    cause = &cause as &dyn std::error::Error,
                    "goals were not saved"
                );
                (
                    ErrorCode::StoreUnavailable,
                    "Your goals cannot be saved right now.",
                )
            }
        };
        let status =
            StatusCode::from_u16(code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let body = Body {
            error: code.as_str(),
            message,
            fields,
        };
        (status, Json(body)).into_response()
    }
}
