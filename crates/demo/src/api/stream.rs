//! `GET /api/stream`: server-sent events, one tick a second with a counter.
//!
//! The counter is the stream's own state: when the browser leaves, the stream is dropped and nothing of it
//! goes on. The first tick comes at once, so that a buffering proxy on the way is noticed.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::response::sse::{Event, Sse};
use cloakroom_axum::CurrentUser;
use futures_util::{Stream, StreamExt as _, stream};

use crate::app::AppState;

const PAUSE: Duration = Duration::from_secs(1);

pub(crate) async fn stream(
    State(app): State<AppState>,
    _: CurrentUser,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let clock = app.clock;
    let ticks = stream::unfold(1_u64, move |count| {
        let clock = clock.clone();
        async move {
            if count > 1 {
                clock.sleep(PAUSE).await;
            }
            let event = Event::default()
                .id(count.to_string())
                .data(format!("{{\"tick\":{count}}}"));
            Some((Ok(event), count.saturating_add(1)))
        }
    });
    Sse::new(ticks.take_until(app.closing.cancelled_owned()))
}
