//! The body of an answer: where its bytes come from, and the note that is written when it is over.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Frame, SizeHint};

use crate::access::Note;
use crate::forward::{Relay, Tunnelled};
use crate::streams::Ticket;

/// What went wrong while a body was on its way; the connection is closed.
pub(crate) type BodyError = Box<dyn std::error::Error + Send + Sync>;

/// The body of an answer. Nothing is buffered: a frame is passed on as it comes.
///
/// Dropping it, at its end or because the browser has gone, writes the access line.
pub struct Body {
    source: Source,
    note: Option<Box<Note>>,
}

enum Source {
    /// A text of ours, or nothing.
    Full(Option<Bytes>),
    /// An upstream's answer, its connection driven by whoever reads the body.
    Relay(Relay),
    /// An upstream's event stream, which ends with the session it was opened for.
    Following {
        relay: Relay,
        ended: Pin<Box<dyn Future<Output = ()> + Send>>,
    },
    /// An upstream's answer to a refused protocol switch.
    Tunnelled(Tunnelled),
    /// One of our own endpoints.
    Own(axum::body::Body),
}

impl Body {
    /// No body.
    pub(crate) const fn empty() -> Self {
        Self {
            source: Source::Full(None),
            note: None,
        }
    }

    /// A text of ours.
    pub(crate) fn full(text: impl Into<Bytes>) -> Self {
        Self {
            source: Source::Full(Some(text.into())),
            note: None,
        }
    }

    /// An upstream's answer.
    pub(crate) const fn relay(relay: Relay) -> Self {
        Self {
            source: Source::Relay(relay),
            note: None,
        }
    }

    /// An upstream's answer to a refused protocol switch.
    pub(crate) const fn tunnelled(body: Tunnelled) -> Self {
        Self {
            source: Source::Tunnelled(body),
            note: None,
        }
    }

    /// One of our own endpoints' answers.
    pub(crate) const fn own(body: axum::body::Body) -> Self {
        Self {
            source: Source::Own(body),
            note: None,
        }
    }

    /// The same body, cut off once the session of `ticket` has ended. Only an upstream's answer is.
    pub(crate) fn following(mut self, ticket: Ticket) -> Self {
        self.source = match self.source {
            Source::Relay(relay) => {
                let ended = Box::pin(async move { ticket.ended().await });
                Source::Following { relay, ended }
            }
            other => other,
        };
        self
    }

    /// Attaches the note that is written when the body is over.
    pub(crate) fn noted(mut self, note: Box<Note>) -> Self {
        self.note = Some(note);
        self
    }
}

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Body")
    }
}

impl http_body::Body for Body {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let this = &mut *self;
        let frame = match &mut this.source {
            Source::Full(text) => Poll::Ready(text.take().map(|text| Ok(Frame::data(text)))),
            Source::Relay(relay) => Pin::new(relay).poll_frame(cx),
            Source::Following { relay, ended } => match ended.as_mut().poll(cx) {
                Poll::Ready(()) => {
                    this.source = Source::Full(None);
                    Poll::Ready(None)
                }
                Poll::Pending => Pin::new(relay).poll_frame(cx),
            },
            Source::Tunnelled(body) => Pin::new(body).poll_frame(cx),
            Source::Own(body) => Pin::new(body).poll_frame(cx).map_err(Into::into),
        };
        if let Some(note) = &mut this.note {
            match &frame {
                Poll::Ready(Some(Ok(frame))) => {
                    note.sent(frame.data_ref().map_or(0, Bytes::len));
                }
                Poll::Ready(Some(Err(_))) => note.broken(),
                Poll::Ready(None) | Poll::Pending => {}
            }
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        match &self.source {
            Source::Full(text) => text.as_ref().is_none_or(Bytes::is_empty),
            Source::Relay(relay) | Source::Following { relay, .. } => relay.is_end_stream(),
            Source::Tunnelled(body) => body.is_end_stream(),
            Source::Own(body) => body.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.source {
            Source::Full(text) => {
                SizeHint::with_exact(text.as_ref().map_or(0, |text| text.len() as u64))
            }
            Source::Relay(relay) => relay.size_hint(),
            // It may be cut off anywhere.
            Source::Following { .. } => SizeHint::default(),
            Source::Tunnelled(body) => body.size_hint(),
            Source::Own(body) => body.size_hint(),
        }
    }
}
