//! `GET /goals?status=&page=`: the list, its filter, its pages, and the form for a new goal.

use axum::extract::{Query, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::{GoalsPage, Notice, ViewFields};
use crate::app::AppState;
use crate::pages::frame::html;
use crate::pages::problem::PageError;
use crate::pages::visitor::Member;

#[derive(Deserialize)]
pub(crate) struct ListQuery {
    #[serde(flatten)]
    view: ViewFields,
    notice: Option<Notice>,
}

pub(crate) async fn list(
    State(app): State<AppState>,
    Member(visitor): Member,
    query: Result<Query<ListQuery>, axum::extract::rejection::QueryRejection>,
) -> Result<Response, PageError> {
    let Query(query) = query.map_err(|_| PageError::BadRequest)?;
    let shelf = app.goals.of(&visitor.owner).await?;
    let mut page = GoalsPage::new(&visitor, &shelf, query.view.view());
    page.notice = query.notice.and_then(Notice::text);
    Ok(html(StatusCode::OK, &page))
}
