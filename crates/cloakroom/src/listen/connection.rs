//! One connection: hyper's HTTP/1 with our limits, and the request to close after what is under way.

use std::convert::Infallible;
use std::future::{Future, poll_fn};
use std::net::SocketAddr;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use futures_util::FutureExt;
use http::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1::Builder;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::Notify;

use super::limits::Seat;
use super::patience::Patient;
use super::service::{Answer, AnswerOne};

/// For a request head, and between two requests.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// 32 KiB of headers and 8 KiB of address. The 100 fields are hyper's own default: naming the number would
/// move them from the stack to the heap.
const HEAD_BYTES: usize = 40 * 1024;

/// Tells all connections to close after what they are doing.
///
/// A connection asks the flag whenever it is woken, and is woken once by the notification: that costs a request
/// one load, where waiting on a channel beside each read would take a lock.
#[derive(Debug, Default)]
pub(super) struct Closing {
    flag: AtomicBool,
    notify: Notify,
}

impl Closing {
    pub(super) fn begin(&self) {
        self.flag.store(true, Ordering::Release);
        self.notify.notify_waiters();
    }
}

/// Serves one connection to its end. `_seat` counts it until then.
pub(super) async fn drive<A: Answer>(
    stream: Patient,
    peer: SocketAddr,
    service: A,
    closing: Arc<Closing>,
    _seat: Seat,
) {
    let answering = Arc::new(service.connected(peer));
    let answer = service_fn(move |request: Request<Incoming>| {
        Arc::clone(&answering)
            .answer(request)
            .map(Ok::<_, Infallible>)
    });
    let connection = builder()
        .serve_connection(TokioIo::new(stream), answer)
        .with_upgrades();
    let mut connection = pin!(connection);
    let mut told = pin!(closing.notify.notified());
    let mut registered = false;
    let mut closes = false;
    let ended = poll_fn(|context| {
        if !registered {
            // Registers this task's waker, which stays the same for the life of the task.
            registered = true;
            let _ = told.as_mut().poll(context);
        }
        if !closes && closing.flag.load(Ordering::Acquire) {
            closes = true;
            connection.as_mut().graceful_shutdown();
        }
        connection.as_mut().poll(context)
    });
    if let Err(error) = ended.await {
        tracing::debug!(%error, %peer, "a connection ended early");
    }
}

fn builder() -> Builder {
    let mut builder = Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEAD_BYTES)
        // A browser that hangs up is noticed while its upstream is silent, and the upstream is let go.
        .half_close(false);
    builder
}
