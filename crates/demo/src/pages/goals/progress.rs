//! `POST /goals/{id}/progress`: how far it is now; 303 back to the list, or 422 with what was typed at its goal.

use axum::extract::{Path, State};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::{GoalsPage, Notice, RefusedProgress, ViewFields, change_and_return};
use crate::app::AppState;
use crate::goals::{Change, GoalId, Percent};
use crate::pages::form::FormBody;
use crate::pages::frame::html;
use crate::pages::problem::PageError;
use crate::pages::visitor::Member;

#[derive(Deserialize)]
pub(crate) struct ProgressForm {
    #[serde(flatten)]
    view: ViewFields,
    #[serde(default)]
    progress: String,
}

pub(crate) async fn progress(
    State(app): State<AppState>,
    Member(visitor): Member,
    Path(id): Path<String>,
    FormBody(form): FormBody<ProgressForm>,
) -> Result<Response, PageError> {
    let view = form.view.view();
    let complaint = match Percent::parse(&form.progress) {
        Ok(percent) => {
            let notice = if percent == Percent::FULL {
                Notice::Completed
            } else {
                Notice::Saved
            };
            let change = Change::progress(percent);
            return change_and_return(&app, &visitor, &id, change, (view, notice)).await;
        }
        Err(complaint) => complaint,
    };
    let id = GoalId::parse(&id).ok_or(PageError::NotFound)?;
    let shelf = app.goals.of(&visitor.owner).await?;
    shelf.find(id).ok_or(PageError::NotFound)?;
    let mut page = GoalsPage::new(&visitor, &shelf, view);
    page.refused = Some(RefusedProgress {
        id,
        typed: form.progress,
        complaint,
    });
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
