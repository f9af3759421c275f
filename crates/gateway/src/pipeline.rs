//! The path of every request, in two functions: `handle` owns the exits, `decide` walks the stages.
//!
//! ```text
//! ingress → route → session → csrf → guard (admit) → refresh → guard (authorize) → forward
//! ```
//!
//! Whatever `decide` returns, the session is committed, the answer hardened, and one access line written.

mod exit;
mod replay;

pub(crate) use replay::Replays;

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use cloakroom_core::ErrorCode;
use futures_util::FutureExt;
use http::header::ALLOW;
use http::{Request, Response};
use hyper::body::Incoming;
use tower::ServiceExt;

use crate::access::{Arrival, Note};
use crate::body::Body;
use crate::call::{Call, Caller, Class, Payload, Peer, RequestId};
use crate::config::{Access, Rule, Target};
use crate::csrf;
use crate::gateway::Gateway;
use crate::guard;
use crate::ingress::Arrived;
use crate::meter::Stage;
use crate::refresh::{Due, Need, Unfresh};
use crate::refusal::Refusal;
use crate::route;
use crate::session::{Peek, Session, SessionChange, Unattended, Visitor};

/// A refusal, and what it does to the session.
pub(crate) struct Refused {
    refusal: Refusal,
    change: Option<SessionChange>,
}

impl From<Refusal> for Refused {
    fn from(refusal: Refusal) -> Self {
        Self {
            refusal,
            change: None,
        }
    }
}

impl From<Unfresh> for Refused {
    fn from(unfresh: Unfresh) -> Self {
        match unfresh {
            Unfresh::Ended(reason) => Self {
                refusal: Refusal::Unauthenticated(Some(reason)),
                change: Some(SessionChange::End),
            },
            Unfresh::Unavailable => Refusal::RefreshUnavailable.into(),
            Unfresh::StoreUnavailable => Refusal::StoreUnavailable.into(),
        }
    }
}

/// A permitted answer, and for whose session it was made.
struct Answer {
    response: Response<Body>,
    session: Option<Arc<Session>>,
}

impl Gateway {
    /// Answers one request. Cannot fail: what goes wrong is an answer too, a panic included.
    pub async fn handle(self: Arc<Self>, peer: Peer, request: Request<Incoming>) -> Response<Body> {
        let count = self
            .count
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let id = RequestId::new(self.process, count);
        let (now, since) = (self.context.clock.now(), self.context.clock.ticks());
        let mut call = self
            .ingress
            .receive(&peer, request, Arrived { id, now, since });
        let arrival = Arrival {
            id,
            now,
            since,
            method: call.head.method.clone(),
            uri: call.head.uri.clone(),
            client: call.forwarded_for.clone(),
        };
        let (log, meter) = (Arc::clone(&self.access), Arc::clone(&self.meter));
        let mut note = Note::new(arrival, log, meter, Arc::clone(&self.context.clock));
        let walk = AssertUnwindSafe(self.walk(&mut call, &mut note)).catch_unwind();
        let mut response = match walk.await {
            Ok(response) => response,
            Err(_panic) => self.refuse(&Refusal::Internal, &mut call, &mut note),
        };
        self.hardening.every(response.headers_mut(), call.id_header);
        note.status = response.status().as_u16();
        response.map(|body| body.noted(note))
    }

    /// The stages up to the session, and the exits after it.
    async fn walk(&self, call: &mut Call, note: &mut Note) -> Response<Body> {
        let rule = match self.ingress.judge(call) {
            Ok(()) => self.route(call, note),
            Err(refusal) => Err(refusal),
        };
        let rule = match rule {
            Ok(rule) => rule,
            Err(refusal) => return self.refuse(&refusal, call, note),
        };
        note.stage = Stage::Session;
        let visitor = match rule.access {
            Access::Public => Visitor::Anonymous(crate::session::Anonymous::default()),
            _ => self.open(call).await,
        };
        let (mut response, change, session) = match self.decide(rule, &visitor, call, note).await {
            Ok(Answer {
                mut response,
                session,
            }) => {
                let change = response.extensions_mut().remove::<SessionChange>();
                (response, change, session)
            }
            Err(Refused { refusal, change }) => {
                let session = match &visitor {
                    Visitor::Known(session) if change.is_none() => Some(Arc::clone(session)),
                    _ => None,
                };
                (self.refuse(&refusal, call, note), change, session)
            }
        };
        let headers = response.headers_mut();
        if let Some(session) = session {
            crate::harden::Hardening::personal(headers, &session.headers.sid);
            note.session = Some(session.headers.sid.clone());
        }
        self.context.sessions.commit(&visitor, change, headers);
        response
    }

    /// The stage `route`.
    fn route(&self, call: &Call, note: &mut Note) -> Result<&Rule, Refusal> {
        note.stage = Stage::Route;
        let uri = &call.head.uri;
        let mendable = csrf::is_safe(&call.head.method);
        let encoded = uri.path().contains("%2F") && self.table.allows_encoded_slash(uri);
        let path = route::check(uri, mendable, encoded)?;
        let (index, rule) = self.table.find(path, &call.head.method)?;
        note.route = self.table.name(index);
        Ok(rule)
    }

