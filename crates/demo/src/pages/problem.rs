//! The one place where a page's error becomes words for a person: what happened, and what to do now.

use askama::Template;
use axum::response::{IntoResponse, Response};
use http::StatusCode;

use super::frame::{Section, Shell};
use crate::goals::GoalFileError;

/// Why a page cannot be shown. It travels in the response's extensions to the frame, which knows who is
/// looking and renders the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum PageError {
    /// There is no such page, or the goal is somebody else's.
    NotFound,
    /// Nobody is logged in.
    NotLoggedIn,
    /// Somebody is, but lacks the role.
    Forbidden,
    /// Who is calling cannot be found out right now.
    CallerUnknown,
    /// The form cannot be read.
    BadRequest,
    /// The body is no form.
    UnsupportedMediaType,
    /// The form is too large.
    BodyTooLarge,
    /// The page exists and does not take this method.
    MethodNotAllowed,
    /// The goals file did not take the change; nothing has changed.
    NotSaved,
    /// Our own fault.
    Broken,
}

impl PageError {
    pub(super) const fn status(self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::NotLoggedIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::CallerUnknown | Self::NotSaved => StatusCode::SERVICE_UNAVAILABLE,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::BodyTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::Broken => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::NotFound => (
                "We cannot find that",
                "The page is gone, or it never was. Your goals are still where you left them.",
            ),
            Self::NotLoggedIn => (
                "Please log in",
                "This page is about you, so we need to know who you are.",
            ),
            Self::Forbidden => (
                "This is for admins",
                "You are logged in, but your account has no access to this page.",
            ),
            Self::CallerUnknown => (
                "One moment, please",
                "We cannot check who you are right now. Nothing is lost: try again in a few seconds.",
            ),
            Self::BadRequest => (
                "That form arrived damaged",
                "Go back, reload the page and send it once more.",
            ),
            Self::UnsupportedMediaType => (
                "That is not a form",
                "This page takes forms only. The API takes JSON.",
            ),
            Self::BodyTooLarge => (
                "That is too much at once",
                "The form was larger than we accept. Go back and shorten the text.",
            ),
            Self::MethodNotAllowed => (
                "That does not work here",
                "This address is not meant to be opened like that.",
            ),
            Self::NotSaved => (
                "We could not save that",
                "Nothing has changed. Go back and try again; what you typed should still be there.",
            ),
            Self::Broken => (
                "Something broke",
                "That was our fault, not yours. Try again in a moment.",
            ),
        }
    }
}

impl From<GoalFileError> for PageError {
    fn from(cause: GoalFileError) -> Self {
        tracing::error!(
            cause = &cause as &dyn std::error::Error,
            "goals were not saved"
        );
        Self::NotSaved
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Where the page's main button leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum WayOut {
    LogIn { return_to: String },
    Goals,
    Home,
}

#[derive(Template)]
#[template(path = "problem.html")]
pub(super) struct ProblemPage {
    shell: Shell,
    status: u16,
    title: &'static str,
    text: &'static str,
    way_out: WayOut,
}

impl ProblemPage {
    /// `login_leads_to` is the page that was asked for; a form that was refused cannot be sent again by a
    /// login, so then it is the dashboard.
    pub(super) fn new(shell: Shell, error: PageError, login_leads_to: Option<String>) -> Self {
        let way_out = match (error, &shell.visitor) {
            (PageError::NotLoggedIn, _) => WayOut::LogIn {
                return_to: login_leads_to.unwrap_or_else(|| "/dashboard".to_owned()),
            },
            (_, Some(_)) => WayOut::Goals,
            (_, None) => WayOut::Home,
        };
        let (title, text) = error.words();
        Self {
            shell,
            status: error.status().as_u16(),
            title,
            text,
            way_out,
        }
    }

    #[cfg(test)]
    pub(super) fn samples() -> Vec<Self> {
        use super::visitor::Visitor;
        let visitor = Visitor::sample();
        [
            (PageError::NotFound, Some(&visitor)),
            (PageError::NotFound, None),
            (PageError::NotLoggedIn, None),
            (PageError::Forbidden, Some(&visitor)),
            (PageError::Broken, None),
        ]
        .map(|(error, visitor)| {
            Self::new(
                Shell::new(Section::Elsewhere, visitor),
                error,
                Some("/goals".to_owned()),
            )
        })
        .into()
    }
}
