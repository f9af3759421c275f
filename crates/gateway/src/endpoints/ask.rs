//! One request to an endpoint of ours: who asks, with what, and what handlers need to answer it.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use cloakroom_core::Timestamp;
use http::request::Parts;
use http::{HeaderMap, Uri};

use super::Own;
use super::posted::{Posted, pairs};
use crate::call::Caller;
use crate::config::ReturnTo;
use crate::context::Context;
use crate::refusal::Refusal;
use crate::session::{Session, Visitor};

/// The names under which a way back is accepted; the second is what Auth.js calls it.
const RETURN_TO: [&str; 2] = ["return_to", "callbackUrl"];

/// One request to an endpoint of ours.
pub(super) struct Ask {
    /// What all handlers share.
    pub(super) own: Own,
    /// Who asks.
    pub(super) caller: Caller,
    /// The headers.
    pub(super) headers: HeaderMap,
    uri: Uri,
}

impl FromRequestParts<Own> for Ask {
    type Rejection = Refusal;

    async fn from_request_parts(head: &mut Parts, own: &Own) -> Result<Self, Refusal> {
        // The pipeline always introduces the caller.
        let caller = head
            .extensions
            .remove::<Caller>()
            .ok_or(Refusal::Internal)?;
        Ok(Self {
            own: own.clone(),
            caller,
            headers: head.headers.clone(),
            uri: head.uri.clone(),
        })
    }
}

impl Ask {
    /// What the stages share.
    pub(super) fn context(&self) -> &Context {
        &self.own.context
    }

    /// The time.
    pub(super) fn now(&self) -> Timestamp {
        self.context().clock.now()
    }

    /// The live session that asks.
    pub(super) fn session(&self) -> Result<&Arc<Session>, Refusal> {
        match &self.caller.visitor {
            Visitor::Known(session) => Ok(session),
            Visitor::Anonymous(anonymous) => Err(Refusal::Unauthenticated(anonymous.reason)),
            Visitor::Unavailable => Err(Refusal::StoreUnavailable),
        }
    }

    /// The live session that asks, if one does. That it cannot be known is refused as such.
    pub(super) fn session_if_any(&self) -> Result<Option<&Arc<Session>>, Refusal> {
        match &self.caller.visitor {
            Visitor::Known(session) => Ok(Some(session)),
            Visitor::Anonymous(_) => Ok(None),
            Visitor::Unavailable => Err(Refusal::StoreUnavailable),
        }
    }

    /// The one value of a query parameter.
    pub(super) fn query(&self, name: &str) -> Option<String> {
        let found = pairs(self.uri.query().unwrap_or_default().as_bytes()).ok()?;
        let mut values = found
            .into_iter()
            .filter(|(key, _)| key == name)
            .map(|(_, value)| value);
        let first = values.next()?;
        values.next().is_none().then_some(first)
    }

    /// The way back in the query; `None` where there is none, or it leads off this site (LG-09).
    pub(super) fn asked_way_back(&self) -> Option<ReturnTo> {
        let text = RETURN_TO.iter().find_map(|name| self.query(name))?;
        self.way_back(&text)
    }

    /// The way back in a body.
    pub(super) fn posted_way_back(&self, posted: &Posted) -> Option<ReturnTo> {
        self.way_back(posted.first_of(&RETURN_TO)?)
    }

    fn way_back(&self, text: &str) -> Option<ReturnTo> {
        ReturnTo::parse(text, &self.context().config.base_path)
    }

    /// Where a login leads that asked for `way_back`.
    pub(super) fn after_login(&self, way_back: Option<ReturnTo>) -> ReturnTo {
        way_back.unwrap_or_else(|| self.context().config.pages.after_login.clone())
    }
}
