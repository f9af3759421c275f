//! `GET /api/goals/{id}`: one goal of the caller.

use axum::Json;
use axum::extract::{Path, State};
use cloakroom_axum::CurrentUser;

use super::GoalJson;
use crate::api::error::ApiError;
use crate::app::AppState;
use crate::goals::GoalId;

pub(crate) async fn show(
    State(app): State<AppState>,
    user: CurrentUser,
    Path(id): Path<String>,
) -> Result<Json<GoalJson>, ApiError> {
    let id = GoalId::parse(&id).ok_or(ApiError::NotFound)?;
    let shelf = app.goals.of(&user.into()).await?;
    let goal = shelf.find(id).ok_or(ApiError::NotFound)?;
    Ok(Json(GoalJson::from(goal)))
}
