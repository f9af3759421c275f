//! `GET /api/v1/user/me`: the user behind the access token, as they are now.

use axum::Json;

use crate::bearer::{Bearer, BearerError};
use crate::problem::{Problem, ProblemBody};
use crate::user_body::UserBody;

/// Why there is nobody to show.
#[derive(Debug, thiserror::Error)]
pub(crate) enum MeError {
    #[error(transparent)]
    Bearer(#[from] BearerError),
}

#[utoipa::path(
    get,
    path = "/api/v1/user/me",
    responses(
        (status = 200, description = "The user. Also with a slash at the end of the path.", body = UserBody),
        (status = 401, description = "`unauthenticated`.", body = ProblemBody),
    ),
    security(("user" = [])),
)]
pub(crate) async fn me(Bearer(owner): Bearer) -> Result<Json<UserBody>, Problem> {
    let owner = owner.map_err(MeError::from)?;
    Ok(Json(owner.user.into()))
}
