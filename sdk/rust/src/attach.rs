//! The layers that verify each request before any handler sees it.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::extract::Request;
use cloakroom_jose::Fetch;
use tower::{Layer, Service};

use crate::check::{Check, Source};
use crate::clock::{Now, SystemNow};
use crate::error::ConfigError;
use crate::fetch::HttpFetch;
use crate::trust::Trust;

/// The layer of an API server: verifies `Authorization: Bearer`. By itself it refuses nothing; handlers and
/// guards below it do.
#[derive(Clone)]
pub struct Verify {
    check: Arc<Check>,
}

/// The layer of a web app: verifies `X-Cloakroom-Session`, which only the gateway can sign. By itself it
/// refuses nothing; handlers and guards below it do.
#[derive(Clone)]
pub struct Assertions {
    check: Arc<Check>,
}

impl Verify {
    /// Believes the access tokens of `trust`. Its keys are fetched with the first token.
    pub fn new(trust: Trust) -> Result<Self, ConfigError> {
        let fetch = HttpFetch::for_url(&trust.jwks_url)?;
        Ok(Self::with(
            trust,
            Arc::new(fetch),
            Arc::new(SystemNow::new()),
        ))
    }

    /// The same with a client and a clock of one's own.
    pub fn with(trust: Trust, fetch: Arc<dyn Fetch>, now: Arc<dyn Now>) -> Self {
        let check = Arc::new(Check::new(Source::Bearer, trust, fetch, now));
        Self { check }
    }
}

impl Assertions {
    /// Believes the assertions of `trust`. Its keys are fetched with the first one.
    pub fn new(trust: Trust) -> Result<Self, ConfigError> {
        let fetch = HttpFetch::for_url(&trust.jwks_url)?;
        Ok(Self::with(
            trust,
            Arc::new(fetch),
            Arc::new(SystemNow::new()),
        ))
    }

    /// The same with a client and a clock of one's own.
    pub fn with(trust: Trust, fetch: Arc<dyn Fetch>, now: Arc<dyn Now>) -> Self {
        let check = Arc::new(Check::new(Source::Assertion, trust, fetch, now));
        Self { check }
    }
}

impl<S> Layer<S> for Verify {
    type Service = Attach<S>;

    fn layer(&self, inner: S) -> Attach<S> {
        let check = Arc::clone(&self.check);
        Attach { check, inner }
    }
}

impl<S> Layer<S> for Assertions {
    type Service = Attach<S>;

    fn layer(&self, inner: S) -> Attach<S> {
        let check = Arc::clone(&self.check);
        Attach { check, inner }
    }
}

impl fmt::Debug for Verify {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Verify")
    }
}

impl fmt::Debug for Assertions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Assertions")
    }
}

/// A service whose requests are verified first.
#[derive(Clone)]
pub struct Attach<S> {
    check: Arc<Check>,
    inner: S,
}

impl<S> Service<Request> for Attach<S>
where
    S: Service<Request> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        // The service that was polled ready is the one to call, so the clone stays behind.
        let next = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, next);
        let check = Arc::clone(&self.check);
        Box::pin(async move {
            let (mut parts, body) = request.into_parts();
            check.attach(&mut parts).await;
            inner.call(Request::from_parts(parts, body)).await
        })
    }
}

impl<S> fmt::Debug for Attach<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Attach")
    }
}
