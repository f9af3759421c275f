//! A session that is open: what the hot path needs, ready to use.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use cloakroom_core::session::{Device, Fence, Record};
use cloakroom_core::token::TokenSet;
use cloakroom_core::user::Profile;
use cloakroom_core::{EndReason, Handle, LookupId, Principal, Timestamp};
use http::HeaderValue;
use zeroize::Zeroizing;

use super::cookie::CacheKey;
use super::open::Opener;
use super::seal::Contents;
use crate::refresh::Deadlines;

/// A session that is open. Shared by all requests that carry its cookie; replaced as a whole by a refresh.
pub(crate) struct Session {
    /// The key it is cached under.
    pub(crate) key: CacheKey,
    /// The key it is stored under.
    pub(crate) id: LookupId,
    /// Its public name.
    pub(crate) handle: Handle,
    /// Whose it is.
    pub(crate) principal: Principal,
    /// The provider's own name for the login.
    pub(crate) issuer_sid: Option<String>,
    /// Where it was begun.
    pub(crate) device: Device,
    /// Who the owner is, as of the last refresh.
    pub(crate) profile: Profile,
    /// The tokens, as of the last refresh.
    pub(crate) tokens: TokenSet,
    /// The cookie's secret half: opens and seals the record, and binds form tokens.
    pub(crate) secret: Zeroizing<[u8; 32]>,
    /// When it was begun.
    pub(crate) created: Timestamp,
    /// When it ends whatever happens.
    pub(crate) absolute_until: Timestamp,
    /// When it ends if the owner stays inactive, in microseconds since the epoch.
    pub(crate) idle_until: AtomicI64,
    /// When its owner was last active, as the store knows or is about to, in microseconds since the epoch.
    pub(crate) seen: AtomicI64,
    /// When its record was read or written: how long it may be served while the store is out of reach.
    pub(crate) read_at: Duration,
    /// The fence of the record it was read from.
    pub(crate) fence: Fence,
    /// When its token should be, and when it must be, renewed.
    pub(crate) deadlines: Deadlines,
    /// The headers that introduce its owner, made once.
    pub(crate) headers: IdentityHeaders,
}

/// The headers that introduce a session's owner, made once and copied by reference count.
#[derive(Clone)]
pub(crate) struct IdentityHeaders {
    /// `Authorization: Bearer …`
    pub(crate) authorization: HeaderValue,
    /// `X-User-Id`
    pub(crate) user_id: HeaderValue,
    /// `X-Cloakroom-Session`
    pub(crate) assertion: HeaderValue,
    /// `x-cloakroom-sid`
    pub(crate) sid: HeaderValue,
}

/// Something of a session has bytes that no header may have, such as a line break in a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the {0} cannot stand in a header")]
pub(crate) struct Unsendable(pub(super) &'static str);

impl Session {
    /// Makes a session of its record and what was sealed in it, read at `read_at`.
    pub(super) fn new(
        opener: Opener<'_>,
        record: Record,
        inside: Contents,
        read_at: Duration,
    ) -> Result<Self, Unsendable> {
        let headers = IdentityHeaders::new(&record.principal, &record.handle, &inside)?;
        let tokens = inside.tokens;
        Ok(Self {
            key: opener.key.clone(),
            id: record.id,
            handle: record.handle,
            principal: record.principal,
            issuer_sid: record.issuer_sid,
            device: record.device,
            profile: inside.profile,
            deadlines: deadlines(&tokens, &record.id),
            tokens,
            secret: opener.secret.clone(),
            created: record.created,
            absolute_until: record.absolute_until,
            idle_until: AtomicI64::new(record.idle_until.as_micros()),
            seen: AtomicI64::new(record.last_seen.as_micros()),
            read_at,
            fence: record.fence,
            headers,
        })
    }

    /// The same session with what a refresh brought, written at `read_at`.
    pub(super) fn renewed(&self, inside: Contents, read_at: Duration) -> Result<Self, Unsendable> {
        let headers = IdentityHeaders::new(&self.principal, &self.handle, &inside)?;
        let tokens = inside.tokens;
        Ok(Self {
            key: self.key.clone(),
            id: self.id,
            handle: self.handle.clone(),
            principal: self.principal.clone(),
            issuer_sid: self.issuer_sid.clone(),
            device: self.device.clone(),
            profile: inside.profile,
            deadlines: deadlines(&tokens, &self.id),
            tokens,
            secret: self.secret.clone(),
            created: self.created,
            absolute_until: self.absolute_until,
            idle_until: AtomicI64::new(self.idle_until.load(Ordering::Relaxed)),
            seen: AtomicI64::new(self.seen.load(Ordering::Relaxed)),
            read_at,
            fence: self.fence,
            headers,
        })
    }

    /// The reason for which time alone has ended it at `now`, if it has.
    pub(crate) fn timed_out(&self, now: Timestamp) -> Option<EndReason> {
        if self.absolute_until.has_come(now) {
            Some(EndReason::Absolute)
        } else if self.idle_until().has_come(now) {
            Some(EndReason::Idle)
        } else {
            None
        }
    }

    /// When it ends if its owner stays inactive.
    pub(crate) fn idle_until(&self) -> Timestamp {
        Timestamp::from_micros(self.idle_until.load(Ordering::Relaxed))
    }

    /// What its record is opened with.
    pub(super) const fn opener(&self) -> Opener<'_> {
        Opener {
            key: &self.key,
            secret: &self.secret,
        }
    }

    /// Takes over activity that another reading of the same session knows of and the store does not yet.
    pub(super) fn catch_up(&self, other: &Self) {
        self.idle_until
            .fetch_max(other.idle_until.load(Ordering::Relaxed), Ordering::Relaxed);
        self.seen
            .fetch_max(other.seen.load(Ordering::Relaxed), Ordering::Relaxed);
    }
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.handle)
    }
}

impl IdentityHeaders {
    fn new(who: &Principal, handle: &Handle, inside: &Contents) -> Result<Self, Unsendable> {
        let bearer = Zeroizing::new(format!("Bearer {}", inside.tokens.access.expose()));
        let mut authorization =
            HeaderValue::from_str(&bearer).map_err(|_| Unsendable("access token"))?;
        authorization.set_sensitive(true);
        let mut assertion =
            HeaderValue::from_str(&inside.assertion).map_err(|_| Unsendable("assertion"))?;
        assertion.set_sensitive(true);
        let user_id = HeaderValue::from_bytes(who.subject.as_str().as_bytes())
            .map_err(|_| Unsendable("subject"))?;
        let sid = HeaderValue::from_str(handle.as_str()).map_err(|_| Unsendable("handle"))?;
        Ok(Self {
            authorization,
            user_id,
            assertion,
            sid,
        })
    }
}

/// The same on every node and at every reading, different for every session.
fn deadlines(tokens: &TokenSet, id: &LookupId) -> Deadlines {
    let seed = id
        .as_bytes()
        .first_chunk()
        .map_or(0, |first| u64::from_be_bytes(*first));
    Deadlines::of(tokens.received, tokens.access_expires, seed)
}
