//! One upstream: how a request gets there and an answer back.

use std::sync::Arc;
use std::time::Duration;

use http::{Request, Response, StatusCode};

use super::link::{Link, Unanswered};
use super::payload::{Outgoing, Watch};
use super::pool::Pool;
use super::relay::Relay;
use super::tunnel::{self, Switch};
use crate::body::Body;
use crate::config;
use crate::connect::{Connect, Connection};

/// One upstream.
pub(super) struct Upstream {
    name: String,
    host: String,
    port: u16,
    prefix: String,
    connect: Arc<dyn Connect>,
    pool: Arc<Pool>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    /// No connection could be made.
    #[error("cannot connect: {0}")]
    Unreachable(std::io::Error),
    /// The head of the answer did not come in time.
    #[error("no answer in time")]
    Timeout,
    /// The connection broke, or what came is no HTTP.
    #[error("broken answer: {0}")]
    Broken(hyper::Error),
    /// It switched to a protocol that nobody asked for.
    #[error("switched to another protocol than was asked for")]
    BadSwitch,
}

impl Upstream {
    /// Prepares an upstream; does not connect.
    pub(super) fn new(config: &config::Upstream, connect: Arc<dyn Connect>) -> Self {
        Self {
            name: config.name.clone(),
            host: config.url.host().to_owned(),
            port: config.url.port(),
            prefix: config.url.prefix().to_owned(),
            connect,
            pool: Arc::new(Pool::new()),
        }
    }

    /// Its name in the configuration.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The path in front of every request's.
    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    /// Closes connections that nobody has used for a while.
    pub(super) fn sweep(&self) {
        self.pool.sweep();
    }

    /// Sends a request; `timeout` is for the head of the answer, counted anew as long as the body moves.
    pub(super) async fn send(
        &self,
        request: Request<Outgoing>,
        timeout: Duration,
        watch: &Watch,
    ) -> Result<Response<Body>, SendError> {
        let mut sending = std::pin::pin!(self.send_on_some_link(request));
        let (response, link) = loop {
            match tokio::time::timeout(timeout, sending.as_mut()).await {
                Ok(sent) => break sent?,
                Err(_) if watch.moved() => {}
                Err(_) => return Err(SendError::Timeout),
            }
        };
        if response.status() == StatusCode::SWITCHING_PROTOCOLS {
            // Passed on, it would turn the browser's connection into one that nobody asked for.
            return Err(SendError::BadSwitch);
        }
        let pool = Arc::clone(&self.pool);
        Ok(response.map(|body| Body::relay(Relay::new(body, link, pool))))
    }

    async fn send_on_some_link(
        &self,
        request: Request<Outgoing>,
    ) -> Result<(Response<hyper::body::Incoming>, Link), SendError> {
        let mut request = request;
        // The upstream may close an idle connection just when we use it: as long as nothing of the request
        // was sent, trying the next one is no repetition.
        while let Some(mut link) = self.pool.take() {
            match link.send(request).await {
                Ok(response) => return Ok((response, link)),
                Err(Unanswered::Unsent(again)) => request = *again,
                Err(Unanswered::Broken(error)) => return Err(SendError::Broken(error)),
            }
        }
        let mut link = Link::new(self.dial().await?)
            .await
            .map_err(SendError::Broken)?;
        match link.send(request).await {
            Ok(response) => Ok((response, link)),
            Err(Unanswered::Unsent(_)) => Err(SendError::Unreachable(
                std::io::ErrorKind::ConnectionAborted.into(),
            )),
            Err(Unanswered::Broken(error)) => Err(SendError::Broken(error)),
        }
    }

    /// Sends a request that asks for another protocol, on a connection of its own.
    pub(super) async fn switch(
        &self,
        request: Request<Outgoing>,
        timeout: Duration,
        switch: Switch,
    ) -> Result<Response<Body>, SendError> {
        let switching = async { tunnel::switch(self.dial().await?, request, switch).await };
        tokio::time::timeout(timeout, switching)
            .await
            .map_err(|_| SendError::Timeout)?
    }

    async fn dial(&self) -> Result<Box<dyn Connection>, SendError> {
        self.connect
            .connect(&self.host, self.port)
            .await
            .map_err(SendError::Unreachable)
    }
}

#[cfg(test)]
mod tests;
