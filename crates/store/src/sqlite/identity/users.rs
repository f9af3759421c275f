//! The port of the users, method by method.

use async_trait::async_trait;
use cloakroom_core::Timestamp;
use cloakroom_core::ports::{
    CredentialChange, Inserted, NewUser, OutboxEvent, StoreError, Updated, User, UserChange,
    UserKey, UserStore,
};
use cloakroom_core::secret::{Digest, SecretString};
use uuid::Uuid;

use super::{SqliteIdentity, accounts, credentials, devices, outbox};

#[async_trait]
impl UserStore for SqliteIdentity {
    async fn insert(&self, new: NewUser) -> Result<Inserted, StoreError> {
        self.0
            .write(move |db| Box::pin(accounts::insert(db, new)))
            .await
    }

    async fn find(&self, by: &UserKey) -> Result<Option<User>, StoreError> {
        accounts::find(&self.0.readers, by).await
    }

    async fn update(
        &self,
        id: Uuid,
        change: UserChange,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        self.0
            .write(move |db| Box::pin(accounts::update(db, id, change, now)))
            .await
    }

    async fn rehash(
        &self,
        id: Uuid,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), StoreError> {
        let (old, new) = (old.clone(), new.clone());
        self.0
            .write(move |db| Box::pin(credentials::rehash(db, id, old, new)))
            .await
    }

    async fn change_credential(
        &self,
        id: Uuid,
        change: CredentialChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        self.0
            .write(move |db| Box::pin(credentials::change(db, id, change, now)))
            .await
    }

    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, StoreError> {
        accounts::list(&self.0.readers, after, limit).await
    }

    async fn know_device(
        &self,
        id: Uuid,
        device: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let device = *device;
        self.0
            .write(move |db| Box::pin(devices::know(db, id, device, now)))
            .await
    }

    async fn knows_device(&self, id: Uuid, device: &Digest) -> Result<bool, StoreError> {
        devices::knows(&self.0.readers, id, device).await
    }

    async fn outbox(&self, limit: u32) -> Result<Vec<OutboxEvent>, StoreError> {
        outbox::read(&self.0.readers, limit).await
    }

    async fn delivered(&self, seq: i64) -> Result<(), StoreError> {
        self.0
            .write(move |db| Box::pin(outbox::forget(db, seq)))
            .await
    }
}
