//! One connection to an upstream, driven by whoever waits on it: no task of its own, no channel between.
//!
//! A connection task would cost a wake-up of another thread for each request and each answer. Here the task
//! that waits for the answer also moves the connection's bytes; between requests nobody does, and the pool
//! looks once, before it hands a connection out, whether the upstream has closed it.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use http::{Request, Response};
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use super::payload::Outgoing;
use crate::connect::Connection;

/// The end that moves bytes.
type Wire = http1::Connection<TokioIo<Box<dyn Connection>>, Outgoing>;

/// A connection's two ends of hyper, under one owner.
pub(super) struct Link {
    sender: SendRequest<Outgoing>,
    wire: Pin<Box<Wire>>,
    /// Whether the connection has come to its end.
    over: bool,
}

/// Why a request was not answered on this connection.
pub(super) enum Unanswered {
    /// It was not sent; here it is again.
    Unsent(Box<Request<Outgoing>>),
    /// It was sent, at least in part.
    Broken(hyper::Error),
}

impl Link {
    /// Speaks HTTP/1.1 over a fresh connection.
    pub(super) async fn new(io: Box<dyn Connection>) -> Result<Self, hyper::Error> {
        let (sender, wire) = http1::handshake(TokioIo::new(io)).await?;
        Ok(Self {
            sender,
            wire: Box::pin(wire),
            over: false,
        })
    }

    /// Moves bytes, as far as there are any.
    pub(super) fn drive(&mut self, cx: &mut Context<'_>) {
        if !self.over {
            // An error reaches whoever waits for the answer; here it only means that this is the end.
            self.over = self.wire.as_mut().poll(cx).is_ready();
        }
    }

    /// Whether another request can be sent: looks at the socket once, without waiting.
    pub(super) fn is_reusable(&mut self) -> bool {
        self.drive(&mut Context::from_waker(Waker::noop()));
        !self.over && self.sender.is_ready()
    }

    /// Sends a request and waits for the head of its answer.
    pub(super) async fn send(
        &mut self,
        request: Request<Outgoing>,
    ) -> Result<Response<Incoming>, Unanswered> {
        let mut answer = std::pin::pin!(self.sender.try_send_request(request));
        let wire = &mut self.wire;
        let over = &mut self.over;
        poll_fn(|cx| {
            if !*over {
                *over = wire.as_mut().poll(cx).is_ready();
            }
            match answer.as_mut().poll(cx) {
                Poll::Ready(Ok(response)) => Poll::Ready(Ok(response)),
                Poll::Ready(Err(mut error)) => Poll::Ready(Err(match error.take_message() {
                    Some(request) => Unanswered::Unsent(Box::new(request)),
                    None => Unanswered::Broken(error.into_error()),
                })),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }
}
