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

/// Answers requests.
pub trait Answer: Clone + Send + Sync + 'static {
    /// What answers the requests of one connection.
    type Connection: AnswerOne;

    /// For a new connection from `peer`.
    fn connected(&self, peer: SocketAddr) -> Self::Connection;
}

/// Answers the requests of one connection; cannot fail, because a failure is an answer too.
pub trait AnswerOne: Send + Sync + 'static {
    /// The body of its answers.
    type Body: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static;

    /// Answers one request.
    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send;
}

/// The gateway, for browsers.
#[derive(Clone)]
pub struct GatewayService(pub Arc<Gateway>);

/// A browser's connection, or a proxy's.
pub struct GatewayConnection {
    gateway: Arc<Gateway>,
    peer: Peer,
}

impl Answer for GatewayService {
    type Connection = GatewayConnection;

    fn connected(&self, peer: SocketAddr) -> GatewayConnection {
        GatewayConnection {
            gateway: Arc::clone(&self.0),
            peer: Peer::new(peer),
        }
    }
}

impl AnswerOne for GatewayConnection {
    type Body = cloakroom_gateway::Body;

    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send {
        Arc::clone(&self.gateway).handle(self.peer.clone(), request)
    }
}

/// A router, for the identity service, the admin listener and the demo's app.
#[derive(Clone, Debug)]
pub struct RouterService(pub Router);

/// A connection to a router.
#[derive(Debug)]
pub struct RouterConnection {
    router: Router,
    peer: SocketAddr,
}

impl Answer for RouterService {
    type Connection = RouterConnection;

    fn connected(&self, peer: SocketAddr) -> RouterConnection {
        RouterConnection {
            router: self.0.clone(),
            peer,
        }
    }
}

impl AnswerOne for RouterConnection {
    type Body = axum::body::Body;

    fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> impl Future<Output = Response<Self::Body>> + Send {
        let mut request = request.map(axum::body::Body::new);
        request
            .extensions_mut()
            .insert(cloakroom_identity::Peer(self.peer));
        // A panic in a handler costs its request, not the others on the connection (AU-06); the hook has logged it.
        let answered = AssertUnwindSafe(self.router.clone().oneshot(request)).catch_unwind();
        answered.map(|answered| match answered {
            Ok(Ok(response)) => response,
            Ok(Err(never)) => impossible(never),
            Err(_) => {
                let mut response = Response::new(axum::body::Body::empty());
                *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
                response
            }
        })
    }
}

const fn impossible<T>(never: Infallible) -> T {
    match never {}
}
