//! A switched protocol: bytes in both directions until one side, the clock or the session's end says stop.
//!
//! The tunnel begins only after the upstream's 101 for the very protocol that was asked for; what a client
//! sent early has waited. A WebSocket of an ended session is closed with code 4401 at a frame boundary, so
//! that the browser's script can tell it from a broken line.

mod frames;

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Request, Response, StatusCode, header};
use http_body::{Frame, SizeHint};
use hyper::body::Incoming;
use hyper::client::conn::http1;
use hyper::upgrade::{OnUpgrade, Upgraded};
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt, ReadHalf, WriteHalf};

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
/// A close frame with code 4401 (RFC 6455 §5.5.1, §7.4.2): the session has ended.
const SESSION_ENDED: [u8; 4] = [0x88, 0x02, 0x11, 0x31];

/// A protocol switch that a browser asked for.
pub(super) struct Switch {
    /// What it asked for.
    pub(super) protocol: HeaderValue,
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
    let same = |to: &HeaderValue| {
        to.as_bytes()
            .eq_ignore_ascii_case(switch.protocol.as_bytes())
    };
    if !switched.is_some_and(same) {
        return Err(SendError::BadSwitch);
    }
    let upstream = hyper::upgrade::on(&mut response);
    tokio::spawn(join(upstream, switch));
    Ok(response.map(|_| Body::empty()))
}

/// Joins both sides once both have switched.
async fn join(upstream: OnUpgrade, switch: Switch) {
    let is_websocket = switch
        .protocol
        .as_bytes()
        .eq_ignore_ascii_case(b"websocket");
    let (Ok(upstream), Ok(browser)) = tokio::join!(upstream, switch.browser) else {
        return;
    };
    let (upstream_in, upstream_out) = tokio::io::split(TokioIo::new(upstream));
    let (browser_in, browser_out) = tokio::io::split(TokioIo::new(browser));
    let pulse = AtomicU64::new(0);
    let ticket = &switch.ticket;
    let down = Down {
        from: upstream_in,
        to: browser_out,
        frames: Frames::new(is_websocket),
    };
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
    let mut buffer = vec![0; 16 * 1024];
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
struct Down {
    from: ReadHalf<TokioIo<Upgraded>>,
    to: WriteHalf<TokioIo<Upgraded>>,
    frames: Frames,
}

impl Down {
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
        if self.frames.at_boundary() && self.to.write_all(&SESSION_ENDED).await.is_ok() {
            let _ = self.to.shutdown().await;
        }
    }

    /// Copies until the upstream is done, the browser is gone, or `stop` says so between two frames.
    async fn copy(&mut self, pulse: &AtomicU64, stop: impl Fn(&Frames) -> bool) {
        let mut buffer = vec![0; 16 * 1024];
        while !stop(&self.frames) {
            let Ok(read @ 1..) = self.from.read(&mut buffer).await else {
                return;
            };
            pulse.fetch_add(1, Ordering::Relaxed);
            let bytes = buffer.get(..read).unwrap_or_default();
            self.frames.advance(bytes);
            if self.to.write_all(bytes).await.is_err() {
                return;
            }
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
