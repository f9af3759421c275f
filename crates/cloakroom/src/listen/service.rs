//! Who answers on a listener: the gateway, or an axum router.

use std::convert::Infallible;
use std::error::Error;
use std::future::Future;
use std::net::SocketAddr;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use axum::Router;
use bytes::Bytes;
use cloakroom_gateway::{Gateway, Peer};
use futures_util::FutureExt;
use http::{Request, Response, StatusCode};
use http_body::Body;
use hyper::body::Incoming;
use tower::ServiceExt;

/// Answers requests; cannot fail, because a failure is an answer too.
pub trait Answer: Clone + Send + Sync + 'static {
    /// The body of its answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers one request that came from `peer`.
    fn answer(
        &self,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// The gateway, for browsers.
#[derive(Clone)]
pub struct GatewayService(pub Arc<Gateway>);

impl Answer for GatewayService {
    type Body = cloakroom_gateway::Body;

    fn answer(
        &self,
        peer: SocketAddr,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send {
        Arc::clone(&self.0).handle(Peer(peer), request)
    }
}

/// A router, for the identity service, the admin listener and the demo's app.
#[derive(Clone, Debug)]
pub struct RouterService(pub Router);

impl Answer for RouterService {
    type Body = axum::body::Body;

    async fn answer(&self, peer: SocketAddr, request: Request<Incoming>) -> Response<Self::Body> {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(cloakroom_identity::Peer(peer));
        // A panic in a handler costs its request, not the others on the connection (AU-06); the hook has logged it.
        let answered = AssertUnwindSafe(self.0.clone().oneshot(request)).catch_unwind().await;
        match answered {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => impossible(never),
            Err(_) => {
                let mut response = Response::new(axum::body::Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        }
    }
}

const fn impossible<T>(never: Infallible) -> T {
    match never {}
}
