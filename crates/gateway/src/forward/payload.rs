//! The request body on its way out: nothing, a text that was held, or a stream with an end to its patience.

use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use crate::body::BodyError;
use crate::call::{Call, Payload};
use crate::refusal::Refusal;

/// A request body as the upstream connection reads it.
pub(super) enum Outgoing {
    Empty,
    Held(Option<Bytes>),
    Stream {
        body: Incoming,
        left: u64,
        watch: Watch,
    },
}

/// What whoever waits for the answer wants to know of a body that is still on its way.
#[derive(Clone, Default)]
pub(super) struct Watch(Option<Arc<Flags>>);

#[derive(Default)]
struct Flags {
    overflow: AtomicBool,
    broke: AtomicBool,
    moved: AtomicBool,
}

impl Watch {
    /// Whether a body of unknown length turned out to be too long.
    pub(super) fn overflowed(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|flags| flags.overflow.load(Ordering::Relaxed))
    }

    /// Whether the body was malformed or broke off: then it is not the upstream that failed.
    pub(super) fn broke(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|flags| flags.broke.load(Ordering::Relaxed))
    }

    fn note(&self, which: impl Fn(&Flags) -> &AtomicBool) {
        if let Some(flags) = &self.0 {
            which(flags).store(true, Ordering::Relaxed);
        }
    }

    /// Whether anything was read since the last time this was asked.
    pub(super) fn moved(&self) -> bool {
        self.0
            .as_ref()
            .is_some_and(|flags| flags.moved.swap(false, Ordering::Relaxed))
    }
}

/// Takes the body out of a call. A declared length over the limit is refused before a byte is read; a body
/// that was held stays with the call, so that it can be sent again.
pub(super) fn outgoing(call: &mut Call, limit: Option<u64>) -> Result<(Outgoing, Watch), Refusal> {
    let left = limit.unwrap_or(u64::MAX);
    match std::mem::replace(&mut call.payload, Payload::Empty) {
        Payload::Empty => Ok((Outgoing::Empty, Watch::default())),
        Payload::Held(bytes) => {
            call.payload = Payload::Held(bytes.clone());
            Ok((Outgoing::Held(Some(bytes)), Watch::default()))
        }
        Payload::Stream(body) if body.size_hint().lower() > left => {
            call.payload = Payload::Stream(body);
            Err(Refusal::BodyTooLarge)
        }
        Payload::Stream(body) => {
            let watch = Watch(Some(Arc::default()));
            Ok((
                Outgoing::Stream {
                    body,
                    left,
                    watch: watch.clone(),
                },
                watch,
            ))
        }
    }
}

#[derive(Debug, thiserror::Error)]
#[error("the request body is longer than the route allows")]
struct TooLong;

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        match &mut *self {
            Self::Empty => Poll::Ready(None),
            Self::Held(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream { body, left, watch } => loop {
                let frame = match std::task::ready!(Pin::new(&mut *body).poll_frame(cx)) {
                    None => return Poll::Ready(None),
                    Some(Err(error)) => {
                        watch.note(|flags| &flags.broke);
                        return Poll::Ready(Some(Err(error.into())));
                    }
                    Some(Ok(frame)) => frame,
                };
                // Trailers are dropped: nobody asked for them, and merged into headers they are an attack
                // (RFC 9110 §6.5.1).
                let Ok(data) = frame.into_data() else {
                    continue;
                };
                let Some(rest) = left.checked_sub(data.len() as u64) else {
                    watch.note(|flags| &flags.overflow);
                    return Poll::Ready(Some(Err(TooLong.into())));
                };
                *left = rest;
                watch.note(|flags| &flags.moved);
                return Poll::Ready(Some(Ok(Frame::data(data))));
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Empty | Self::Held(None) => true,
            Self::Held(Some(bytes)) => bytes.is_empty(),
            Self::Stream { body, .. } => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match self {
            Self::Empty | Self::Held(None) => SizeHint::with_exact(0),
            Self::Held(Some(bytes)) => SizeHint::with_exact(bytes.len() as u64),
            Self::Stream { body, .. } => body.size_hint(),
        }
    }
}
