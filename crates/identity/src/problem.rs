//! The one place that turns a refusal into an answer: FastAPI's shape, `{"detail": …, "code": …}`.
//!
//! 1. Each endpoint's error enum is matched here, variant by variant: a new way to fail does not compile until
//!    somebody has said what the client is told.
//! 2. What the client is told is generic (AU-05). Trouble of our own is logged here, once, with its cause.
//! 3. 401 says how to authenticate (RFC 9110 §15.5.2), 429 and 503 say when to come back.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use cloakroom_core::ports::StoreError;
use cloakroom_core::user::UniqueField;
use http::header::{RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use crate::attempts::TooMany;
use crate::bearer::BearerError;
use crate::caller::InvalidClient;
use crate::credentials::CredentialError;
use crate::endpoints::change_password::ChangePasswordError;
use crate::endpoints::change_user::ChangeUserError;
use crate::endpoints::delete_user::DeleteUserError;
use crate::endpoints::introspect::IntrospectError;
use crate::endpoints::login::LoginError;
use crate::endpoints::logout::LogoutError;
use crate::endpoints::me::MeError;
use crate::endpoints::read_user::ReadUserError;
use crate::endpoints::refresh::RefreshError;
use crate::endpoints::register::RegisterError;
use crate::endpoints::revoke::RevokeError;
use crate::fields::{BodyError, Invalid, WrongField};
use crate::grant::{BeginError, RenewError};
use crate::password::Busy;

macro_rules! codes {
    ($($variant:ident = $code:literal, $status:ident, $text:literal;)+) => {
        /// The stable codes of this service's answers.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Code { $($variant),+ }

        impl Code {
            const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            const fn status(self) -> StatusCode {
                match self { $(Self::$variant => StatusCode::$status),+ }
            }

            const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text),+ }
            }
        }
    };
}

codes! {
    InvalidScope = "invalid_scope", BAD_REQUEST, "The scope is wider than what was granted.";
    InvalidCredentials = "invalid_credentials", UNAUTHORIZED, "User name or password is wrong.";
    Unauthenticated = "unauthenticated", UNAUTHORIZED, "A valid access token is needed.";
    InvalidClient = "invalid_client", UNAUTHORIZED, "The client's credential is wrong or missing.";
    InvalidGrant = "invalid_grant", UNAUTHORIZED, "The refresh token is not valid.";
    Revoked = "revoked", UNAUTHORIZED, "This login was ended.";
    Unknown = "unknown", UNAUTHORIZED, "This refresh token was never issued.";
    WrongPassword = "wrong_password", FORBIDDEN, "The current password is wrong.";
    NotFound = "not_found", NOT_FOUND, "There is nothing here.";
    MethodNotAllowed = "method_not_allowed", METHOD_NOT_ALLOWED, "This method is not supported here.";
    Stale = "stale", CONFLICT, "A newer refresh token of this login is in use.";
    UsernameTaken = "username_taken", CONFLICT, "This user name is taken.";
    EmailTaken = "email_taken", CONFLICT, "This e-mail address is taken.";
    BodyTooLarge = "body_too_large", PAYLOAD_TOO_LARGE, "The body is too large.";
    UnsupportedMediaType = "unsupported_media_type", UNSUPPORTED_MEDIA_TYPE, "The media type is not supported here.";
    InvalidFields = "invalid_fields", UNPROCESSABLE_ENTITY, "The body cannot be read.";
    RateLimited = "rate_limited", TOO_MANY_REQUESTS, "Too many attempts. Try again later.";
    Internal = "internal", INTERNAL_SERVER_ERROR, "Something went wrong.";
    StoreUnavailable = "store_unavailable", SERVICE_UNAVAILABLE, "The store cannot be reached.";
    Overloaded = "overloaded", SERVICE_UNAVAILABLE, "The service is busy. Try again in a moment.";
}

/// A refusal on its way to the client.
#[derive(Debug)]
pub(crate) struct Problem {
    code: Code,
    fields: Vec<WrongField>,
    retry_after: Option<Duration>,
}

/// The body of every refusal.
#[derive(Serialize, ToSchema)]
pub(crate) struct ProblemBody {
    /// A sentence, or with `invalid_fields` the list of wrong fields.
    detail: Detail,
    /// The stable code.
    code: &'static str,
}

