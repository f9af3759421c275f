//! The port of the families, method by method.

use async_trait::async_trait;
use cloakroom_core::Timestamp;
use cloakroom_core::family::{Family, FamilyId, RevokeReason, Token};
use cloakroom_core::ports::{Attempt, Begun, FamilyStore, NewFamily, Outcome, Revoke, StoreError};
use cloakroom_core::secret::Digest;

use super::{SqliteIdentity, present, revoke, tokens};

#[async_trait]
impl FamilyStore for SqliteIdentity {
    async fn begin(&self, new: NewFamily, login_began: Timestamp) -> Result<Begun, StoreError> {
        self.0
            .write(move |db| Box::pin(tokens::begin(db, new, login_began)))
            .await
    }

    async fn present(&self, attempt: Attempt) -> Result<Outcome, StoreError> {
        self.0
            .write(move |db| Box::pin(present::present(db, attempt)))
            .await
    }

    async fn revoke(
        &self,
        which: Revoke,
        reason: RevokeReason,
        at: Timestamp,
    ) -> Result<Vec<FamilyId>, StoreError> {
        self.0
            .write(move |db| Box::pin(revoke::revoke(db, which, reason, at)))
            .await
    }

    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreError> {
        tokens::family(&self.0.readers, id).await
    }

    async fn peek(&self, hash: &Digest) -> Result<Option<(Family, Token)>, StoreError> {
        let mut db = self
            .0
            .readers
            .begin()
            .await
            .map_err(crate::sqlite::failed)?;
        tokens::member(&mut db, hash).await
    }

    async fn block(&self, jti: &str, until: Timestamp) -> Result<(), StoreError> {
        let jti = jti.to_owned();
        self.0
            .write(move |db| Box::pin(revoke::block(db, jti, until)))
            .await
    }

    async fn is_blocked(&self, jti: &str) -> Result<bool, StoreError> {
        revoke::is_blocked(&self.0.readers, jti).await
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        self.0
            .write(move |db| Box::pin(revoke::purge(db, before, limit)))
            .await
    }
}
