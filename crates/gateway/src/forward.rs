//! The stage `forward`: sends a permitted request to its upstream and passes the answer on.
//!
//! 1. Only a [`Permit`] opens it, and the identity it injects is that permit's session's, nobody else's.
//! 2. The upstream gets our own framing and only headers that are meant for it: hop-by-hop fields and those
//!    that `Connection` names go *before* ours are added, so that none of ours can be named away.
//! 3. Cookies of ours, and cookies that carry a token for some app, never pass in either direction.
//! 4. Nothing is buffered, nothing is followed: a redirect is the browser's to follow.
//! 5. A request is sent a second time only while the first sending is provably unsent.
//!
//! Refusal: 413, 502, 503, 504. A deployment defeats this with an upstream that trusts other headers.

mod answer;
mod head;
mod link;
mod payload;
mod pool;
mod relay;
mod tunnel;
mod upstream;

use std::sync::Arc;

use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Response};

pub(crate) use relay::Relay;
pub(crate) use tunnel::Tunnelled;
use upstream::{SendError, Upstream};

use crate::body::Body;
use crate::call::Call;
use crate::config::{Config, Rule, Target};
use crate::connect::Connect;
use crate::gateway::{Gateway, GatewayError};
use crate::guard::Permit;
use crate::refusal::Refusal;

/// All upstreams, and what is said to each of them.
pub(crate) struct Upstreams {
    all: Vec<Upstream>,
    says: head::Says,
}

impl Upstreams {
    /// Prepares them; connects to none.
    pub(crate) fn new(config: &Config, connect: &Arc<dyn Connect>) -> Result<Self, GatewayError> {
        let make = |up| Upstream::new(up, Arc::clone(connect));
        Ok(Self {
            all: config.upstreams.iter().map(make).collect(),
            says: head::Says::new(config)?,
        })
    }

    /// Closes connections that nobody has used for a while. To be called once a second.
    pub(crate) fn sweep(&self) {
        for upstream in &self.all {
            upstream.sweep();
        }
    }
}

impl Gateway {
    /// Sends the call to the rule's upstream. The answer's head is clean; its body is still to come.
    pub(crate) async fn forward(
        &self,
        rule: &Rule,
        permit: Permit,
        call: &mut Call,
    ) -> Result<Response<Body>, Refusal> {
        let Target::Upstream(index) = rule.target else {
            return Err(Refusal::Internal);
        };
        let upstream = self.upstreams.all.get(index).ok_or(Refusal::Internal)?;
        let switches = call.wants_websocket();
        let says = &self.upstreams.says;
        let session = permit.session().cloned();
        let head = says.request(rule, upstream.prefix(), &permit, call)?;
        let (payload, watch) = payload::outgoing(call, rule.body_limit)?;
        let request = http::Request::from_parts(head, payload);
        let sent = match call.upgrade.take() {
            Some(browser) if switches => {
                let ticket = self.context.streams.open(permit.session().cloned());
                let switch = tunnel::Switch { browser, ticket };
                upstream.switch(request, rule.timeout, switch).await
            }
            _ => upstream.send(request, rule.timeout, &watch).await,
        };
        self.meter
            .upstream(self.context.clock.ticks().saturating_sub(call.since));
        let mut response = match sent {
            Ok(response) => response,
            Err(_) if watch.overflowed() => return Err(Refusal::BodyTooLarge),
            Err(_) if watch.broke() => {
                return Err(Refusal::BadRequest("The body is malformed or broke off."));
            }
            Err(error) => return Err(refusal(&error, upstream.name())),
        };
        says.answer(&mut response);
        if is_event_stream(response.headers())
            && let Some(session) = session
        {
            let ticket = self.context.streams.open(Some(session));
            response = response.map(|body| body.following(ticket));
        }
        Ok(response)
    }
}

fn is_event_stream(headers: &HeaderMap) -> bool {
    let media_type = headers
        .get(CONTENT_TYPE)
        .map(HeaderValue::as_bytes)
        .unwrap_or_default();
    media_type.starts_with(b"text/event-stream")
}

fn refusal(error: &SendError, name: &str) -> Refusal {
    tracing::warn!(target: "cloakroom::forward", upstream = name, %error, "no answer");
    match error {
        SendError::Unreachable(_) => Refusal::UpstreamUnavailable(name.to_owned()),
        SendError::Timeout => Refusal::UpstreamTimeout(name.to_owned()),
        SendError::Broken(_) | SendError::BadSwitch => Refusal::BadUpstream(name.to_owned()),
    }
}

/// A header value that we can be sure of at start, or the name of what is wrong.
fn value(text: &str, what: &'static str) -> Result<HeaderValue, GatewayError> {
    HeaderValue::try_from(text).map_err(|_| GatewayError::Header(what))
}
