//! `POST /goals/{id}/delete`: the goal is gone; 303 back to the list.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{Notice, ViewFields, back_to};
use crate::app::AppState;
use crate::goals::GoalId;
use crate::pages::form::FormBody;
use crate::pages::problem::PageError;
use crate::pages::visitor::Member;

pub(crate) async fn delete(
    State(app): State<AppState>,
    Member(visitor): Member,
    Path(id): Path<String>,
    FormBody(form): FormBody<ViewFields>,
) -> Result<Response, PageError> {
    let id = GoalId::parse(&id).ok_or(PageError::NotFound)?;
    if app.goals.remove(&visitor.owner, id).await? {
        Ok(back_to(form.view(), Notice::Deleted))
    } else {
        Err(PageError::NotFound)
    }
}
