//! `GET {base}/events`: server-sent events about the session that asks, so that its tabs need not poll.
//!
//! `refreshed` says that the token was renewed, `expiring` that the session ends in two minutes unless its
//! owner does something, `ended` that it is over, and why; then the stream ends too (LO-11). A comment every
//! 15 s shows both sides that the other is still there. The stream counts as nobody's activity (CK-14).
//!
//! A session has at most two streams: the script shares one among the tabs of a browser. Without a session the
//! answer is 204, which tells an `EventSource` not to come back (HTML, server-sent events §9.2.3).

mod seats;
mod watch;

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Sse;
use axum::response::{IntoResponse, Response};
use futures_util::{StreamExt, stream};

use self::watch::Watch;
use super::answer::no_content;
use super::ask::Ask;
use crate::refusal::Refusal;

pub(super) use self::seats::Seats;

/// When a third stream may ask again.
const LATER: Duration = Duration::from_secs(60);

/// Opens the stream.
pub(super) async fn stream(ask: Ask) -> Result<Response, Refusal> {
    let Some(session) = ask.session_if_any()? else {
        return Ok(no_content());
    };
    let seat = Seats::take(&ask.own.seats, &session.handle).ok_or(Refusal::RateLimited(LATER))?;
    let watch = Watch::new(Arc::clone(&ask.own.context), Arc::clone(session), seat);
    let events = stream::unfold(watch, Watch::next).map(Ok::<_, Infallible>);
    Ok(Sse::new(events).into_response())
}
