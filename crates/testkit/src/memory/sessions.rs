//! Sessions in memory, with the same promises as every other store.

mod state;

use async_trait::async_trait;
use cloakroom_core::ports::{SessionStore, StoreError};
use cloakroom_core::session::{
    Beat, Changes, Created, ENDING_KEPT, Fence, Lease, Listed, NewSession, Opened, Owner,
    SealedTokens, Selector, Seq, Slide, Swap,
};
use cloakroom_core::{EndReason, LookupId, Principal, Timestamp};

use self::state::{Row, State};
use super::{Guarded, at_most, taken};

/// A [`SessionStore`] that lives as long as the test.
#[derive(Debug, Default)]
pub struct MemorySessions(Guarded<State>);

impl MemorySessions {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// While `true`, every call answers [`StoreError::Unavailable`].
    pub fn fail(&self, out: bool) {
        self.0.fail(out);
    }
}

#[async_trait]
impl SessionStore for MemorySessions {
    async fn create(&self, new: NewSession) -> Result<Created, StoreError> {
        let mut state = self.0.lock()?;
        if let Some(reason) = state.refuses(&new) {
            return Ok(Created::Refused(reason));
        }
        if state.rows.contains_key(&new.record.id) {
            return Err(taken("sessions", "id"));
        }
        if state.by_handle(&new.record.handle).is_some() {
            return Err(taken("sessions", "handle"));
        }
        let now = new.record.created;
        if let Some(id) = new.replaces.as_ref().and_then(|old| state.by_handle(old)) {
            state.end_one(id, EndReason::Replaced, now);
        }
        for id in state.surplus(&new) {
            state.end_one(id, EndReason::RevokedByUser, now);
        }
        let mut record = new.record;
        record.lease = None;
        record.fence = Fence(0);
        record.seq = state.announce(&record.handle);
        state.rows.insert(record.id, Row::new(record, new.began));
        Ok(Created::Done)
    }

    async fn load(&self, id: &LookupId) -> Result<Opened, StoreError> {
        Ok(self
            .0
            .lock()?
            .rows
            .get(id)
            .map_or(Opened::Absent, Row::opened))
    }

    async fn lease(
        &self,
        id: &LookupId,
        known: Fence,
        stale: Option<&Beat>,
        me: &Owner,
    ) -> Result<Lease, StoreError> {
        let mut held = self.0.lock()?;
        let Some(row) = held.rows.get_mut(id) else {
            return Ok(Lease::Gone(None));
        };
        if let Some((_, reason)) = row.ended {
            return Ok(Lease::Gone(Some(reason)));
        }
        Ok(match &row.record.lease {
            Some(beat) if stale != Some(beat) => Lease::Busy(beat.clone()),
            None if row.record.fence != known => Lease::Moved(Box::new(row.record.clone())),
            Some(_) | None => Lease::Held(Box::new(row.take_lease(me))),
        })
    }

    async fn beat(&self, id: &LookupId, fence: Fence) -> Result<bool, StoreError> {
        let mut state = self.0.lock()?;
        Ok(state.held(id, fence).is_some_and(|row| {
            row.beat += 1;
            if let Some(beat) = &mut row.record.lease {
                beat.count = row.beat;
            }
            true
        }))
    }

    async fn release(&self, id: &LookupId, fence: Fence) -> Result<(), StoreError> {
        if let Some(row) = self.0.lock()?.held(id, fence) {
            row.record.lease = None;
        }
        Ok(())
    }

    async fn store(
        &self,
        id: &LookupId,
        fence: Fence,
        tokens: SealedTokens,
    ) -> Result<Swap, StoreError> {
        let mut state = self.0.lock()?;
        let Some(row) = state.rows.get(id) else {
            return Ok(Swap::Gone(None));
        };
        if let Some((_, reason)) = row.ended {
            return Ok(Swap::Gone(Some(reason)));
        }
        let handle = row.record.handle.clone();
        if state.held(id, fence).is_none() {
            return Ok(Swap::Fenced);
        }
        let seq = state.announce(&handle);
        if let Some(row) = state.held(id, fence) {
            row.record.tokens = tokens;
            row.record.lease = None;
            row.record.seq = seq;
        }
        Ok(Swap::Done)
    }

    async fn touch(&self, slides: &[Slide]) -> Result<(), StoreError> {
        let mut state = self.0.lock()?;
        for slide in slides {
            if let Some(row) = state.rows.get_mut(&slide.id) {
                row.slide(slide);
            }
        }
        Ok(())
    }

    async fn end(&self, which: Selector, why: EndReason, at: Timestamp) -> Result<u64, StoreError> {
        let mut state = self.0.lock()?;
        let chosen: Vec<_> = state
            .rows
            .values()
            .filter(|row| row.ended.is_none() && row.chosen_by(&which, at))
            .map(|row| row.record.id)
            .collect();
        for id in &chosen {
            state.end_one(*id, why, at);
        }
        state.remember(which, why, at);
        Ok(u64::try_from(chosen.len()).unwrap_or(u64::MAX))
    }

    async fn list(
        &self,
        of: Option<&Principal>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        let state = self.0.lock()?;
        let mut live: Vec<_> = state
            .rows
            .values()
            .filter(|row| row.lives(now) && of.is_none_or(|who| row.record.principal == *who))
            .collect();
        live.sort_by(|a, b| {
            (b.record.last_seen, &b.record.handle).cmp(&(a.record.last_seen, &a.record.handle))
        });
        live.truncate(at_most(limit));
        Ok(live.into_iter().map(Row::listed).collect())
    }

    async fn changes(&self, after: Seq) -> Result<Changes, StoreError> {
        Ok(self.0.lock()?.changes(after))
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.0.lock()?;
        state.age_feed(before);
        state
            .endings
            .retain(|ending| !ending.at.plus(ENDING_KEPT).has_come(before));
        let mut past: Vec<_> = state
            .rows
            .values()
            .filter(|row| row.record.absolute_until.has_come(before))
            .map(|row| (row.record.absolute_until, row.record.id))
            .collect();
        past.sort_unstable();
        past.truncate(at_most(limit));
        for (_, id) in &past {
            state.rows.remove(id);
        }
        Ok(u64::try_from(past.len()).unwrap_or(u64::MAX))
    }
}

#[cfg(test)]
mod tests;
