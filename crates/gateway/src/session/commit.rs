//! Committing: the only writer of our `Set-Cookie`, on every exit of a request whose session was opened.
//!
//! 1. The cookie is set when a session begins and cleared when it has ended or never was; nothing else changes
//!    it. A browser fixes its cookies before a request queues: one that rotated would log honest users out.
//! 2. Two cookies of our name are left alone: one of them may be the real one.
//! 3. Store trouble clears nothing.
//! 4. An answer that sets or clears a cookie is never stored by anybody (CK-17).

use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::{Anonymous, SessionChange, Sessions, StrayCookie, Visitor};

impl Sessions {
    /// Writes what became of the session into an answer's headers.
    pub(crate) fn commit(
        &self,
        visitor: &Visitor,
        change: Option<SessionChange>,
        headers: &mut HeaderMap,
    ) {
        match change {
            Some(SessionChange::Begin { cookie, device }) => {
                set(headers, self.names.set_session(&cookie));
                if let Some(name) = device {
                    set(headers, self.names.set_device(&name));
                }
            }
            Some(SessionChange::End) => set(headers, self.names.clear_session()),
            None => match visitor {
                Visitor::Anonymous(Anonymous {
                    cookie: StrayCookie::Dead,
                    ..
                }) => {
                    set(headers, self.names.clear_session());
                }
                Visitor::Anonymous(_) | Visitor::Known(_) | Visitor::Unavailable => {}
            },
        }
    }
}

fn set(headers: &mut HeaderMap, cookie: Option<HeaderValue>) {
    if let Some(cookie) = cookie {
        headers.append(SET_COOKIE, cookie);
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}
