//! Opening: from the cookies of a request to a [`Visitor`].
//!
//! A hit is answered by [`Sessions::peek`] without waiting for anything. Everything else asks the store, and
//! what the store says counts: the cache speaks for it only while the store cannot be reached, for the grace
//! that the configuration allows. Time limits are judged by our own clock at each use, whatever the browser's
//! `Max-Age` was (CK-12).

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::session::{Opened, Record};
use cloakroom_core::{EndReason, Timestamp};
use http::HeaderMap;
use zeroize::Zeroizing;

use super::cache::Position;
use super::cookie::{CacheKey, Presented};
use super::names::Found;
use super::seal::Label;
use super::{Anonymous, CookieValue, Session, Sessions, StrayCookie, Visitor};

/// What can be said of a request without waiting.
pub(crate) enum Peek {
    /// This is who sent it.
    Found(Visitor),
    /// The store has to be asked about this cookie.
    Ask(CookieValue),
}

/// Whether a session that something is kept open for still lives.
pub(crate) enum Judged {
    /// It does; this is its present state.
    Live(Arc<Session>),
    /// It does not.
    Ended(EndReason),
    /// The store cannot be asked.
    Unknown,
}

/// What became of a record that the store calls live.
pub(crate) enum Admitted {
    /// It is open.
    Live(Arc<Session>),
    /// Time alone has ended it.
    Over(EndReason),
    /// It cannot be unsealed: no session.
    Unreadable,
}

/// Where time and changes stood before a record was read or written.
#[derive(Clone, Copy)]
pub(crate) struct Reading {
    pub(super) position: Position,
    pub(super) ticks: Duration,
}

/// With what a record is opened: both come from the cookie.
#[derive(Clone, Copy)]
pub(super) struct Opener<'a> {
    pub(super) key: &'a CacheKey,
    pub(super) secret: &'a Zeroizing<[u8; 32]>,
}

impl Sessions {
    /// Who sent a request that came at `now` and `ticks`, as far as the cache may say.
    pub(crate) fn peek(&self, headers: &HeaderMap, now: Timestamp, ticks: Duration) -> Peek {
        let raw = match self.names.find(headers) {
            Found::None => return Peek::Found(anonymous(None, StrayCookie::None)),
            Found::Ambiguous => return Peek::Found(anonymous(None, StrayCookie::Ambiguous)),
            Found::One(raw) => raw,
        };
        if let Some(session) = Presented::new(raw).and_then(|key| self.fresh_hit(key, ticks)) {
            match session.timed_out(now) {
                None => return Peek::Found(Visitor::Known(session)),
                Some(EndReason::Absolute) => {
                    self.has_timed_out(&session.handle, &session.principal, EndReason::Absolute);
                    return Peek::Found(anonymous(Some(EndReason::Absolute), StrayCookie::Dead));
                }
                // Slides made on another node are not announced: the record knows better.
                Some(_) => {}
            }
        }
        CookieValue::parse(raw).map_or_else(
            || Peek::Found(anonymous(None, StrayCookie::Dead)),
            Peek::Ask,
        )
    }

    /// Asks the store whose cookie it is.
    pub(crate) async fn ask(&self, cookie: &CookieValue) -> Visitor {
        let read = self.about_to_read();
        let opened = match self.store.load(&cookie.lookup_id()).await {
            Ok(opened) => opened,
            Err(cause) => {
                tracing::debug!(target: "cloakroom::session", %cause, "no session can be looked up");
                return self.without_store(cookie);
            }
        };
        match opened {
            Opened::Live(record) if record.verifier == cookie.verifier() => {
                let with = Opener {
                    key: cookie.key(),
                    secret: cookie.secret(),
                };
                match self.admit(with, *record, read) {
                    Admitted::Live(session) => Visitor::Known(session),
                    Admitted::Over(reason) => anonymous(Some(reason), StrayCookie::Dead),
                    Admitted::Unreadable => anonymous(None, StrayCookie::Dead),
                }
            }
            Opened::Ended(tombstone) if tombstone.verifier == cookie.verifier() => {
                if self.cache.get(cookie.key().presented()).is_some() {
                    self.cache.remove(&tombstone.handle);
                }
                anonymous(Some(tombstone.reason), StrayCookie::Dead)
            }
            Opened::Live(_) | Opened::Ended(_) | Opened::Absent => {
                anonymous(None, StrayCookie::Dead)
            }
        }
    }

