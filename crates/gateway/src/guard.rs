//! The stage `guard`: who may. Twice: `admit` before the refresh, so that nobody without a session causes
//! one, and `authorize` after it, on the claims that will really be forwarded.
//!
//! 1. A [`Permit`] is the only key to the stage `forward`, and only this file makes one.
//! 2. A permit names the session whose tokens are injected: there is no way to judge one and forward another.
//! 3. Whatever cannot be known is refused as such (503); it is neither let through nor called a 401.
//!
//! A deployment defeats this by letting browsers reach an upstream past the gateway.

use std::sync::Arc;

use crate::config::{Access, Rule};
use crate::refusal::Refusal;
use crate::session::{Session, Visitor};

/// Proof that a request was authorised, and for whom.
pub(crate) struct Permit {
    session: Option<Arc<Session>>,
}

impl Permit {
    /// The session to introduce to the upstream.
    pub(crate) fn session(&self) -> Option<&Arc<Session>> {
        self.session.as_ref()
    }
}

/// Lets a visitor past who may at all have access; the session returned still has to be fresh.
pub(crate) fn admit<'v>(
    rule: &Rule,
    visitor: &'v Visitor,
) -> Result<Option<&'v Arc<Session>>, Refusal> {
    match (&rule.access, visitor) {
        (Access::Public, _) | (Access::Optional, Visitor::Anonymous(_)) => Ok(None),
        (_, Visitor::Known(session)) => Ok(Some(session)),
        (_, Visitor::Unavailable) => Err(Refusal::StoreUnavailable),
        (Access::Required | Access::Roles(_), Visitor::Anonymous(anonymous)) => {
            Err(Refusal::Unauthenticated(anonymous.reason))
        }
    }
}

/// Judges the roles of a fresh session and hands out the permit.
pub(crate) fn authorize(rule: &Rule, session: Option<Arc<Session>>) -> Result<Permit, Refusal> {
    let allowed = match (&rule.access, &session) {
        (Access::Public, None) | (Access::Optional, _) | (Access::Required, Some(_)) => Ok(()),
        (Access::Roles(roles), Some(session)) if session.profile.has_any_role(roles) => Ok(()),
        (Access::Roles(_), Some(_)) => Err(Refusal::Forbidden),
        (Access::Required | Access::Roles(_), None) => Err(Refusal::Unauthenticated(None)),
        // A public rule opens no session; one that comes here all the same must not leak.
        (Access::Public, Some(_)) => Err(Refusal::Internal),
    };
    allowed.map(|()| Permit { session })
}
