//! Health and metrics on a listener of their own: nothing there changes anything, and nothing names a version.

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::routing::get;
use cloakroom_gateway::Gateway;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use metrics_exporter_prometheus::PrometheusHandle;

#[derive(Clone)]
struct Watched {
    gateway: Arc<Gateway>,
    metrics: PrometheusHandle,
}

/// `/livez` (the process answers), `/readyz` (the session store answers), `/metrics`; all else is 404.
pub(crate) fn router(gateway: Arc<Gateway>, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/livez", get(|| async { "ok\n" }))
        .route("/readyz", get(readyz))
        .route("/metrics", get(render))
        .with_state(Watched { gateway, metrics })
}

async fn readyz(State(watched): State<Watched>) -> (StatusCode, &'static str) {
    if watched.gateway.is_ready().await {
        (StatusCode::OK, "ok\n")
    } else {
        (
            StatusCode::SERVICE_UNAVAILABLE,
            "the session store does not answer\n",
        )
    }
}

async fn render(State(watched): State<Watched>) -> ([(http::HeaderName, &'static str); 1], String) {
    (
        [(CONTENT_TYPE, "text/plain; version=0.0.4")],
        watched.metrics.render(),
    )
}
