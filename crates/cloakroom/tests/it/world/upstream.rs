//! The app behind the gateways: writes down what reaches it, and tells each caller only who it was taken for.

use std::collections::HashSet;
use std::convert::Infallible;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use cloakroom_gateway::{Connect, Connection};
use http::{HeaderMap, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::task::JoinSet;

/// A path that is never answered.
pub(super) const HANGING: &str = "/api/hang";

/// One request as it arrived.
#[derive(Clone, Debug)]
pub(super) struct Seen {
    pub(super) target: String,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Seen {
    /// The access token that came with it.
    pub(super) fn token(&self) -> Option<&str> {
        self.header("authorization")?.strip_prefix("Bearer ")
    }

    /// Whether anything in it names a user.
    pub(super) fn has_identity(&self) -> bool {
        ["authorization", "x-user-id", "x-cloakroom-session"]
            .iter()
            .any(|name| self.headers.contains_key(*name))
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}

/// The app.
#[derive(Default)]
pub(super) struct App {
    shared: Arc<Shared>,
    connections: Mutex<JoinSet<()>>,
    down: AtomicBool,
    panics: AtomicBool,
}

#[derive(Default)]
struct Shared {
    seen: Mutex<Vec<Seen>>,
    refused: Mutex<HashSet<String>>,
}

impl App {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// Everything that has arrived so far.
    pub(super) fn seen(&self) -> Vec<Seen> {
        self.shared.seen.lock().unwrap().clone()
    }

    /// Forgets what has arrived, and returns it.
    pub(super) fn take_seen(&self) -> Vec<Seen> {
        std::mem::take(&mut self.shared.seen.lock().unwrap())
    }

    /// Answers 401 to this access token from now on.
    pub(super) fn refuse(&self, token: &str) {
        self.shared.refused.lock().unwrap().insert(token.to_owned());
    }

    /// Stops: connections break, new ones are refused.
    pub(super) fn stop(&self) {
        self.down.store(true, Ordering::SeqCst);
        self.connections.lock().unwrap().abort_all();
    }

    /// Starts again.
    pub(super) fn start(&self) {
        self.down.store(false, Ordering::SeqCst);
    }

    /// Whether dialling panics, as a bug in the gateway would.
    pub(super) fn panic_when_dialled(&self, panics: bool) {
        self.panics.store(panics, Ordering::SeqCst);
        self.connections.lock().unwrap().abort_all();
    }
}

#[async_trait]
impl Connect for App {
    async fn connect(&self, host: &str, port: u16) -> io::Result<Box<dyn Connection>> {
        assert!(!self.panics.load(Ordering::SeqCst), "a panic on purpose");
        let known = matches!(
            (host, port),
            ("app.internal", 3000) | ("api.internal", 5000)
        );
        if !known || self.down.load(Ordering::SeqCst) {
            return Err(io::ErrorKind::ConnectionRefused.into());
        }
        let (near, far) = tokio::io::duplex(64 * 1024);
        let shared = Arc::clone(&self.shared);
        let serve = async move {
            let service = service_fn(move |request| answer(Arc::clone(&shared), request));
            // However a connection ends, it has ended.
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(far), service)
                .await;
        };
        let mut connections = self.connections.lock().unwrap();
        while connections.try_join_next().is_some() {}
        connections.spawn(serve);
        Ok(Box::new(near))
    }
}

async fn answer(
    shared: Arc<Shared>,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = body
        .collect()
        .await
        .map(http_body_util::Collected::to_bytes)
        .unwrap_or_default();
    let seen = Seen {
        target: head.uri.to_string(),
        headers: head.headers,
        body,
    };
    let refused = seen
        .token()
        .is_some_and(|token| shared.refused.lock().unwrap().contains(token));
    let who = json!({
        "user_id": seen.header("x-user-id"),
        "token_of": seen.token().map(|token| claims(token)["sub"].clone()),
        "assertion_of": seen.header("x-cloakroom-session").map(|token| claims(token)["sub"].clone()),
    });
    let hangs = seen.target.starts_with(HANGING);
    shared.seen.lock().unwrap().push(seen);
    if hangs {
        std::future::pending::<()>().await;
    }
    let mut response = Response::new(Full::from(who.to_string()));
    if refused {
        *response.status_mut() = StatusCode::UNAUTHORIZED;
    }
    Ok(response)
}

/// What a token says, unverified: the test asks whose it is, not whether it is good.
pub(super) fn claims(token: &str) -> Value {
    let payload = token.split('.').nth(1).expect("a JWT has three parts");
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).unwrap()).unwrap()
}
