//! `POST /goals`: a new goal; 303 back to the list, or 422 with the form as it was typed.

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

use super::{GoalsPage, Notice, View, ViewFields, back_to};
use crate::app::AppState;
use crate::goals::{AddError, Draft, FieldErrors, SHELF_IS_FULL, TypedGoal};
use crate::pages::form::FormBody;
use crate::pages::frame::html;
use crate::pages::problem::PageError;
use crate::pages::visitor::{Member, Visitor};

/// A field that is not sent is an empty one: the judgement of it is the same.
#[derive(Deserialize)]
pub(crate) struct CreateForm {
    #[serde(flatten)]
    view: ViewFields,
    #[serde(default)]
    title: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    progress: String,
}

pub(crate) async fn create(
    State(app): State<AppState>,
    Member(visitor): Member,
    FormBody(form): FormBody<CreateForm>,
) -> Result<Response, PageError> {
    let view = form.view.view();
    let typed = TypedGoal {
        title: form.title,
        description: form.description,
        progress: form.progress,
    };
    let draft = match Draft::from_form(&typed) {
        Ok(draft) => draft,
        Err(errors) => return again(&app, &visitor, view, (typed, errors)).await,
    };
    match app.goals.add(&visitor.owner, draft).await {
        Ok(_) => Ok(back_to(view, Notice::Created)),
        Err(AddError::Full) => {
            let errors = FieldErrors::one("title", SHELF_IS_FULL);
            again(&app, &visitor, view, (typed, errors)).await
        }
        Err(AddError::File(cause)) => Err(cause.into()),
    }
}

async fn again(
    app: &AppState,
    visitor: &Visitor,
    view: View,
    (typed, errors): (TypedGoal, FieldErrors),
) -> Result<Response, PageError> {
    let shelf = app.goals.of(&visitor.owner).await?;
    let mut page = GoalsPage::new(visitor, &shelf, view);
    page.typed = typed;
    page.errors = errors;
    Ok(html(StatusCode::UNPROCESSABLE_ENTITY, &page))
}
