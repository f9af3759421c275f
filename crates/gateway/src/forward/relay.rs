//! An upstream's answer on its way to the browser, and its connection on its way back to the pool.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;

use super::link::Link;
use super::pool::Pool;
use crate::body::BodyError;

/// The body of an upstream's answer. Reading it moves the connection's bytes; dropping it at its end gives
/// the connection back, dropping it earlier closes the connection, which tells the upstream to stop.
pub(crate) struct Relay {
    body: Incoming,
    link: Option<Link>,
    pool: Arc<Pool>,
    ended: bool,
}

impl Relay {
    /// The body of an answer that came over `link`.
    pub(super) fn new(body: Incoming, link: Link, pool: Arc<Pool>) -> Self {
        Self {
            body,
            link: Some(link),
            pool,
            ended: false,
        }
    }

    fn poll_data(&mut self, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, hyper::Error>>> {
        loop {
            match std::task::ready!(Pin::new(&mut self.body).poll_frame(cx)) {
                None => return Poll::Ready(None),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                Some(Ok(frame)) => {
                    // Trailers are dropped, as on the way in.
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
            }
        }
    }
}

impl Body for Relay {
    type Data = Bytes;
    type Error = BodyError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyError>>> {
        let mut polled = self.poll_data(cx);
        if polled.is_pending()
            && let Some(link) = &mut self.link
        {
            link.drive(cx);
            polled = self.poll_data(cx);
        }
        self.ended |= matches!(polled, Poll::Ready(None));
        polled.map(|data| data.map(|data| data.map(Frame::data).map_err(Into::into)))
    }

    fn is_end_stream(&self) -> bool {
        self.ended || self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        if self.is_end_stream()
            && let Some(link) = self.link.take()
        {
            self.pool.put(link);
        }
    }
}
