//! What one event stream waits for, and what it makes of it.

use std::sync::Arc;
use std::time::Duration;

use axum::response::sse::Event;
use cloakroom_core::{EndReason, Timestamp};
use serde_json::json;
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;

use super::seats::Seat;
use crate::context::Context;
use crate::session::{Judged, News, Session};
use crate::streams::Ticket;

/// How often the stream shows that it lives, and looks at the clock.
const PULSE: Duration = Duration::from_secs(15);

/// How long before its end a session's owner is warned.
const WARNING: Duration = Duration::from_secs(120);

/// One event stream.
pub(super) struct Watch {
    context: Arc<Context>,
    session: Arc<Session>,
    news: Receiver<News>,
    /// When the next pulse is due, on the monotonic clock.
    pulse_at: Duration,
    /// The end of which the owner has been warned.
    warned_of: Option<Timestamp>,
    stage: Stage,
    /// Ends with the session, and when the gateway goes.
    ticket: Ticket,
    _seat: Seat,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Opening,
    Open,
    Over,
}

/// What woke the stream.
enum Wake {
    /// It is time for a sign of life.
    Pulse,
    /// Something may have happened to the session.
    Look,
    /// The session has ended.
    Ended(EndReason),
    /// The session has ended, or the gateway is going.
    Closing,
}

impl Watch {
    /// Listens from now on: what happens while the answer is on its way is not missed.
    pub(super) fn new(context: Arc<Context>, session: Arc<Session>, seat: Seat) -> Self {
        Self {
            news: context.sessions.news(),
            pulse_at: context.clock.ticks() + PULSE,
            ticket: context.streams.open(Some(Arc::clone(&session))),
            context,
            session,
            warned_of: None,
            stage: Stage::Opening,
            _seat: seat,
        }
    }

    /// The next event; `None` once the stream is over.
    pub(super) async fn next(mut self) -> Option<(Event, Self)> {
        match self.stage {
            Stage::Over => return None,
            // The first look finds what happened since the session was opened; the comment makes the head go
            // out at once.
            Stage::Opening => {
                self.stage = Stage::Open;
                let event = self
                    .look()
                    .await
                    .unwrap_or_else(|| Event::default().comment("open"));
                return Some((event, self));
            }
            Stage::Open => {}
        }
        loop {
            let event = match self.wake().await {
                Wake::Closing => {
                    let last = self.look().await.filter(|_| self.stage == Stage::Over);
                    return last.map(|event| (event, self));
                }
                Wake::Ended(reason) => Some(self.over(reason)),
                Wake::Look => self.look().await,
                Wake::Pulse => {
                    self.pulse_at = self.context.clock.ticks() + PULSE;
                    Some(
                        self.look()
                            .await
                            .unwrap_or_else(|| Event::default().comment("")),
                    )
                }
            };
            if let Some(event) = event {
                return Some((event, self));
            }
        }
    }

    async fn wake(&mut self) -> Wake {
        let until_pulse = self.pulse_at.saturating_sub(self.context.clock.ticks());
        let handle = self.session.handle.clone();
        let pulse = self.context.clock.sleep(until_pulse);
        tokio::pin!(pulse);
        loop {
            let news = tokio::select! {
                news = self.news.recv() => news,
                () = &mut pulse => return Wake::Pulse,
                () = self.ticket.ended() => return Wake::Closing,
            };
            match news {
                Ok(News::Ended(which, reason)) if which == handle => return Wake::Ended(reason),
                Ok(News::Changed(which) | News::Refreshed(which)) if which == handle => {
                    return Wake::Look;
                }
                Ok(News::Everything) | Err(RecvError::Lagged(_)) => return Wake::Look,
                Ok(News::Ended(..) | News::Changed(_) | News::Refreshed(_)) => {}
                Err(RecvError::Closed) => return Wake::Closing,
            }
        }
    }

    /// Judges the session anew and says what is new about it.
    async fn look(&mut self) -> Option<Event> {
        let now = self.context.clock.now();
        match self.context.sessions.judge(&self.session).await {
            Judged::Ended(reason) => Some(self.over(reason)),
            Judged::Unknown => None,
            Judged::Live(live) => {
                let renewed = live.tokens.received != self.session.tokens.received;
                self.session = live;
                if renewed {
                    Some(self.refreshed(now))
                } else {
                    self.expiring(now)
                }
            }
        }
    }

    fn refreshed(&self, now: Timestamp) -> Event {
        let left = self.session.tokens.access_expires.until(now).as_secs();
        event("refreshed", &json!({ "expires_in": left }))
    }

    /// The warning, once for each end that comes near.
    fn expiring(&mut self, now: Timestamp) -> Option<Event> {
        let (end, reason) = next_end(self.session.idle_until(), self.session.absolute_until);
        if end.until(now) > WARNING || self.warned_of == Some(end) {
            return None;
        }
        self.warned_of = Some(end);
        let data = json!({ "expires_in": end.until(now).as_secs(), "reason": reason.as_str() });
        Some(event("expiring", &data))
    }

    fn over(&mut self, reason: EndReason) -> Event {
        self.stage = Stage::Over;
        event("ended", &json!({ "reason": reason.as_str() }))
    }
}

/// When a session ends by itself, and as what.
fn next_end(idle: Timestamp, absolute: Timestamp) -> (Timestamp, EndReason) {
    if idle < absolute {
        (idle, EndReason::Idle)
    } else {
        (absolute, EndReason::Absolute)
    }
}

fn event(name: &str, data: &serde_json::Value) -> Event {
    Event::default().event(name).data(data.to_string())
}
