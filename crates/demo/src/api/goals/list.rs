//! `GET /api/goals?page=&status=`: one page of the caller's goals.

use axum::Json;
use axum::extract::{Query, State};
use cloakroom_axum::CurrentUser;
use serde::{Deserialize, Serialize};

use super::GoalJson;
use crate::api::error::ApiError;
use crate::app::AppState;
use crate::goals::{Filter, Page, PageNumber};

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    page: Option<String>,
    status: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ListJson {
    items: Vec<GoalJson>,
    page: usize,
    total_pages: usize,
    has_more: bool,
}

/// A page past the end is empty, so that a client that counts on does not loop on the last one.
pub(crate) async fn list(
    State(app): State<AppState>,
    user: CurrentUser,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Json<ListJson>, ApiError> {
    let Query(query) =
        query.map_err(|_| ApiError::BadRequest("Give page and status once each."))?;
    let filter = match query.status.as_deref() {
        None | Some("") => Filter::default(),
        Some(word) => word
            .parse()
            .map_err(|_| ApiError::BadRequest("The status is all, active or completed."))?,
    };
    let number = match query.page.as_deref() {
        None | Some("") => PageNumber::FIRST,
        Some(number) => number
            .parse()
            .map_err(|_| ApiError::BadRequest("The page is a whole number from 1."))?,
    };
    let shelf = app.goals.of(&user.into()).await?;
    let page = Page::exactly(&shelf.goals, filter, number);
    Ok(Json(ListJson {
        items: page.items.iter().map(GoalJson::from).collect(),
        page: page.number.value(),
        total_pages: page.total_pages,
        has_more: page.has_more(),
    }))
}
