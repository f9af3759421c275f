//! What opening a session finds, from the request's point of view.

use std::sync::Arc;

use cloakroom_core::EndReason;

use super::{CookieValue, DeviceName, Session};

/// Who sent a request. `Unavailable` is what keeps store trouble from becoming a 401.
#[derive(Clone)]
pub(crate) enum Visitor {
    /// The owner of this live session.
    Known(Arc<Session>),
    /// Nobody we know.
    Anonymous(Anonymous),
    /// It cannot be known: the store does not answer.
    Unavailable,
}

/// Nobody we know, and what came in place of a live session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anonymous {
    /// Why the session that the cookie names has ended; only where the cookie's secret was right.
    pub(crate) reason: Option<EndReason>,
    /// What is to become of the cookie that came.
    pub(crate) cookie: StrayCookie,
}

/// The cookie of a request without a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum StrayCookie {
    /// None came.
    #[default]
    None,
    /// Several of our name came: none is believed, and none is cleared, for one may be the real one.
    Ambiguous,
    /// It opens nothing: it is cleared.
    Dead,
}

/// What a handler, or a stage, did to the session; `commit` alone turns it into a Set-Cookie.
#[derive(Clone)]
pub(crate) enum SessionChange {
    /// A session was begun: the browser gets its cookie, and a name of its own if it had none.
    Begin {
        /// The session cookie's value.
        cookie: CookieValue,
        /// The device cookie's value, where the browser had none yet.
        device: Option<DeviceName>,
    },
    /// The session is over: the browser's cookie is cleared, and its cached pages are dropped on a logout.
    End,
}

/// In an answer's extensions: the request was a script's upkeep, which keeps no session alive (CK-14), unless it says
/// itself that a person is behind it.
#[derive(Clone, Copy)]
pub(crate) struct Unattended;
