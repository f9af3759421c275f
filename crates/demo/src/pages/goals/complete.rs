//! `POST /goals/{id}/complete`: the goal is done; 303 back to the list.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{Notice, ViewFields, change_and_return};
use crate::app::AppState;
use crate::goals::{Change, Status};
use crate::pages::form::FormBody;
use crate::pages::problem::PageError;
use crate::pages::visitor::Member;

pub(crate) async fn complete(
    State(app): State<AppState>,
    Member(visitor): Member,
    Path(id): Path<String>,
    FormBody(form): FormBody<ViewFields>,
) -> Result<Response, PageError> {
    let back = (form.view(), Notice::Completed);
    change_and_return(&app, &visitor, &id, Change::status(Status::Completed), back).await
}
