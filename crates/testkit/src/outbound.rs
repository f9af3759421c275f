//! Outgoing calls that never leave the test: answered by host name, recorded, and held back on demand.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use cloakroom_core::ports::{Limits, Outbound, OutboundError};
use http::{HeaderMap, Method, Request, Response, Uri};
use tokio::sync::watch;

type Answer = Pin<Box<dyn Future<Output = Result<Response<Bytes>, OutboundError>> + Send>>;
type Handler = Arc<dyn Fn(Request<Bytes>) -> Answer + Send + Sync>;

/// One call as it was made.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The method.
    pub method: Method,
    /// The whole URI.
    pub uri: Uri,
    /// The header fields.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// An [`Outbound`] whose hosts are closures. A host that nobody plays is unreachable.
///
/// [`Limits::body`] is applied to the answers; a deadline is not: a test says itself when a call fails.
#[derive(Default)]
pub struct StubOutbound {
    hosts: Mutex<HashMap<String, Handler>>,
    sent: Mutex<Vec<Sent>>,
}

impl StubOutbound {
    /// Knows no host yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Plays `host` (with its port, where the URIs have one) from now on, in place of whoever did before.
    pub fn on<F, A>(&self, host: &str, handler: F)
    where
        F: Fn(Request<Bytes>) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Response<Bytes>, OutboundError>> + Send + 'static,
    {
        let handler: Handler = Arc::new(move |request| Box::pin(handler(request)));
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.insert(host.to_owned(), handler);
    }

    /// Holds back every call to `host` until the gate is opened; then whoever plays the host answers.
    pub fn hold(&self, host: &str) -> Gate {
        let gate = Gate::new();
        let before = self.handler(host);
        let (entry, name) = (gate.clone(), host.to_owned());
        self.on(host, move |request| {
            let (entry, before, name) = (entry.clone(), before.clone(), name.clone());
            async move {
                entry.pass().await;
                match before {
                    Some(handler) => handler(request).await,
                    None => Err(unreachable(&name)),
                }
            }
        });
        gate
    }

    /// Nobody plays `host` any more: it is unreachable.
    pub fn unplug(&self, host: &str) {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.remove(host);
    }

    /// Every call made so far, in order.
    pub fn sent(&self) -> Vec<Sent> {
        let sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        sent.clone()
    }

    fn handler(&self, host: &str) -> Option<Handler> {
        let hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        hosts.get(host).cloned()
    }
}

fn unreachable(host: &str) -> OutboundError {
    OutboundError::Unreachable {
        host: host.to_owned(),
        cause: "nobody plays this host".to_owned(),
    }
}

#[async_trait]
impl Outbound for StubOutbound {
    async fn call(
        &self,
        request: Request<Bytes>,
        limits: Limits,
    ) -> Result<Response<Bytes>, OutboundError> {
        let host = request
            .uri()
            .authority()
            .map_or_else(String::new, |authority| authority.as_str().to_owned());
        let sent = Sent {
            method: request.method().clone(),
            uri: request.uri().clone(),
            headers: request.headers().clone(),
            body: request.body().clone(),
        };
        self.sent
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(sent);
        let handler = self.handler(&host).ok_or_else(|| unreachable(&host))?;
        let response = handler(request).await?;
        if response.body().len() > limits.body {
            return Err(OutboundError::TooLarge {
                host,
                limit: limits.body,
            });
        }
        Ok(response)
    }
}

/// Holds tasks back until it is opened, once and for all.
#[derive(Clone, Debug)]
pub struct Gate {
    open: Arc<watch::Sender<bool>>,
    waiting: Arc<watch::Sender<usize>>,
}

impl Gate {
    /// A closed gate.
    pub fn new() -> Self {
        Self {
            open: Arc::new(watch::Sender::new(false)),
            waiting: Arc::new(watch::Sender::new(0)),
        }
    }

    /// Waits until the gate is open.
    pub async fn pass(&self) {
        self.waiting.send_modify(|count| *count += 1);
        // `self` holds the sender, so the channel cannot close while it is waited on.
        let _ = self.open.subscribe().wait_for(|open| *open).await;
    }

    /// Returns once `count` tasks have come to the gate.
    pub async fn until_waiting(&self, count: usize) {
        let _ = self
            .waiting
            .subscribe()
            .wait_for(|came| *came >= count)
            .await;
    }

    /// Lets everybody through, now and later.
    pub fn open(&self) {
        self.open.send_replace(true);
    }
}

impl Default for Gate {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    const LIMITS: Limits = Limits {
        body: 4,
        deadline: Duration::from_secs(1),
    };

    fn get(uri: &str) -> Request<Bytes> {
        Request::get(uri).body(Bytes::new()).unwrap()
    }

    #[tokio::test]
    async fn a_host_answers_by_name_and_the_call_is_recorded() {
        let stub = StubOutbound::new();
        stub.on("id.test:81", |_| async {
            Ok(Response::new(Bytes::from_static(b"ok")))
        });
        let answer = stub.call(get("http://id.test:81/me"), LIMITS).await;
        assert_eq!(answer.unwrap().into_body(), "ok");
        assert_eq!(stub.sent()[0].uri.path(), "/me");
    }

    #[tokio::test]
    async fn a_host_that_nobody_plays_is_unreachable() {
        let stub = StubOutbound::new();
        let answer = stub.call(get("http://id.test/"), LIMITS).await;
        assert!(matches!(answer, Err(OutboundError::Unreachable { .. })));
    }

    #[tokio::test]
    async fn an_answer_above_the_limit_is_refused() {
        let stub = StubOutbound::new();
        stub.on("id.test", |_| async {
            Ok(Response::new(Bytes::from_static(b"12345")))
        });
        assert!(matches!(
            stub.call(get("http://id.test/"), LIMITS).await,
            Err(OutboundError::TooLarge { limit: 4, .. })
        ));
    }

    #[tokio::test]
    async fn a_call_that_is_held_back_is_answered_when_the_gate_opens() {
        let stub = Arc::new(StubOutbound::new());
        stub.on("id.test", |_| async { Ok(Response::new(Bytes::new())) });
        let gate = stub.hold("id.test");
        let call = tokio::spawn({
            let stub = Arc::clone(&stub);
            async move { stub.call(get("http://id.test/"), LIMITS).await }
        });
        gate.until_waiting(1).await;
        assert!(!call.is_finished());
        gate.open();
        assert!(call.await.unwrap().is_ok());
    }
}
