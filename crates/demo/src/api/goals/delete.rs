//! `DELETE /api/goals/{id}`: removes one goal of the caller; 204.

use axum::extract::{Path, State};
use cloakroom_axum::CurrentUser;
use http::StatusCode;

use crate::api::error::ApiError;
use crate::app::AppState;
use crate::goals::GoalId;

pub(crate) async fn delete(
    State(app): State<AppState>,
    user: CurrentUser,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = GoalId::parse(&id).ok_or(ApiError::NotFound)?;
    if app.goals.remove(&user.into(), id).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(ApiError::NotFound)
    }
}
