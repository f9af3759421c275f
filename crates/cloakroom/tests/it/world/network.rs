//! What lies between the gateways and the identity service: carries each call to the service's router in this
//! process, and fails on demand in all the ways in which networks fail.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use axum::Router;
use axum::body::{Body, to_bytes};
use bytes::Bytes;
use cloakroom_core::ports::{Clock, Limits, Outbound, OutboundError};
use cloakroom_identity::Peer;
use cloakroom_testkit::{Gate, TestClock};
use http::{Request, Response, StatusCode};
use serde::Deserialize;
use tower::ServiceExt;

/// Where a refresh goes.
pub(super) const REFRESH: &str = "/api/v1/refresh";

/// What goes wrong with a call.
#[derive(Clone)]
pub(super) enum Fault {
    /// The service did it, and the answer is lost.
    LostAnswer,
    /// The service did it, and the connection stays silent for ever.
    Silence,
    /// The call waits before it reaches the service.
    Held(Gate),
    /// The service did it, and the answer waits.
    AnswerHeld(Gate),
    /// Something in front of the service answers with this status.
    Status(u16),
    /// Something in front of the service answers with a page.
    Page,
    /// No connection is made.
    Unreachable,
}

/// The tokens of one answer.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Issued {
    #[serde(rename = "access_token")]
    pub(super) access: String,
    #[serde(rename = "refresh_token")]
    pub(super) refresh: String,
}

#[derive(Default)]
struct State {
    service: Option<Router>,
    /// Path, fault, and for how many calls.
    faults: Vec<(&'static str, Fault, usize)>,
    reached: Vec<String>,
    issued: Vec<Issued>,
}

/// What lies between.
#[derive(Default)]
pub(super) struct Network {
    state: Mutex<State>,
    under_way: AtomicUsize,
}

impl Network {
    pub(super) fn new() -> Self {
        Self::default()
    }

    /// This is the service from now on.
    pub(super) fn plug(&self, service: Router) {
        self.state.lock().unwrap().service = Some(service);
    }

    /// Lets the next `times` calls to `path` go wrong.
    pub(super) fn fail(&self, path: &'static str, fault: Fault, times: usize) {
        self.state.lock().unwrap().faults.push((path, fault, times));
    }

    /// Lets every call to `path` go wrong until [`Self::mend`].
    pub(super) fn break_down(&self, path: &'static str, fault: Fault) {
        self.fail(path, fault, usize::MAX);
    }

    /// Nothing goes wrong any more.
    pub(super) fn mend(&self) {
        self.state.lock().unwrap().faults.clear();
    }

    /// How many refreshes have reached the service.
    pub(super) fn refreshes(&self) -> usize {
        let state = self.state.lock().unwrap();
        state
            .reached
            .iter()
            .filter(|path| path.as_str() == REFRESH)
            .count()
    }

    /// Every pair of tokens that the service has handed out, whether or not the answer arrived.
    pub(super) fn issued(&self) -> Vec<Issued> {
        self.state.lock().unwrap().issued.clone()
    }

    /// The latest of them.
    pub(super) fn latest(&self) -> Issued {
        self.issued().pop().expect("something was issued")
    }

    /// Whether no call is under way.
    pub(super) fn is_quiet(&self) -> bool {
        self.under_way.load(Ordering::SeqCst) == 0
    }

    /// Asks the service directly, from an address that is nobody's, without any fault.
    pub(super) async fn ask(&self, request: Request<Bytes>) -> Response<Bytes> {
        let service = self
            .state
            .lock()
            .unwrap()
            .service
            .clone()
            .expect("a service is plugged in");
        self.state
            .lock()
            .unwrap()
            .reached
            .push(request.uri().path().to_owned());
        let mut request = request.map(Body::from);
        request
            .extensions_mut()
            .insert(Peer(([198, 51, 100, 1], 4711).into()));
        let response = match service.oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let (head, body) = response.into_parts();
        let body = to_bytes(body, 1 << 20).await.unwrap();
        if let Ok(issued) = serde_json::from_slice(&body) {
            self.state.lock().unwrap().issued.push(issued);
        }
        Response::from_parts(head, body)
    }

    fn fault(&self, path: &str) -> Option<Fault> {
        let mut state = self.state.lock().unwrap();
        let (_, fault, left) = state
            .faults
            .iter_mut()
            .find(|(at, _, left)| *left > 0 && (*at == path || *at == "*"))?;
        *left -= 1;
        Some(fault.clone())
    }

    async fn carry(&self, request: Request<Bytes>) -> Result<Response<Bytes>, OutboundError> {
        let fault = self.fault(request.uri().path());
        match &fault {
            Some(Fault::Unreachable) => {
                return Err(OutboundError::Unreachable {
                    host: host(),
                    cause: "refused".into(),
                });
            }
            Some(Fault::Status(status)) => {
                return Ok(answer(
                    StatusCode::from_u16(*status).unwrap(),
                    "text/plain",
                    "no",
                ));
            }
            Some(Fault::Page) => {
                return Ok(answer(
                    StatusCode::OK,
                    "text/html",
                    "<html><h1>Welcome to nginx!</h1></html>",
                ));
            }
            Some(Fault::Held(gate)) => gate.pass().await,
            _ => {}
        }
        let response = self.ask(request).await;
        match &fault {
            Some(Fault::LostAnswer) => return Err(interrupted("the answer is lost")),
            Some(Fault::Silence) => std::future::pending().await,
            Some(Fault::AnswerHeld(gate)) => gate.pass().await,
            _ => {}
        }
        Ok(response)
    }
}

fn answer(status: StatusCode, media_type: &str, body: &'static str) -> Response<Bytes> {
    let builder = Response::builder()
        .status(status)
        .header("content-type", media_type);
    builder.body(Bytes::from_static(body.as_bytes())).unwrap()
}

fn host() -> String {
    "127.0.0.1:8081".into()
}

fn interrupted(cause: &str) -> OutboundError {
    OutboundError::Interrupted {
        host: host(),
        cause: cause.into(),
    }
}

/// One gateway's way to the network, with the deadlines of its own clock.
pub(super) struct Line {
    network: Arc<Network>,
    clock: Arc<TestClock>,
    cut: AtomicBool,
}

impl Line {
    pub(super) fn new(network: Arc<Network>, clock: Arc<TestClock>) -> Self {
        Self {
            network,
            clock,
            cut: AtomicBool::new(false),
        }
    }

    /// Nothing is sent and nothing arrives any more.
    pub(super) fn cut(&self) {
        self.cut.store(true, Ordering::SeqCst);
    }
}

#[async_trait]
impl Outbound for Line {
    async fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, OutboundError> {
        if self.cut.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        let _under_way = UnderWay::count(&self.network.under_way);
        let response = tokio::select! {
            biased;
            response = self.network.carry(request) => response?,
            () = self.clock.sleep(limits.deadline) => return Err(interrupted("the deadline has come")),
        };
        if self.cut.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        Ok(response)
    }
}

struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> UnderWay<'a> {
    fn count(counter: &'a AtomicUsize) -> Self {
        counter.fetch_add(1, Ordering::SeqCst);
        Self(counter)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