    /// The stage `session`: no wait on a cache hit.
    async fn open(&self, call: &Call) -> Visitor {
        match self
            .context
            .sessions
            .peek(&call.head.headers, call.now, call.since)
        {
            Peek::Found(visitor) => visitor,
            Peek::Ask(cookie) => self.context.sessions.ask(&cookie).await,
        }
    }

    /// The stages from `csrf` on.
    async fn decide(
        &self,
        rule: &Rule,
        visitor: &Visitor,
        call: &mut Call,
        note: &mut Note,
    ) -> Result<Answer, Refused> {
        note.stage = Stage::Csrf;
        csrf::prove(rule, &self.context.config.public_url, call)?;
        note.stage = Stage::Guard;
        let admitted = guard::admit(rule, visitor)?;
        if rule.target == Target::Own {
            return self.answer(rule, visitor, call, note).await;
        }
        note.stage = Stage::Refresh;
        let session = match admitted {
            Some(session) if session.deadlines.due(call.now) == Due::No => {
                Some(Arc::clone(session))
            }
            Some(session) => {
                let fresh = self
                    .context
                    .refresher
                    .fresh(Arc::clone(session), Need::IfDue);
                Some(fresh.await?)
            }
            None => None,
        };
        note.stage = Stage::Guard;
        let permit = guard::authorize(rule, session.clone())?;
        if let Some(session) = &session {
            self.slide(session, call);
        }
        let spare = self.hold(rule, session.as_ref(), call).await?;
        note.stage = Stage::Forward;
        let response = self.forward(rule, permit, call).await?;
        let Some(newer) = self
            .worth_repeating(response.status(), session.as_ref(), spare, call)
            .await?
        else {
            return Ok(Answer { response, session });
        };
        let permit = guard::authorize(rule, Some(Arc::clone(&newer)))?;
        let response = self.forward(rule, permit, call).await?;
        Ok(Answer {
            response,
            session: Some(newer),
        })
    }

    /// Our own endpoints are a target behind the same stages. They see the visitor, not a permit: each says
    /// itself whether it needs a session.
    async fn answer(
        &self,
        rule: &Rule,
        visitor: &Visitor,
        call: &mut Call,
        note: &mut Note,
    ) -> Result<Answer, Refused> {
        note.stage = Stage::Forward;
        let session = match visitor {
            Visitor::Known(session) => Some(Arc::clone(session)),
            Visitor::Anonymous(_) | Visitor::Unavailable => None,
        };
        let body = match std::mem::replace(&mut call.payload, Payload::Empty) {
            Payload::Empty => axum::body::Body::empty(),
            Payload::Held(bytes) => axum::body::Body::from(bytes),
            Payload::Stream(body) => {
                let limit = rule
                    .body_limit
                    .and_then(|limit| usize::try_from(limit).ok());
                let limit = limit.unwrap_or(usize::MAX);
                axum::body::Body::new(http_body_util::Limited::new(body, limit))
            }
        };
        let mut request = Request::new(body);
        *request.method_mut() = call.head.method.clone();
        *request.uri_mut() = call.head.uri.clone();
        *request.headers_mut() = call.head.headers.clone();
        request.extensions_mut().insert(Caller {
            visitor: visitor.clone(),
            client_ip: call.client_ip,
            class: call.class,
            id: call.id,
        });
        let response = match self.own.clone().oneshot(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let mut response = response.map(Body::own);
        let change = response.extensions_mut().remove::<SessionChange>();
        let unattended = response.extensions_mut().remove::<Unattended>().is_some();
        if let Some(mut refusal) = response.extensions_mut().remove::<Refusal>() {
            // Which methods a path of ours knows, only axum's router can say.
            if let Refusal::MethodNotAllowed(allowed) = &mut refusal
                && let Some(known) = response.headers_mut().remove(ALLOW)
            {
                *allowed = known;
            }
            return Err(Refused { refusal, change });
        }
        if let Some(code) = response.extensions_mut().remove::<ErrorCode>() {
            note.outcome = code.as_str();
        }
        crate::harden::Hardening::own(response.headers_mut());
        // An answer that begins or ends a session was not made for the one it came with.
        let session = session.filter(|_| change.is_none());
        if let Some(change) = change {
            response.extensions_mut().insert(change);
        } else if let Some(session) = &session
            && (call.active || !unattended)
        {
            self.slide(session, call);
        }
        Ok(Answer { response, session })
    }

    /// Slides the idle timer for what a person did: opened a page, clicked a link, changed something.
    fn slide(&self, session: &Arc<Session>, call: &Call) {
        let unsafe_method = !csrf::is_safe(&call.head.method);
        let person = match call.class {
            Class::Page | Class::Action | Class::Rsc { hot_reload: false } => true,
            Class::Fetch | Class::Subresource | Class::Upgrade => unsafe_method || call.active,
            Class::Prefetch | Class::Rsc { hot_reload: true } => false,
        };
        if person {
            self.context.sessions.slide(session, call.now);
        }
    }
}
