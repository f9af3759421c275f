//! `GET /api/v1/user/{username}`: all of oneself, or what other users may see of somebody.
//!
//! Others see name and picture, never address, roles or tier; a disabled account is not there (ID-12).

use std::sync::Arc;

use axum::Json;
use axum::extract::{FromRequestParts, Path, State};
use axum::response::{IntoResponse as _, Response};
use cloakroom_core::ports::{StoreError, User, UserKey};
use http::request::Parts;

use crate::bearer::{Bearer, BearerError, Owner};
use crate::names;
use crate::problem::{Code, Problem, ProblemBody};
use crate::service::Identity;
use crate::user_body::{PublicUserBody, UserBody};

/// Why there is nobody to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ReadUserError {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error("there is no such user")]
    Absent,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[utoipa::path(
    get,
    path = "/api/v1/user/{username}",
    params(("username" = String, Path, description = "The user name.")),
    responses(
        (status = 200, description = "One's own account (`UserBody`), or the public part of somebody else's.", body = PublicUserBody),
        (status = 401, description = "`unauthenticated`.", body = ProblemBody),
        (status = 404, description = "`not_found`.", body = ProblemBody),
    ),
    security(("user" = [])),
)]
pub(crate) async fn read_user(
    State(identity): State<Arc<Identity>>,
    Bearer(owner): Bearer,
    Named(username): Named,
) -> Result<Response, Problem> {
    let user = identity.visible(owner, &username).await?;
    Ok(match user {
        Visible::Oneself(user) => Json(UserBody::from(user)).into_response(),
        Visible::Other(user) => Json(PublicUserBody::from(user)).into_response(),
    })
}

/// The user name in a path. What is no text names nobody.
pub(crate) struct Named(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Named {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let path = Path::<String>::from_request_parts(parts, state).await;
        path.map(|Path(name)| Self(name))
            .map_err(|_| Code::NotFound.into())
    }
}

/// A user, by who looks.
enum Visible {
    Oneself(User),
    Other(User),
}

impl Identity {
    async fn visible(
        &self,
        owner: Result<Owner, BearerError>,
        username: &str,
    ) -> Result<Visible, ReadUserError> {
        let owner = owner?;
        if owner.is_called(username) {
            return Ok(Visible::Oneself(owner.user));
        }
        let username = names::username(username).map_err(|_| ReadUserError::Absent)?;
        let found = self.users.find(&UserKey::Username(username)).await?;
        found
            .filter(|user| user.disabled_at.is_none())
            .map(Visible::Other)
            .ok_or(ReadUserError::Absent)
    }
}

impl Owner {
    /// Whether a path that names a user names this one.
    pub(crate) fn is_called(&self, username: &str) -> bool {
        names::username(username).is_ok_and(|canonical| canonical == self.user.username)
    }
}
