//! Users, refresh-token families and the outbox in SQLite: one file, because a change of a credential, the end
//! of the families and the word about it are one transaction.

mod accounts;
mod credentials;
mod devices;
mod families;
mod outbox;
mod present;
mod revoke;
mod tokens;
mod users;

use std::path::Path;

use super::file::{Change, File};
use crate::open::{Open, OpenError};

const SCHEMA: &[Change] = &[(
    1,
    "identity",
    include_str!("../../migrations/identity/0001_identity.sql"),
)];

/// A `UserStore` and a `FamilyStore` in one SQLite file.
#[derive(Debug)]
pub struct SqliteIdentity(File);

impl SqliteIdentity {
    /// Opens the file, creating it if it is not there; its folder must be.
    pub async fn open(path: &Path, options: Open) -> Result<Self, OpenError> {
        File::open(path, options, SCHEMA).await.map(Self)
    }

    /// Finishes what is queued and closes the file. Later calls answer that the store is unavailable. Dropping
    /// the store finishes what is queued as well, but nobody can wait for it.
    pub async fn close(&self) {
        self.0.close().await;
    }
}

#[cfg(test)]
mod tests;
