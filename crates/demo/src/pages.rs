//! The pages: HTML that works without a line of script, framed by who is looking at it.
//!
//! Every form posts and is answered with 303 back to where the person was, or with 422 and the form as it was
//! typed. That a post comes from this site is proven at the gateway before it gets here.

mod admin;
mod dashboard;
mod form;
mod frame;
mod goals;
mod home;
mod problem;
mod visitor;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::from_fn_with_state;
use axum::routing::{get, post};

use crate::app::AppState;
use crate::callers::Callers;
use problem::PageError;

/// The longest form has some 5 KiB of text; each byte may be percent-encoded.
const MAX_BODY: usize = 64 * 1024;

pub(crate) fn router(app: &AppState, callers: &Callers) -> Router<AppState> {
    Router::new()
        .route("/", get(home::home))
        .route("/dashboard", get(dashboard::dashboard))
        .route("/goals", get(goals::list::list).post(goals::create::create))
        .route("/goals/{id}/progress", post(goals::progress::progress))
        .route("/goals/{id}/complete", post(goals::complete::complete))
        .route("/goals/{id}/reopen", post(goals::reopen::reopen))
        .route("/goals/{id}/delete", post(goals::delete::delete))
        .route("/admin", get(admin::admin))
        .method_not_allowed_fallback(async || PageError::MethodNotAllowed)
        .fallback(async || PageError::NotFound)
        .layer(from_fn_with_state(app.clone(), frame::frame))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(callers.assertions.clone())
        .layer(callers.verify.clone())
}

#[cfg(test)]
mod tests;
