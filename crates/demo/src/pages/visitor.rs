//! Who is looking at a page, by the gateway's assertion.
//!
//! `Known` is a person, `Nobody` is nobody, and `Unclear` is neither: while the gateway's keys cannot be had, a
//! good assertion must not look like a missing one, or people would be told to log in who are logged in.

use axum::extract::FromRequestParts;
use cloakroom_axum::{Assertion, AuthError};
use http::request::Parts;

use super::problem::PageError;
use crate::app::AppState;
use crate::callers::ADMIN;
use crate::goals::Owner;

/// Somebody who is logged in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Visitor {
    pub(super) owner: Owner,
    pub(super) is_admin: bool,
}

/// What the assertion says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Who {
    Known(Visitor),
    Nobody,
    Unclear,
}

impl Who {
    /// Reads the verdict on the assertion. A refused one is nobody's: the person is asked to log in.
    pub(super) async fn find(head: &mut Parts, app: &AppState) -> Self {
        match Assertion::from_request_parts(head, app).await {
            Ok(Assertion(Some(session))) => Self::Known(Visitor {
                is_admin: session.has_role(ADMIN),
                owner: session.into(),
            }),
            Err(AuthError::Token(cause)) if cause.is_transient() => Self::Unclear,
            Err(AuthError::MissingLayer) => Self::Unclear,
            Ok(Assertion(None))
            | Err(
                AuthError::Unauthenticated
                | AuthError::Malformed
                | AuthError::Token(_)
                | AuthError::Forbidden,
            ) => Self::Nobody,
        }
    }

    pub(super) fn visitor(&self) -> Option<&Visitor> {
        match self {
            Self::Known(visitor) => Some(visitor),
            Self::Nobody | Self::Unclear => None,
        }
    }
}

/// Whoever looks at a page that is for everybody.
pub(super) struct Guest(pub(super) Option<Visitor>);

/// Whoever looks at a page that is for people who are logged in.
pub(super) struct Member(pub(super) Visitor);

impl FromRequestParts<AppState> for Guest {
    type Rejection = PageError;

    async fn from_request_parts(head: &mut Parts, _: &AppState) -> Result<Self, PageError> {
        let who = head.extensions.get::<Who>();
        Ok(Self(who.and_then(Who::visitor).cloned()))
    }
}

impl FromRequestParts<AppState> for Member {
    type Rejection = PageError;

    async fn from_request_parts(head: &mut Parts, _: &AppState) -> Result<Self, PageError> {
        match head.extensions.get::<Who>() {
            Some(Who::Known(visitor)) => Ok(Self(visitor.clone())),
            Some(Who::Unclear) => Err(PageError::CallerUnknown),
            Some(Who::Nobody) | None => Err(PageError::NotLoggedIn),
        }
    }
}

#[cfg(test)]
impl Visitor {
    pub(super) fn sample() -> Self {
        Self {
            owner: Owner {
                subject: "ada".to_owned(),
                name: "Ada Lovelace".to_owned(),
            },
            is_admin: true,
        }
    }
}
