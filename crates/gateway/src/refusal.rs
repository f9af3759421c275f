//! Every way in which the gateway says no, and the one place that turns them into HTTP.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::time::Duration;

use cloakroom_core::{EndReason, ErrorCode};
use http::HeaderValue;

/// Why a request is refused. A handler returns it; the pipeline renders it for the kind of request it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The request is malformed; the text says how, without repeating what was sent.
    BadRequest(&'static str),
    /// The path could mean two things.
    BadPath,
    /// The path is spelled in a second way; this is the first.
    Respell(String),
    /// `Host` names a site that is not served here.
    UnknownHost,
    /// The request target is longer than is accepted.
    TargetTooLong,
    /// The headers together are larger than is accepted.
    HeadersTooLarge,
    /// No rule covers the path.
    NoRoute,
    /// Our own path, but there is no such thing (any more).
    NotFound,
    /// The rule does not know the method; those it knows, as `Allow` names them (RFC 9110 §15.5.6).
    MethodNotAllowed(HeaderValue),
    /// There is no live session; the reason is told where the cookie's secret was right.
    Unauthenticated(Option<EndReason>),
    /// Wrong name or password.
    InvalidCredentials,
    /// The session lacks the role.
    Forbidden,
    /// The request did not prove that it comes from this site.
    Csrf(CsrfMissing),
    /// The user name is somebody else's.
    UsernameTaken,
    /// The e-mail address is somebody else's.
    EmailTaken,
    /// Fields of a form are wrong: name to sentence.
    InvalidFields(BTreeMap<String, String>),
    /// The body is larger than the rule allows.
    BodyTooLarge,
    /// The body is of a kind that the endpoint does not read.
    UnsupportedMediaType,
    /// Too many attempts.
    RateLimited(Duration),
    /// The session store cannot be asked.
    StoreUnavailable,
    /// The token has expired and cannot be renewed now.
    RefreshUnavailable,
    /// The provider cannot be asked, or cannot answer, now.
    ProviderUnavailable,
    /// The upstream cannot be reached; its name in the configuration.
    UpstreamUnavailable(String),
    /// The upstream did not answer in time.
    UpstreamTimeout(String),
    /// Upstream or provider answered nonsense.
    BadUpstream(String),
    /// A fault of our own.
    Internal,
}

/// What a refused request lacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CsrfMissing {
    /// It came from elsewhere, or did not say where from.
    Origin,
    /// It has the origin, but not the header that no form can send.
    Header,
    /// It is a form whose token does not belong to this session.
    Token,
}

impl CsrfMissing {
    /// The stable word in the answer's field `missing`.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Origin => "origin",
            Self::Header => "header",
            Self::Token => "token",
        }
    }

    /// What to do about it.
    pub(crate) const fn hint(self) -> &'static str {
        match self {
            Self::Origin => {
                "Send the request from a page of this site, or, from a tool that is no browser, with the header X-Requested-With."
            }
            Self::Header => {
                "Send X-Requested-With, X-CSRF-Token or a JSON body (Content-Type: application/json)."
            }
            Self::Token => {
                "The form is older than your session. Open the page again and send it once more."
            }
        }
    }
}

impl Refusal {
    /// The stable code.
    pub(crate) const fn code(&self) -> ErrorCode {
        match self {
            Self::BadRequest(_) => ErrorCode::BadRequest,
            Self::BadPath | Self::Respell(_) => ErrorCode::BadPath,
            Self::UnknownHost => ErrorCode::UnknownHost,
            Self::TargetTooLong => ErrorCode::TargetTooLong,
            Self::HeadersTooLarge => ErrorCode::HeadersTooLarge,
            Self::NoRoute => ErrorCode::NoRoute,
            Self::NotFound => ErrorCode::NotFound,
            Self::MethodNotAllowed(_) => ErrorCode::MethodNotAllowed,
            Self::Unauthenticated(_) => ErrorCode::Unauthenticated,
            Self::InvalidCredentials => ErrorCode::InvalidCredentials,
            Self::Forbidden => ErrorCode::Forbidden,
            Self::Csrf(_) => ErrorCode::Csrf,
            Self::UsernameTaken => ErrorCode::UsernameTaken,
            Self::EmailTaken => ErrorCode::EmailTaken,
            Self::InvalidFields(_) => ErrorCode::InvalidFields,
            Self::BodyTooLarge => ErrorCode::BodyTooLarge,
            Self::UnsupportedMediaType => ErrorCode::UnsupportedMediaType,
            Self::RateLimited(_) => ErrorCode::RateLimited,
            Self::StoreUnavailable => ErrorCode::StoreUnavailable,
            Self::RefreshUnavailable => ErrorCode::RefreshUnavailable,
            Self::ProviderUnavailable | Self::UpstreamUnavailable(_) => {
                ErrorCode::UpstreamUnavailable
            }
            Self::UpstreamTimeout(_) => ErrorCode::UpstreamTimeout,
            Self::BadUpstream(_) => ErrorCode::BadUpstream,
            Self::Internal => ErrorCode::Internal,
        }
    }

