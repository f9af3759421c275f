//! A switched protocol: bytes in both directions until one side, the clock or the session's end says stop.
//!
//! The only protocol is WebSocket, and the tunnel begins only after the upstream's 101 for it; what a client sent
//! early has waited. A WebSocket of an ended session is closed with code 4401 at a frame boundary, so
//! that the browser's script can tell it from a broken line.

mod frames;

use std::ops::Range;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadHalf, WriteHalf};

use super::payload::Outgoing;
use super::upstream::SendError;
use crate::body::{Body, BodyError};
use crate::connect::Connection;
use crate::streams::Ticket;
use frames::Frames;

/// How long a tunnel may be silent in both directions.
const IDLE: Duration = Duration::from_secs(5 * 60);
/// How long a tunnel may live at all.
const MAX_AGE: Duration = Duration::from_secs(60 * 60);
/// How long to wait for a frame to end before the line is cut.
const BOUNDARY: Duration = Duration::from_secs(5);
/// How much is read at once, in bytes.
const BUFFER: usize = 16 * 1024;
/// A close frame with code 4401 (RFC 6455 §5.5.1, §7.4.2): the session has ended.
const SESSION_ENDED: [u8; 4] = [0x88, 0x02, 0x11, 0x31];

/// A protocol switch that a browser asked for.
pub(super) struct Switch {
    /// Its side of the tunnel, once we answer 101.
    pub(super) browser: OnUpgrade,
    /// Its place in the registry of streams.
    pub(super) ticket: Ticket,
}

/// The body of an answer that refuses to switch.
pub(crate) struct Tunnelled(Incoming);

impl http_body::Body for Tunnelled {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        Pin::new(&mut self.0).poll_frame(cx).map_err(Into::into)
    }

    fn is_end_stream(&self) -> bool {
        self.0.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.0.size_hint()
    }
}

/// Asks the upstream to switch, on a connection of its own.
pub(super) async fn switch(
    io: Box<dyn Connection>,
    request: Request<Outgoing>,
    switch: Switch,
) -> Result<Response<Body>, SendError> {
    let (mut sender, wire) = http1::handshake(TokioIo::new(io))
        .await
        .map_err(SendError::Broken)?;
    tokio::spawn(wire.with_upgrades());
    let mut response = sender
        .send_request(request)
        .await
        .map_err(SendError::Broken)?;
    if response.status() != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(response.map(|body| Body::tunnelled(Tunnelled(body))));
    }
    let switched = response.headers().get(header::UPGRADE);
    if !switched.is_some_and(|to| to.as_bytes().eq_ignore_ascii_case(b"websocket")) {
        return Err(SendError::BadSwitch);
    }
    let upstream = hyper::upgrade::on(&mut response);
    tokio::spawn(join(upstream, switch));
    Ok(response.map(|_| Body::empty()))
}

/// Joins both sides once both have switched.
async fn join(upstream: OnUpgrade, switch: Switch) {
    let (Ok(upstream), Ok(browser)) = tokio::join!(upstream, switch.browser) else {
        return;
    };
    let (upstream_in, upstream_out) = tokio::io::split(TokioIo::new(upstream));
    let (browser_in, browser_out) = tokio::io::split(TokioIo::new(browser));
    let pulse = AtomicU64::new(0);
    let ticket = &switch.ticket;
    let down = Down::new(upstream_in, browser_out);
    tokio::select! {
        () = up(browser_in, upstream_out, &pulse) => {}
        () = down.run(&pulse, ticket) => {}
        () = silence(&pulse, ticket) => {}
        () = ticket.sleep(MAX_AGE) => {}
    }
}

/// From the browser to the upstream.
async fn up(
    mut from: ReadHalf<TokioIo<Upgraded>>,
    mut to: WriteHalf<TokioIo<Upgraded>>,
    pulse: &AtomicU64,
) {
    let mut buffer = vec![0; BUFFER];
    while let Ok(read @ 1..) = from.read(&mut buffer).await {
        pulse.fetch_add(1, Ordering::Relaxed);
        if to
            .write_all(buffer.get(..read).unwrap_or_default())
            .await
            .is_err()
        {
            return;
        }
    }
    // The browser has said all it will; what the upstream still says is let through.
    if to.shutdown().await.is_ok() {
        std::future::pending::<()>().await;
    }
}

/// From the upstream to the browser.
struct Down<R, W> {
    from: R,
    to: W,
    /// Where the stream stands after everything that was read.
    frames: Frames,
    buffer: Vec<u8>,
    /// What of the buffer was read and not yet written.
    waiting: Range<usize>,
}

impl<R: AsyncRead + Unpin, W: AsyncWrite + Unpin> Down<R, W> {
    fn new(from: R, to: W) -> Self {
        Self {
            from,
            to,
            frames: Frames::default(),
            buffer: vec![0; BUFFER],
            waiting: 0..0,
        }
    }

    async fn run(mut self, pulse: &AtomicU64, ticket: &Ticket) {
        tokio::select! {
            () = self.copy(pulse, |_| false) => {
                let _ = self.to.shutdown().await;
                return;
            }
            () = ticket.ended() => {}
        }
        tokio::select! {
            () = self.copy(pulse, Frames::at_boundary) => {}
            () = ticket.sleep(BOUNDARY) => return,
        }
        if self.waiting.is_empty()
            && self.frames.at_boundary()
            && self.to.write_all(&SESSION_ENDED).await.is_ok()
        {
            let _ = self.to.shutdown().await;
        }
    }

    /// Copies until the upstream is done, the browser is gone, or `stop` says so between two frames. May be
    /// dropped at any point and called again: nothing that was read is lost.
    async fn copy(&mut self, pulse: &AtomicU64, stop: impl Fn(&Frames) -> bool) {
        loop {
            while !self.waiting.is_empty() {
                let rest = self.buffer.get(self.waiting.clone()).unwrap_or_default();
                let Ok(written @ 1..) = self.to.write(rest).await else {
                    return;
                };
                self.waiting.start += written;
            }
            if stop(&self.frames) {
                return;
            }
            let Ok(read @ 1..) = self.from.read(&mut self.buffer).await else {
                return;
            };
            pulse.fetch_add(1, Ordering::Relaxed);
            self.frames
                .advance(self.buffer.get(..read).unwrap_or_default());
            self.waiting = 0..read;
        }
    }
}

/// Returns once nothing has moved for [`IDLE`].
async fn silence(pulse: &AtomicU64, ticket: &Ticket) {
    loop {
        let before = pulse.load(Ordering::Relaxed);
        ticket.sleep(IDLE).await;
        if pulse.load(Ordering::Relaxed) == before {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;
    use tokio::io::duplex;

    use super::*;

    #[tokio::test]
    async fn a_copy_that_is_dropped_while_the_browser_does_not_read_loses_no_byte() {
        // LO-11: the end of a session may come between the two halves of a write
        let (mut upstream, from) = duplex(64);
        let (to, mut browser) = duplex(4);
        let mut down = Down::new(from, to);
        let pulse = AtomicU64::new(0);
        upstream.write_all(b"\x82\x08abcdefgh").await.unwrap();
        assert!(down.copy(&pulse, |_| false).now_or_never().is_none());
        let mut arrived = [0; 10];
        let (read, ()) = tokio::join!(
            browser.read_exact(&mut arrived),
            down.copy(&pulse, Frames::at_boundary)
        );
        read.unwrap();
        assert_eq!(&arrived, b"\x82\x08abcdefgh");
        assert!(down.waiting.is_empty() && down.frames.at_boundary());
    }
}
