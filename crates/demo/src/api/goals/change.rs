//! `PATCH /api/goals/{id}`: changes the members that are sent, and answers with the whole goal.

use axum::Json;
use axum::extract::{Path, State};
use cloakroom_axum::CurrentUser;

use super::GoalJson;
use crate::api::body::JsonObject;
use crate::api::error::ApiError;
use crate::app::AppState;
use crate::goals::{Change, GoalId};

pub(crate) async fn change(
    State(app): State<AppState>,
    user: CurrentUser,
    Path(id): Path<String>,
    JsonObject(members): JsonObject,
) -> Result<Json<GoalJson>, ApiError> {
    let id = GoalId::parse(&id).ok_or(ApiError::NotFound)?;
    let change = Change::from_json(&members).map_err(ApiError::InvalidFields)?;
    let goal = app.goals.change(&user.into(), id, change).await?;
    let goal = goal.ok_or(ApiError::NotFound)?;
    Ok(Json(GoalJson::from(&goal)))
}
