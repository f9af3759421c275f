//! The one repetition: an upstream's 401 to a token that we believed in is answered by a renewed one.
//!
//! Only if (1) the request can be sent twice: it has no body, or one that was held because its rule says so;
//! it is no upgrade and expects nothing; (2) the refused token is still the session's, and older than 10 s;
//! (3) the session had no other repetition within 60 s. Else the 401 is the browser's to see.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloakroom_core::LookupId;
use http::{HeaderMap, StatusCode, header};
use http_body::Body as _;
use http_body_util::{BodyExt, Limited};

use super::Refused;
use crate::call::{Call, Payload};
use crate::config::Rule;
use crate::gateway::Gateway;
use crate::refresh::Need;
use crate::refusal::Refusal;
use crate::session::Session;

/// The largest body that is held for a second sending, in bytes.
const HELD: u64 = 64 * 1024;
/// How long such a body may take to arrive.
const PATIENCE: Duration = Duration::from_secs(30);
/// A token younger than this was refused for another reason than its age.
const SETTLED: Duration = Duration::from_secs(10);
/// How often one session may have a request repeated.
const AGAIN: Duration = Duration::from_secs(60);

/// When each session last had a request repeated; entries older than [`AGAIN`] are thrown away.
#[derive(Default)]
pub(crate) struct Replays(Mutex<HashMap<LookupId, Duration>>);

impl Replays {
    /// Whether this session may have one now; if so, it has had it.
    fn claim(&self, id: LookupId, now: Duration) -> bool {
        let mut recent = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        recent.retain(|_, at| now.saturating_sub(*at) < AGAIN);
        let free = !recent.contains_key(&id);
        if free {
            recent.insert(id, now);
        }
        free
    }
}

impl Gateway {
    /// Keeps what a second sending would need: the headers, and a small body where the rule says so.
    /// `None` where there will be no second sending.
    pub(super) async fn hold(
        &self,
        rule: &Rule,
        session: Option<&Arc<Session>>,
        call: &mut Call,
    ) -> Result<Option<HeaderMap>, Refusal> {
        let Some(session) = session else {
            return Ok(None);
        };
        let settled = call.now.since(session.tokens.received) >= SETTLED;
        let plain = !call.wants_websocket() && !call.head.headers.contains_key(header::EXPECT);
        if !settled || !plain || !rule.inject.bearer {
            return Ok(None);
        }
        if let Payload::Stream(body) = &call.payload {
            let declared = body
                .size_hint()
                .exact()
                .is_some_and(|length| length <= HELD);
            if !rule.replay || !declared {
                return Ok(None);
            }
            self.read_body(call).await?;
        }
        Ok(Some(call.head.headers.clone()))
    }

    async fn read_body(&self, call: &mut Call) -> Result<(), Refusal> {
        if let Payload::Stream(body) = std::mem::replace(&mut call.payload, Payload::Empty) {
            let limited = Limited::new(body, usize::try_from(HELD).unwrap_or(usize::MAX));
            let read = tokio::select! {
                read = limited.collect() => read,
                () = self.context.clock.sleep(PATIENCE) => {
                    return Err(Refusal::BadRequest("The body did not arrive in time."));
                }
            };
            let read =
                read.map_err(|_| Refusal::BadRequest("The body did not arrive in one piece."))?;
            call.payload = Payload::Held(read.to_bytes());
        }
        Ok(())
    }

    /// The session with renewed tokens, if the answer is a 401 that is worth a second sending; the call is
    /// then ready to be sent again.
    pub(super) async fn worth_repeating(
        &self,
        status: StatusCode,
        session: Option<&Arc<Session>>,
        spare: Option<HeaderMap>,
        call: &mut Call,
    ) -> Result<Option<Arc<Session>>, Refused> {
        let (Some(session), Some(headers)) = (session, spare) else {
            return Ok(None);
        };
        if status != StatusCode::UNAUTHORIZED
            || !self.replays.claim(session.id, self.context.clock.ticks())
        {
            return Ok(None);
        }
        call.head.headers = headers;
        let need = Need::Forced {
            refused: Arc::clone(session),
        };
        let newer = self
            .context
            .refresher
            .fresh(Arc::clone(session), need)
            .await?;
        let renewed = newer.tokens.access != session.tokens.access;
        Ok(renewed.then_some(newer))
    }
}
