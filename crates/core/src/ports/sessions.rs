//! The port to wherever sessions are kept. Each method is one atomic operation.

use async_trait::async_trait;

use super::StoreError;
use crate::ids::{LookupId, Principal};
use crate::reason::EndReason;
use crate::session::{
    Beat, Changes, Created, Fence, Lease, Listed, NewSession, Opened, Owner, SealedTokens,
    Selector, Seq, Slide, Swap,
};
use crate::time::Timestamp;

/// Keeps sessions, their endings, the refresh lease, and a feed of changes.
///
/// A method that returned has reached durable storage, except [`SessionStore::touch`], whose loss costs a
/// minute of idleness at the most.
#[async_trait]
pub trait SessionStore: Send + Sync {
    /// Stores a new session: refused if an ending of its principal happened at or after `new.began`. In the
    /// same transaction the session it replaces ends as `replaced`, and the oldest above the limit end as
    /// `revoked_by_user`.
    async fn create(&self, new: NewSession) -> Result<Created, StoreError>;

    /// Finds a session by the hash of its cookie's id.
    async fn load(&self, id: &LookupId) -> Result<Opened, StoreError>;

    /// Takes the refresh lease of a session, for a caller that read the record at `known`.
    ///
    /// Free and unchanged since `known`: held, fence raised. Free but changed: `Moved`. Taken: `Busy`, except
    /// that a caller which names in `stale` the very beat that still stands takes it over, fence raised.
    async fn lease(
        &self,
        id: &LookupId,
        known: Fence,
        stale: Option<&Beat>,
        me: &Owner,
    ) -> Result<Lease, StoreError>;

    /// Raises the beat of a lease; `false` if it is no longer held under this fence.
    async fn beat(&self, id: &LookupId, fence: Fence) -> Result<bool, StoreError>;

    /// Gives the lease back without new tokens. Not holding it any more is fine.
    async fn release(&self, id: &LookupId, fence: Fence) -> Result<(), StoreError>;

    /// Writes renewed tokens and gives the lease back, if the fence still holds and the session lives.
    async fn store(
        &self,
        id: &LookupId,
        fence: Fence,
        tokens: SealedTokens,
    ) -> Result<Swap, StoreError>;

    /// Slides idle timers, one batch. Sessions that have ended stay ended.
    async fn touch(&self, slides: &[Slide]) -> Result<(), StoreError>;

    /// Ends sessions and returns how many lived until then. An ending of a principal, a login or everybody
    /// also refuses every session whose login began at or before `at` and is not stored yet.
    async fn end(&self, which: Selector, why: EndReason, at: Timestamp) -> Result<u64, StoreError>;

    /// Live sessions, the most recently active first: of one principal, or of everybody.
    async fn list(
        &self,
        of: Option<&Principal>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError>;

    /// What changed after a position of the feed. A position from before the feed began is `Behind`.
    async fn changes(&self, after: Seq) -> Result<Changes, StoreError>;

    /// Deletes up to `limit` sessions past their absolute end at `before`, and feed entries that are older
    /// than they need to be. Returns how many sessions went.
    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError>;
}
