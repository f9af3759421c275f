//! SQLite: one file, one writer task, a few readers.

mod fields;
mod file;
mod identity;
mod sessions;
mod writer;

pub use identity::SqliteIdentity;
pub use sessions::SqliteSessions;

use cloakroom_core::ports::StoreError;

/// Turns what the database said into what the ports promise. The database's texts name tables and columns,
/// never a value.
fn failed(error: sqlx::Error) -> StoreError {
    match error {
        sqlx::Error::PoolTimedOut => StoreError::Overloaded,
        other => StoreError::Unavailable(other.to_string()),
    }
}

/// A key that must be new is there already: the caller's randomness is broken.
fn taken(table: &'static str, column: &'static str) -> StoreError {
    StoreError::Inconsistent {
        table,
        column,
        what: "the value is stored already".into(),
    }
}