/// What is wrong, in words or field by field.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
enum Detail {
    Text(&'static str),
    Fields(Vec<WrongField>),
}

impl Problem {
    fn after(code: Code, retry_after: Duration) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..Self::from(code)
        }
    }
}

impl From<Code> for Problem {
    fn from(code: Code) -> Self {
        Self {
            code,
            fields: Vec::new(),
            retry_after: None,
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let detail = if self.fields.is_empty() {
            Detail::Text(self.code.text())
        } else {
            Detail::Fields(self.fields)
        };
        let code = self.code.as_str();
        let mut response = (self.code.status(), Json(ProblemBody { detail, code })).into_response();
        let headers = response.headers_mut();
        if self.code.status() == StatusCode::UNAUTHORIZED {
            let challenge = match self.code {
                Code::InvalidClient => HeaderValue::from_static("Basic realm=\"cloakroom\""),
                _ => HeaderValue::from_static("Bearer"),
            };
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if let Some(after) = self.retry_after {
            // Rounded up: whoever comes back on time is let in.
            let seconds = after.as_secs() + u64::from(after.subsec_nanos() > 0);
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        response
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        tracing::error!(%error, "the identity store failed");
        match error {
            StoreError::Overloaded => Self::after(Code::Overloaded, Duration::from_secs(1)),
            StoreError::Unavailable(_) => {
                Self::after(Code::StoreUnavailable, Duration::from_secs(2))
            }
            StoreError::Inconsistent { .. } => Code::Internal.into(),
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        match error {
            BodyError::MediaType => Code::UnsupportedMediaType.into(),
            BodyError::TooLarge => Code::BodyTooLarge.into(),
            BodyError::Malformed => Code::InvalidFields.into(),
        }
    }
}

impl From<Invalid> for Problem {
    fn from(Invalid(fields): Invalid) -> Self {
        Self {
            fields,
            ..Self::from(Code::InvalidFields)
        }
    }
}

impl From<InvalidClient> for Problem {
    fn from(InvalidClient: InvalidClient) -> Self {
        Code::InvalidClient.into()
    }
}

impl From<TooMany> for Problem {
    fn from(TooMany { retry_after }: TooMany) -> Self {
        Self::after(Code::RateLimited, retry_after)
    }
}

impl From<Busy> for Problem {
    fn from(Busy: Busy) -> Self {
        Self::after(Code::Overloaded, Duration::from_secs(1))
    }
}

impl From<BearerError> for Problem {
    fn from(error: BearerError) -> Self {
        match error {
            BearerError::Unauthenticated => Code::Unauthenticated.into(),
            BearerError::Store(error) => error.into(),
        }
    }
}

/// A wrong password is named by the endpoint: at login it is `wrong`, in the account it is another code.
fn credentials(error: CredentialError, wrong: Code) -> Problem {
    match error {
        CredentialError::Wrong => wrong.into(),
        CredentialError::TooMany(error) => error.into(),
        CredentialError::Busy(error) => error.into(),
        CredentialError::Store(error) => error.into(),
    }
}

fn signing(error: cloakroom_jose::SignError) -> Problem {
    tracing::error!(%error, "an access token could not be signed");
    Code::Internal.into()
}

const fn taken(field: UniqueField) -> Code {
    match field {
        UniqueField::Username => Code::UsernameTaken,
        UniqueField::Email => Code::EmailTaken,
    }
}

impl From<LoginError> for Problem {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Client(error) => error.into(),
            LoginError::Body(error) => error.into(),
            LoginError::Fields(error) => error.into(),
            LoginError::Store(error) | LoginError::Begin(BeginError::Store(error)) => error.into(),
            LoginError::Credentials(error) => credentials(error, Code::InvalidCredentials),
            LoginError::Begin(BeginError::Refused) => Code::InvalidCredentials.into(),
            LoginError::Begin(BeginError::Sign(error)) => signing(error),
        }
    }
}

impl From<RefreshError> for Problem {
    fn from(error: RefreshError) -> Self {
        match error {
            RefreshError::Client(error) => error.into(),
            RefreshError::Body(error) => error.into(),
            RefreshError::Fields(error) => error.into(),
            RefreshError::NoToken => Code::InvalidGrant.into(),
            RefreshError::Renew(error) => match error {
                RenewError::Malformed
                | RenewError::Expired
                | RenewError::Reused(_)
                | RenewError::Lost
                | RenewError::Unknown { told: false } => Code::InvalidGrant.into(),
                RenewError::Unknown { told: true } => Code::Unknown.into(),
                RenewError::Revoked => Code::Revoked.into(),
                RenewError::Stale => Code::Stale.into(),
                RenewError::ScopeWidened => Code::InvalidScope.into(),
                RenewError::Store(error) => error.into(),
                RenewError::Sign(error) => signing(error),
            },
        }
    }
}

impl From<LogoutError> for Problem {
    fn from(error: LogoutError) -> Self {
        match error {
            LogoutError::Client(error) => error.into(),
            LogoutError::Body(error) => error.into(),
            LogoutError::Fields(error) => error.into(),
            LogoutError::Store(error) => error.into(),
        }
    }
}

impl From<RegisterError> for Problem {
    fn from(error: RegisterError) -> Self {
        match error {
            RegisterError::Client(error) => error.into(),
            RegisterError::Body(error) => error.into(),
            RegisterError::Fields(error) => error.into(),
            RegisterError::TooMany(error) => error.into(),
            RegisterError::Busy(error) => error.into(),
            RegisterError::Taken(field) => taken(field).into(),
            RegisterError::Store(error) => error.into(),
        }
    }
}

impl From<MeError> for Problem {
    fn from(MeError::Bearer(error): MeError) -> Self {
        error.into()
    }
}

impl From<ReadUserError> for Problem {
    fn from(error: ReadUserError) -> Self {
        match error {
            ReadUserError::Bearer(error) => error.into(),
            ReadUserError::Absent => Code::NotFound.into(),
            ReadUserError::Store(error) => error.into(),
        }
    }
}

impl From<ChangeUserError> for Problem {
    fn from(error: ChangeUserError) -> Self {
        match error {
            ChangeUserError::Bearer(error) => error.into(),
            ChangeUserError::Body(error) => error.into(),
            ChangeUserError::Fields(error) => error.into(),
            ChangeUserError::NotYours => Code::NotFound.into(),
            ChangeUserError::TooMany(error) => error.into(),
            ChangeUserError::Taken(field) => taken(field).into(),
            ChangeUserError::Store(error) => error.into(),
        }
    }
}

impl From<DeleteUserError> for Problem {
    fn from(error: DeleteUserError) -> Self {
        match error {
            DeleteUserError::Client(error) => error.into(),
            DeleteUserError::Bearer(error) => error.into(),
            DeleteUserError::NotYours => Code::NotFound.into(),
            DeleteUserError::Store(error) => error.into(),
        }
    }
}

impl From<ChangePasswordError> for Problem {
    fn from(error: ChangePasswordError) -> Self {
        match error {
            ChangePasswordError::Client(error) => error.into(),
            ChangePasswordError::Bearer(error) => error.into(),
            ChangePasswordError::Body(error) => error.into(),
            ChangePasswordError::Fields(error) => error.into(),
            ChangePasswordError::Credentials(error) => credentials(error, Code::WrongPassword),
            ChangePasswordError::Busy(error) => error.into(),
            ChangePasswordError::Gone => Code::Unauthenticated.into(),
            ChangePasswordError::Store(error) => error.into(),
        }
    }
}

impl From<RevokeError> for Problem {
    fn from(error: RevokeError) -> Self {
        match error {
            RevokeError::Client(error) => error.into(),
            RevokeError::Body(error) => error.into(),
            RevokeError::Fields(error) => error.into(),
            RevokeError::Store(error) => error.into(),
        }
    }
}

impl From<IntrospectError> for Problem {
    fn from(error: IntrospectError) -> Self {
        match error {
            IntrospectError::Client(error) => error.into(),
            IntrospectError::Body(error) => error.into(),
            IntrospectError::Fields(error) => error.into(),
            IntrospectError::Store(error) => error.into(),
        }
    }
}
