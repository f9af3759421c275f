//! Our own endpoints: what a browser asks of the gateway itself, under one base path.
//!
//! They are a target behind the same stages as every upstream: the session is open, the origin of an unsafe
//! request proven and the method checked before a handler runs. A handler answers, or refuses; what becomes
//! of the session it says by a [`SessionChange`] in the answer's extensions, and of a refusal it leaves only
//! the [`Refusal`] there, which the pipeline renders for the kind of request it was. No handler writes a
//! cookie, and none shows a token (LG-01).
//!
//! [`SessionChange`]: crate::session::SessionChange

mod account;
mod answer;
mod ask;
mod assets;
mod audit;
mod begin;
mod client;
mod events;
mod fields;
mod jwks;
mod login;
mod logout;
mod posted;
mod refresh;
mod refused;
mod register;
mod revoke;
mod session;
mod sessions;

use std::sync::Arc;

use axum::Router;
use axum::routing::{delete, get, post};
use http::HeaderValue;

use crate::context::Context;
use crate::refusal::Refusal;

use self::events::Seats;
use self::refresh::Renewals;

/// What all handlers share.
#[derive(Clone)]
struct Own {
    context: Arc<Context>,
    renewals: Arc<Renewals>,
    seats: Arc<Seats>,
}

/// All endpoints, under the configured base path.
pub(crate) fn router(context: Arc<Context>) -> Router {
    let base = context.config.base_path.clone();
    let at = |path: &str| format!("{base}{path}");
    let own = Own {
        context,
        renewals: Arc::default(),
        seats: Arc::default(),
    };
    Router::new()
        .route(&at("/login"), get(login::show).post(login::submit))
        .route(&at("/register"), get(register::show).post(register::submit))
        .route(&at("/logout"), get(logout::confirm).post(logout::submit))
        .route(&at("/session"), get(session::show))
        .route(
            &at("/refresh"),
            get(refresh::on_the_way).post(refresh::renew),
        )
        .route(
            &at("/sessions"),
            get(sessions::list).delete(sessions::end_others),
        )
        .route(&at("/sessions/{id}"), delete(sessions::end))
        .route(&at("/sessions/{id}/end"), post(sessions::end_by_form))
        .route(
            &at("/sessions/end-others"),
            post(sessions::end_others_by_form),
        )
        .route(&at("/account"), get(account::show))
        .route(&at("/account/profile"), post(account::profile::submit))
        .route(&at("/account/password"), post(account::password::submit))
        .route(&at("/events"), get(events::stream))
        .route(&at("/jwks.json"), get(jwks::show))
        .route(&at("/assets/brand.css"), get(assets::brand))
        .route(&at("/assets/{name}"), get(assets::file))
        .fallback(async || Refusal::NotFound)
        .method_not_allowed_fallback(async || {
            Refusal::MethodNotAllowed(HeaderValue::from_static(""))
        })
        .with_state(own)
}

#[cfg(test)]
mod tests;
