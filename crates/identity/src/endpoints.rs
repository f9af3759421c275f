//! The routes of the service, one file each, and what holds for all of them.
//!
//! 1. A request runs to its end in a task of its own: a caller who hangs up cannot leave a login or a renewal half
//!    done, and a panic is that request's 500 (AU-06).
//! 2. Nothing is cached, unless its endpoint says for how long.
//! 3. No body larger than 64 KiB is read.

pub(crate) mod change_password;
pub(crate) mod change_user;
pub(crate) mod delete_user;
pub(crate) mod discovery;
pub(crate) mod introspect;
pub(crate) mod jwks;
pub(crate) mod login;
pub(crate) mod logout;
pub(crate) mod me;
pub(crate) mod read_user;
pub(crate) mod refresh;
pub(crate) mod register;
pub(crate) mod revoke;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::HeaderValue;
use http::header::{CACHE_CONTROL, X_CONTENT_TYPE_OPTIONS};
use tracing::Instrument as _;
use utoipa::OpenApi;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::fields::BODY_LIMIT;
use crate::problem::{Code, Problem, ProblemBody};
use crate::service::Identity;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "cloakroom identity service",
        description = "Users, passwords, access tokens and refresh-token families. Every refusal has the shape \
                       `{\"detail\": …, \"code\": …}`; every endpoint but the two under `/.well-known` also answers \
                       401 `invalid_client` to a wrong client credential where it reads one, 413, 415, 422 \
                       `invalid_fields`, 429 and 503 with `Retry-After`, and 500.",
    ),
    components(schemas(ProblemBody)),
    modifiers(&Schemes),
)]
struct Document;

struct Schemes;

impl utoipa::Modify for Schemes {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let components = document.components.get_or_insert_default();
        for (name, scheme) in [
            ("user", HttpAuthScheme::Bearer),
            ("client", HttpAuthScheme::Basic),
        ] {
            let scheme = SecurityScheme::Http(HttpBuilder::new().scheme(scheme).build());
            components.add_security_scheme(name, scheme);
        }
    }
}

fn documented() -> OpenApiRouter<Arc<Identity>> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(login::login))
        .routes(routes!(refresh::refresh))
        .routes(routes!(logout::logout))
        .routes(routes!(register::register))
        .routes(routes!(me::me))
        .routes(routes!(change_password::change_password))
        .routes(routes!(
            read_user::read_user,
            change_user::change_user,
            delete_user::delete_user
        ))
        .routes(routes!(jwks::jwks))
        .routes(routes!(discovery::discovery))
        .routes(routes!(revoke::revoke))
        .routes(routes!(introspect::introspect))
}

/// The service as a router that needs nothing more.
pub(crate) fn router(identity: Arc<Identity>) -> Router {
    let (router, _) = documented().split_for_parts();
    router
        // Existing clients of FastAPI templates ask with the slash.
        .route("/api/v1/user/me/", get(me::me))
        .fallback(async || Problem::from(Code::NotFound))
        .method_not_allowed_fallback(async || Problem::from(Code::MethodNotAllowed))
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .layer(middleware::from_fn(to_its_end))
        .with_state(identity)
}

/// The OpenAPI document as pretty JSON.
pub(crate) fn openapi_json() -> String {
    let document = documented().into_openapi();
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

async fn to_its_end(request: Request, next: Next) -> Response {
    let task = tokio::spawn(next.run(request).in_current_span());
    let mut response = task.await.unwrap_or_else(|cause| {
        tracing::error!(%cause, "a request handler panicked");
        Problem::from(Code::Internal).into_response()
    });
    let headers = response.headers_mut();
    headers
        .entry(CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}
