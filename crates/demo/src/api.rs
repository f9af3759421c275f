//! The API under `/api/`: JSON in, JSON out, the caller known by the access token.
//!
//! Paths are written out in full, because a nested router would hide the prefix from `/api/echo`.

mod admin_stats;
mod body;
mod echo;
mod error;
mod goals;
mod socket;
mod stream;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{any, get};
use cloakroom_axum::RequireRole;

use crate::app::AppState;
use crate::callers::{ADMIN, Callers};

/// A goal has at most some 5 KiB of text; the echo counts without a limit.
const MAX_BODY: usize = 64 * 1024;

pub(crate) fn router(callers: &Callers) -> Router<AppState> {
    Router::new()
        .route(
            "/api/goals",
            get(goals::list::list).post(goals::create::create),
        )
        .route(
            "/api/goals/{id}",
            get(goals::show::show)
                .patch(goals::change::change)
                .delete(goals::delete::delete),
        )
        .route(
            "/api/admin/stats",
            get(admin_stats::admin_stats).layer(RequireRole::any([ADMIN])),
        )
        .route("/api/echo", any(echo::echo))
        .route("/api/ws", any(socket::socket))
        .route("/api/stream", get(stream::stream))
        .method_not_allowed_fallback(async || error::ApiError::MethodNotAllowed)
        .route("/api/{*rest}", any(async || error::ApiError::NotFound))
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .layer(callers.verify.clone())
}
