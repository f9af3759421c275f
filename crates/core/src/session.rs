//! A session as the store keeps it: everything in clear that decisions need, and the tokens as a sealed blob.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use crate::ids::{Handle, LookupId, Principal, ProviderId};
use crate::reason::EndReason;
use crate::secret::Digest;
use crate::time::Timestamp;

/// Tokens, profile and assertion, encrypted by the gateway with a key that needs the cookie's secret.
/// A store moves the bytes and never looks inside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedTokens {
    /// When the access token inside ends, in clear so that operators can see it.
    pub access_expires: Timestamp,
    /// The sealed bytes.
    pub blob: Bytes,
}

/// The browser a session was begun in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Device {
    /// `User-Agent` at the login, cut to 256 bytes.
    pub user_agent: String,
    /// Client address at the login, as text.
    pub ip: String,
}

/// A number that each taking of the refresh lease raises; a write with an older one is refused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fence(pub i64);

/// Position in the store's change feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Seq(pub i64);

/// Which process holds a refresh lease: drawn anew at each start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner(pub Arc<str>);

/// A lease holder's sign of life. Unchanged for the takeover time, the holder counts as dead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Beat {
    /// Who holds the lease.
    pub owner: Owner,
    /// Raised once a second while the refresh runs.
    pub count: i64,
}

/// One live session.
#[derive(Clone, Debug)]
pub struct Record {
    /// Hash of the cookie's id half.
    pub id: LookupId,
    /// The public name.
    pub handle: Handle,
    /// Hash of the cookie's secret half.
    pub verifier: Digest,
    /// Whose session it is.
    pub principal: Principal,
    /// `iss` of its tokens.
    pub issuer: String,
    /// The provider's own name for the login, by which the provider can end it.
    pub issuer_sid: Option<String>,
    /// Where it was begun.
    pub device: Device,
    /// When it was begun.
    pub created: Timestamp,
    /// When its owner was last active; at most a minute behind.
    pub last_seen: Timestamp,
    /// When it ends if the owner stays inactive.
    pub idle_until: Timestamp,
    /// When it ends whatever happens.
    pub absolute_until: Timestamp,
    /// The tokens.
    pub tokens: SealedTokens,
    /// The refresh lease, while one is held.
    pub lease: Option<Beat>,
    /// Raised by each taking of the lease.
    pub fence: Fence,
    /// Feed position of the last change that a cache must see: its creation, or new tokens.
    pub seq: Seq,
}

impl Record {
    /// The reason for which time alone has ended this session at `now`, if it has.
    pub fn timed_out(&self, now: Timestamp) -> Option<EndReason> {
        if self.absolute_until.has_come(now) {
            Some(EndReason::Absolute)
        } else if self.idle_until.has_come(now) {
            Some(EndReason::Idle)
        } else {
            None
        }
    }
}

/// What stays of an ended session until its absolute end, so that its owner can be told why.
#[derive(Clone, Debug)]
pub struct Tombstone {
    /// The public name it had.
    pub handle: Handle,
    /// Hash of the cookie's secret: the reason is told only to who has it.
    pub verifier: Digest,
    /// Why it ended.
    pub reason: EndReason,
    /// When it ended.
    pub ended_at: Timestamp,
}

/// What opening a session finds. A store that cannot be asked is an error, never `Absent`.
#[derive(Clone, Debug)]
pub enum Opened {
    /// It lives, as far as the store knows; time limits are the caller's to apply.
    Live(Box<Record>),
    /// It has ended.
    Ended(Tombstone),
    /// There is no such session, or it is long gone.
    Absent,
}

/// A session about to be stored.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// The record; lease, fence and feed position are the store's to set.
    pub record: Record,
    /// When the login that leads here *began*: an ending of this principal since then wins.
    pub began: Timestamp,
    /// The session of the same browser that this one replaces (ended as `replaced`).
    pub replaces: Option<Handle>,
    /// How many live sessions a principal may have; the oldest above it end as `revoked_by_user`.
    pub limit: u32,
}

/// What became of a new session.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Created {
    /// It is stored, durably.
    Done,
    /// An ending came in while the login was under way; nothing is stored.
    Refused(EndReason),
}

/// What asking for the refresh lease finds.
#[derive(Clone, Debug)]
pub enum Lease {
    /// It is ours; the record is as it is now, its fence is ours to write with.
    Held(Box<Record>),
    /// Somebody else holds it and was last seen at this beat.
    Busy(Beat),
    /// It is free, but the record has moved on since the caller read it: look at it first.
    Moved(Box<Record>),
    /// The session has ended, or is gone altogether (`None`).
    Gone(Option<EndReason>),
}

/// What became of writing renewed tokens. A logout beats a refresh.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Swap {
    /// They are stored, durably, and the lease is free again.
    Done,
    /// Somebody took the lease over; their result counts.
    Fenced,
    /// The session has ended meanwhile, or is gone (`None`).
    Gone(Option<EndReason>),
}

/// Which sessions to end.
#[derive(Clone, Debug)]
pub enum Selector {
    /// The one with this handle (an operator's word).
    Handle(Handle),
    /// The one with this handle, if it belongs to this principal (its owner's word).
    Own(Principal, Handle),
    /// Those begun by this login at the provider.
    IssuerSid(ProviderId, String),
    /// All of this principal, with at most one exception.
    Principal(Principal, Option<Except>),
    /// All.
    Everybody,
}

/// The one session that an ending leaves alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Except {
    /// The one with this handle.
    Handle(Handle),
    /// The one that this login at the provider began.
    IssuerSid(String),
}

/// A live session in a list, for its owner or an operator.
#[derive(Clone, Debug)]
pub struct Listed {
    /// Its public name.
    pub handle: Handle,
    /// Whose it is.
    pub principal: Principal,
    /// Where it was begun.
    pub device: Device,
    /// When it was begun.
    pub created: Timestamp,
    /// When its owner was last active.
    pub last_seen: Timestamp,
    /// When it ends at the latest.
    pub absolute_until: Timestamp,
}

/// What the change feed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Changes {
    /// These sessions changed after the position asked for; the feed now stands at `upto`.
    Since {
        /// Ask from here next time.
        upto: Seq,
        /// What changed. A handle may stand in it twice.
        handles: Vec<Handle>,
    },
    /// The position asked for is older than what the feed keeps: everything may have changed.
    Behind {
        /// Ask from here next time.
        upto: Seq,
    },
}

/// One slide of the idle timer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slide {
    /// Which session.
    pub id: LookupId,
    /// When its owner was active.
    pub seen: Timestamp,
    /// The new end of idleness; a store never moves it backwards nor past the absolute end.
    pub idle_until: Timestamp,
}

/// How long entries of the change feed are kept; a reader further behind is told [`Changes::Behind`].
pub const FEED_KEPT: Duration = Duration::from_secs(120);

/// How long an ending is remembered for logins that began before it; no login takes longer.
pub const ENDING_KEPT: Duration = Duration::from_secs(86_400);
