//! Sessions in SQLite: the port, method by method; each family of methods has its SQL in a file of its own.

mod create;
mod end;
mod feed;
mod lease;
mod list;
mod purge;
mod row;
mod slide;

use std::path::Path;

use async_trait::async_trait;
use cloakroom_core::ports::{SessionStore, StoreError};
use cloakroom_core::session::{
    Beat, Changes, Created, Fence, Lease, Listed, NewSession, Opened, Owner, SealedTokens,
    Selector, Seq, Slide, Swap,
};
use cloakroom_core::{EndReason, LookupId, Principal, Timestamp};

use super::file::{Change, File};
use crate::open::{Open, OpenError};

const SCHEMA: &[Change] = &[(
    1,
    "sessions",
    include_str!("../../migrations/sessions/0001_sessions.sql"),
)];

/// A [`SessionStore`] in one SQLite file.
#[derive(Debug)]
pub struct SqliteSessions(File);

impl SqliteSessions {
    /// Opens the file, creating it if it is not there; its folder must be.
    pub async fn open(path: &Path, options: Open) -> Result<Self, OpenError> {
        File::open(path, options, SCHEMA).await.map(Self)
    }

    /// Finishes what is queued and closes the file. Later calls answer [`StoreError::Unavailable`]. Dropping the
    /// store finishes what is queued as well, but nobody can wait for it.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

#[async_trait]
impl SessionStore for SqliteSessions {
    async fn create(&self, new: NewSession) -> Result<Created, StoreError> {
        self.0
            .write(move |db| Box::pin(create::create(db, new)))
            .await
    }

    async fn load(&self, id: &LookupId) -> Result<Opened, StoreError> {
        row::load(&self.0.readers, id).await
    }

    async fn lease(
        &self,
        id: &LookupId,
        known: Fence,
        stale: Option<&Beat>,
        me: &Owner,
    ) -> Result<Lease, StoreError> {
        let asked = lease::Asked {
            id: *id,
            known,
            stale: stale.cloned(),
            me: me.clone(),
        };
        self.0
            .write(move |db| Box::pin(lease::take(db, asked)))
            .await
    }

    async fn beat(&self, id: &LookupId, fence: Fence) -> Result<bool, StoreError> {
        let id = *id;
        self.0
            .write(move |db| Box::pin(lease::beat(db, id, fence)))
            .await
    }

    async fn release(&self, id: &LookupId, fence: Fence) -> Result<(), StoreError> {
        let id = *id;
        self.0
            .write(move |db| Box::pin(lease::release(db, id, fence)))
            .await
    }

    async fn store(
        &self,
        id: &LookupId,
        fence: Fence,
        tokens: SealedTokens,
    ) -> Result<Swap, StoreError> {
        let id = *id;
        self.0
            .write(move |db| Box::pin(lease::store(db, id, fence, tokens)))
            .await
    }

    async fn touch(&self, slides: &[Slide]) -> Result<(), StoreError> {
        let slides = slides.to_vec();
        self.0
            .write(move |db| Box::pin(slide::touch(db, slides)))
            .await
    }

    async fn end(&self, which: Selector, why: EndReason, at: Timestamp) -> Result<u64, StoreError> {
        self.0
            .write(move |db| Box::pin(end::end(db, which, why, at)))
            .await
    }

    async fn list(
        &self,
        of: Option<&Principal>,
        now: Timestamp,
        limit: u32,
    ) -> Result<Vec<Listed>, StoreError> {
        list::list(&self.0.readers, of, now, limit).await
    }

    async fn changes(&self, after: Seq) -> Result<Changes, StoreError> {
        feed::changes(&self.0.readers, after).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0
            .write(move |db| Box::pin(purge::purge(db, before, limit)))
            .await
    }
}

#[cfg(test)]
mod tests;
