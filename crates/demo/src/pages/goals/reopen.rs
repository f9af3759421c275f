//! `POST /goals/{id}/reopen`: back to the progress it had before it was completed; 303 back to the list.

use axum::extract::{Path, State};
use axum::response::Response;

use super::{Notice, ViewFields, change_and_return};
use crate::app::AppState;
use crate::goals::{Change, Status};
use crate::pages::form::FormBody;
use crate::pages::problem::PageError;
use crate::pages::visitor::Member;

pub(crate) async fn reopen(
    State(app): State<AppState>,
    Member(visitor): Member,
    Path(id): Path<String>,
    FormBody(form): FormBody<ViewFields>,
) -> Result<Response, PageError> {
    let back = (form.view(), Notice::Reopened);
    change_and_return(&app, &visitor, &id, Change::status(Status::Active), back).await
}
