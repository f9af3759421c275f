//! What the store holds: rows, endings that logins in flight must obey, and the feed.

use std::collections::{HashMap, VecDeque};

use cloakroom_core::session::{
    Beat, Changes, Except, FEED_KEPT, Fence, Listed, NewSession, Opened, Owner, Record, Selector,
    Seq, Slide, Tombstone,
};
use cloakroom_core::{EndReason, Handle, LookupId, Timestamp};

use super::at_most;

#[derive(Debug)]
pub(super) struct Row {
    pub(super) record: Record,
    /// When the login that led here began.
    began: Timestamp,
    /// Never set back, so that no two leases of a session show the same beat.
    pub(super) beat: i64,
    pub(super) ended: Option<(Timestamp, EndReason)>,
}

impl Row {
    pub(super) fn new(record: Record, began: Timestamp) -> Self {
        Self {
            record,
            began,
            beat: 0,
            ended: None,
        }
    }

    pub(super) fn opened(&self) -> Opened {
        match self.ended {
            None => Opened::Live(Box::new(self.record.clone())),
            Some((ended_at, reason)) => Opened::Ended(Tombstone {
                handle: self.record.handle.clone(),
                verifier: self.record.verifier,
                reason,
                ended_at,
            }),
        }
    }

    pub(super) fn listed(&self) -> Listed {
        let record = &self.record;
        Listed {
            handle: record.handle.clone(),
            principal: record.principal.clone(),
            device: record.device.clone(),
            created: record.created,
            last_seen: record.last_seen,
            absolute_until: record.absolute_until,
        }
    }

    pub(super) fn lives(&self, now: Timestamp) -> bool {
        self.ended.is_none() && self.record.timed_out(now).is_none()
    }

    pub(super) fn take_lease(&mut self, me: &Owner) -> Record {
        self.beat += 1;
        self.record.fence = Fence(self.record.fence.0 + 1);
        self.record.lease = Some(Beat {
            owner: me.clone(),
            count: self.beat,
        });
        self.record.clone()
    }

    pub(super) fn slide(&mut self, slide: &Slide) {
        let record = &mut self.record;
        if self.ended.is_some() || record.timed_out(slide.seen).is_some() {
            return;
        }
        record.last_seen = record.last_seen.max(slide.seen);
        record.idle_until = record
            .idle_until
            .max(slide.idle_until.min(record.absolute_until));
    }

    pub(super) fn chosen_by(&self, which: &Selector, at: Timestamp) -> bool {
        let record = &self.record;
        match which {
            Selector::Handle(handle) => record.handle == *handle,
            Selector::Own(owner, handle) => record.principal == *owner && record.handle == *handle,
            Selector::IssuerSid(provider, sid) => {
                record.principal.provider == *provider
                    && record.issuer_sid.as_deref() == Some(sid.as_str())
            }
            // A login that began after the ending is not meant by it, however late the ending is heard of.
            Selector::Principal(who, except) => {
                record.principal == *who
                    && self.began <= at
                    && !except.as_ref().is_some_and(|one| spares(one, record))
            }
            Selector::Everybody => self.began <= at,
        }
    }
}

fn spares(except: &Except, record: &Record) -> bool {
    match except {
        Except::Handle(handle) => record.handle == *handle,
        Except::IssuerSid(sid) => record.issuer_sid.as_ref() == Some(sid),
    }
}

/// An ending that a login in flight must obey.
#[derive(Debug)]
pub(super) struct Ending {
    which: Selector,
    reason: EndReason,
    pub(super) at: Timestamp,
}

#[derive(Debug)]
struct Change {
    seq: Seq,
    handle: Handle,
    /// When a purge first saw the entry; it is kept from then on.
    aged_from: Option<Timestamp>,
}

#[derive(Debug, Default)]
pub(super) struct State {
    pub(super) rows: HashMap<LookupId, Row>,
    pub(super) endings: Vec<Ending>,
    feed: VecDeque<Change>,
    last: Seq,
    pruned: Seq,
}

impl State {
    pub(super) fn by_handle(&self, handle: &Handle) -> Option<LookupId> {
        self.rows
            .values()
            .find(|row| row.record.handle == *handle)
            .map(|row| row.record.id)
    }

    /// The reason of the latest ending that this login began before.
    pub(super) fn refuses(&self, new: &NewSession) -> Option<EndReason> {
        let row = Row::new(new.record.clone(), new.began);
        self.endings
            .iter()
            .filter(|ending| new.began <= ending.at && row.chosen_by(&ending.which, ending.at))
            .max_by_key(|ending| ending.at)
            .map(|ending| ending.reason)
    }

    pub(super) fn remember(&mut self, which: Selector, reason: EndReason, at: Timestamp) {
        match which {
            Selector::Handle(_) | Selector::Own(..) => {}
            Selector::IssuerSid(..) | Selector::Principal(..) | Selector::Everybody => {
                self.endings.push(Ending { which, reason, at });
            }
        }
    }

    /// The principal's oldest sessions, as many as have to go so that the new one keeps the limit.
    pub(super) fn surplus(&self, new: &NewSession) -> Vec<LookupId> {
        let mut live: Vec<_> = self
            .rows
            .values()
            .filter(|row| {
                row.lives(new.record.created) && row.record.principal == new.record.principal
            })
            .map(|row| (row.record.created, row.record.handle.clone(), row.record.id))
            .collect();
        live.sort_unstable();
        let surplus = (live.len() + 1).saturating_sub(at_most(new.limit));
        live.into_iter().take(surplus).map(|(.., id)| id).collect()
    }

    pub(super) fn end_one(&mut self, id: LookupId, reason: EndReason, at: Timestamp) {
        let Some(row) = self.rows.get_mut(&id).filter(|row| row.ended.is_none()) else {
            return;
        };
        row.ended = Some((at, reason));
        let handle = row.record.handle.clone();
        self.announce(&handle);
    }

    /// The row whose lease is held under this fence, if the session lives.
    pub(super) fn held(&mut self, id: &LookupId, fence: Fence) -> Option<&mut Row> {
        self.rows.get_mut(id).filter(|row| {
            row.ended.is_none() && row.record.fence == fence && row.record.lease.is_some()
        })
    }

    pub(super) fn announce(&mut self, handle: &Handle) -> Seq {
        self.last = Seq(self.last.0 + 1);
        self.feed.push_back(Change {
            seq: self.last,
            handle: handle.clone(),
            aged_from: None,
        });
        self.last
    }

    pub(super) fn changes(&self, after: Seq) -> Changes {
        let upto = self.last;
        if after < self.pruned || after > upto {
            return Changes::Behind { upto };
        }
        let newer = self.feed.iter().filter(|change| change.seq > after);
        let handles = newer.map(|change| change.handle.clone()).collect();
        Changes::Since { upto, handles }
    }

    pub(super) fn age_feed(&mut self, now: Timestamp) {
        for change in &mut self.feed {
            change.aged_from.get_or_insert(now);
        }
        let old = |change: &Change| {
            change
                .aged_from
                .is_some_and(|from| from.plus(FEED_KEPT).has_come(now))
        };
        while let Some(change) = self.feed.pop_front_if(|change| old(change)) {
            self.pruned = change.seq;
        }
    }
}