    /// How long to wait before trying again, in the header `Retry-After`.
    pub(crate) const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited(wait) => Some(*wait),
            Self::StoreUnavailable
            | Self::RefreshUnavailable
            | Self::ProviderUnavailable
            | Self::UpstreamUnavailable(_) => Some(Duration::from_secs(5)),
            _ => None,
        }
    }

    /// The sentence for whoever reads the answer: what happened and what to do.
    pub(crate) fn message(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::BadRequest(what) => what,
            Self::BadPath => {
                "The path is not in canonical form: no dot or empty segments, no encoded slashes, nothing encoded that need not be."
            }
            Self::Respell(_) => "The path is spelled in another way than it is known by.",
            Self::UnknownHost => {
                "This site is not served here. Check the address, or add it to server.hosts."
            }
            Self::TargetTooLong => "The address is longer than is accepted.",
            Self::HeadersTooLarge => {
                "The request's headers are larger than is accepted. Deleting this site's cookies may help."
            }
            Self::NoRoute => {
                "No route covers this path. Add one to the configuration if there should be."
            }
            Self::NotFound => "There is nothing here.",
            Self::MethodNotAllowed(_) => "This path does not know that method.",
            Self::Unauthenticated(None) => "You are not logged in. Log in and try again.",
            Self::Unauthenticated(Some(reason)) => told(*reason),
            Self::InvalidCredentials => "The name or the password is wrong.",
            Self::Forbidden => "Your account may not do this.",
            Self::Csrf(CsrfMissing::Token) => CsrfMissing::Token.hint(),
            Self::Csrf(_) => "This request did not prove that a page of this site sent it.",
            Self::UsernameTaken => "This user name is taken. Choose another one.",
            Self::EmailTaken => {
                "There is an account with this e-mail address already. Log in instead."
            }
            Self::InvalidFields(_) => "Some fields need another look.",
            Self::BodyTooLarge => "The request is larger than this path accepts.",
            Self::UnsupportedMediaType => "This path does not read that kind of body.",
            Self::RateLimited(_) => "Too many attempts. Wait a moment and try again.",
            Self::StoreUnavailable => {
                "Your session cannot be looked up right now. You are still logged in; try again in a moment."
            }
            Self::RefreshUnavailable => {
                "Your session cannot be renewed right now. You are still logged in; try again in a moment."
            }
            Self::ProviderUnavailable => {
                "The login service cannot be reached right now. Try again in a moment."
            }
            Self::UpstreamUnavailable(name) => {
                return Cow::Owned(format!(
                    "The application \"{name}\" cannot be reached. It may be starting; try again in a moment."
                ));
            }
            Self::UpstreamTimeout(name) => {
                return Cow::Owned(format!(
                    "The application \"{name}\" took too long to answer."
                ));
            }
            Self::BadUpstream(name) => {
                return Cow::Owned(format!(
                    "The answer of \"{name}\" could not be understood. The log has the cause."
                ));
            }
            Self::Internal => {
                "Something went wrong here. The log has the cause under this request's id."
            }
        })
    }
}

/// What the owner of an ended session is told.
pub(crate) const fn told(reason: EndReason) -> &'static str {
    match reason {
        EndReason::Expired => "Your session has expired. Log in again.",
        EndReason::Idle => "You were away for a while, so your session has ended. Log in again.",
        EndReason::Absolute => "Your session has reached its full length. Log in again.",
        EndReason::Logout => "You have logged out.",
        EndReason::Replaced => {
            "You have logged in again in this browser; this session has been replaced."
        }
        EndReason::RevokedByUser => "This session was ended from another device. Log in again.",
        EndReason::RevokedByAdmin => "An administrator has ended this session. Log in again.",
        EndReason::ReuseDetected => {
            "This session was ended for safety: somebody else tried to use it. Log in again."
        }
        EndReason::IssuerRefused => "The login service has ended your session. Log in again.",
        EndReason::PasswordChanged => "Your password was changed. Log in with the new one.",
        EndReason::Disabled => "This account is closed.",
        EndReason::RolledBack => "Your session could not be restored after a fault. Log in again.",
        EndReason::Restored => "The service was restored from a backup. Log in again.",
    }
}