    /// Whether a session that was open earlier still lives.
    pub(crate) async fn judge(&self, session: &Session) -> Judged {
        let now = self.clock.now();
        if let Some(cached) = self.fresh_hit(session.key.presented(), self.clock.ticks())
            && cached.timed_out(now).is_none()
        {
            return Judged::Live(cached);
        }
        let read = self.about_to_read();
        match self.store.load(&session.id).await {
            Ok(Opened::Live(record)) => match self.admit(session.opener(), *record, read) {
                Admitted::Live(live) => Judged::Live(live),
                Admitted::Over(reason) => Judged::Ended(reason),
                // The key that sealed it was taken out of the ring, which is how an operator ends everything.
                Admitted::Unreadable => Judged::Ended(EndReason::RevokedByAdmin),
            },
            Ok(Opened::Ended(tombstone)) => Judged::Ended(tombstone.reason),
            Ok(Opened::Absent) if session.absolute_until.has_come(now) => {
                Judged::Ended(EndReason::Absolute)
            }
            // It lived, its time is not over, and the store knows nothing of it.
            Ok(Opened::Absent) => Judged::Ended(EndReason::RolledBack),
            Err(_) => Judged::Unknown,
        }
    }

    /// Where time and changes stand before a read or a write.
    pub(crate) fn about_to_read(&self) -> Reading {
        Reading {
            position: self.cache.position(),
            ticks: self.clock.ticks(),
        }
    }

    /// Opens a record that the store calls live, and caches it.
    pub(super) fn admit(&self, opener: Opener<'_>, record: Record, read: Reading) -> Admitted {
        if let Some(reason) = record.timed_out(self.clock.now()) {
            self.has_timed_out(&record.handle, &record.principal, reason);
            return Admitted::Over(reason);
        }
        let handle = record.handle.clone();
        let label = Label {
            id: &record.id,
            principal: &record.principal,
        };
        let session = self
            .seal
            .open(label, opener.secret, &record.tokens.blob)
            .ok()
            .and_then(|inside| Session::new(opener, record, inside, read.ticks).ok());
        let Some(session) = session else {
            tracing::warn!(target: "cloakroom::session", %handle, "a record cannot be unsealed");
            return Admitted::Unreadable;
        };
        if let Some(known) = self.cache.get(opener.key.presented()) {
            session.catch_up(&known);
        }
        let session = Arc::new(session);
        self.cache.insert(&session, read.position);
        Admitted::Live(session)
    }

    /// The cached session, if the cache may be believed now.
    fn fresh_hit(&self, key: Presented<'_>, ticks: Duration) -> Option<Arc<Session>> {
        self.cache.get(key).filter(|_| self.cache.is_fresh(ticks))
    }

    /// The store cannot be reached: the cache may speak for it for a while.
    fn without_store(&self, cookie: &CookieValue) -> Visitor {
        let Some(session) = self.cache.get(cookie.key().presented()) else {
            return Visitor::Unavailable;
        };
        let heard = self
            .cache
            .last_look()
            .map_or(session.read_at, |at| at.max(session.read_at));
        let in_grace = self.clock.ticks().saturating_sub(heard) < self.limits.outage_grace;
        match session.timed_out(self.clock.now()) {
            None if in_grace => Visitor::Known(session),
            Some(EndReason::Absolute) => anonymous(Some(EndReason::Absolute), StrayCookie::Dead),
            None | Some(_) => Visitor::Unavailable,
        }
    }
}

const fn anonymous(reason: Option<EndReason>, cookie: StrayCookie) -> Visitor {
    Visitor::Anonymous(Anonymous { reason, cookie })
}
