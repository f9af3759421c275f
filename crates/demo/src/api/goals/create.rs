//! `POST /api/goals`: `{"title"}`, optionally `"description"`, `"progress"`, `"status"`; answers 201 with the goal.

use axum::Json;
use axum::extract::State;
use axum::response::IntoResponse;
use cloakroom_axum::CurrentUser;
use http::StatusCode;
use http::header::LOCATION;

use super::GoalJson;
use crate::api::body::JsonObject;
use crate::api::error::ApiError;
use crate::app::AppState;
use crate::goals::{AddError, Draft, FieldErrors, SHELF_IS_FULL};

pub(crate) async fn create(
    State(app): State<AppState>,
    user: CurrentUser,
    JsonObject(members): JsonObject,
) -> Result<impl IntoResponse, ApiError> {
    let draft = Draft::from_json(&members).map_err(ApiError::InvalidFields)?;
    let goal = app
        .goals
        .add(&user.into(), draft)
        .await
        .map_err(|error| match error {
            AddError::Full => ApiError::InvalidFields(FieldErrors::one("title", SHELF_IS_FULL)),
            AddError::File(cause) => ApiError::Store(cause),
        })?;
    let location = [(LOCATION, format!("/api/goals/{}", goal.id))];
    Ok((StatusCode::CREATED, location, Json(GoalJson::from(&goal))))
}
