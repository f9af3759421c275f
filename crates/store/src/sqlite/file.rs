//! One database file: how it is opened, prepared and closed. What this file guarantees:
//!
//! 1. A commit that was answered survives a power cut: WAL with `synchronous=FULL`.
//! 2. A fresh file can be read by its owner alone (0600), and so can its log beside it.
//! 3. Schema changes, the mark and the refusal of a wrong mark are one transaction: a refused file is unchanged.
//! 4. Readers cannot write (`query_only`).
//!
//! Refusal looks like [`OpenError`]. A deployment defeats 1 with a disk or a network file system that lies about
//! flushing, and 2 with a backup that is readable by others.

use std::path::Path;
use std::time::Duration;

use cloakroom_core::ports::StoreError;
use sqlx::error::DatabaseError;
use sqlx::migrate::{MigrateError, Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{ConnectOptions, Connection, Row, SqlSafeStr, SqliteConnection};
use tokio::fs::OpenOptions;

use super::writer::{Work, Writer};
use crate::open::{Open, OpenError, Purpose};

/// How many readers share a file.
const READERS: u32 = 4;
/// How long to wait for another process that writes, such as the command line.
const BUSY: Duration = Duration::from_secs(5);

/// SQLite's primary result codes for a file that cannot be written, and for one that is no database.
const READ_ONLY: i32 = 8;
const CANNOT_OPEN: i32 = 14;
const NOT_A_DATABASE: i32 = 26;

/// One schema change: its number, its name, its SQL.
pub(super) type Change = (i64, &'static str, &'static str);

#[derive(Debug)]
pub(super) struct File {
    writer: Writer,
    pub(super) readers: SqlitePool,
}

impl File {
    pub(super) async fn open(
        path: &Path,
        open: Open,
        schema: &[Change],
    ) -> Result<Self, OpenError> {
        touch(path).await?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .create_if_missing(false)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let failed = |error| explain(path, error);
        let mut db = options.connect().await.map_err(failed)?;
        prepare(&mut db, path, open.purpose, schema).await?;
        let readers = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(BUSY)
            // A connection to a file does not go stale.
            .test_before_acquire(false)
            .connect_with(options.pragma("query_only", "1"))
            .await
            .map_err(failed)?;
        Ok(Self {
            writer: Writer::start(db),
            readers,
        })
    }

    /// Runs `work` in a transaction and answers once it is on the disk.
    pub(super) async fn write<T, F>(&self, work: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: for<'c> FnOnce(&'c mut SqliteConnection) -> Work<'c, T> + Send + 'static,
    {
        self.writer.write(work).await
    }

    /// Finishes what is queued, refuses what comes later, and closes the file.
    pub(super) async fn close(&self) {
        self.writer.close().await;
        self.readers.close().await;
    }
}

/// Creates the file if need be, for its owner's eyes only, and finds out whether it can be written.
async fn touch(path: &Path) -> Result<(), OpenError> {
    let mut options = OpenOptions::new();
    options.create(true).append(true);
    #[cfg(unix)]
    options.mode(0o600);
    match options.open(path).await {
        Ok(_) => Ok(()),
        Err(error) => Err(OpenError::NotWritable {
            path: path.to_owned(),
            cause: error.to_string(),
        }),
    }
}

async fn prepare(
    db: &mut SqliteConnection,
    path: &Path,
    purpose: Purpose,
    schema: &[Change],
) -> Result<(), OpenError> {
    let failed = |error| explain(path, error);
    let mut change = db.begin_with("BEGIN IMMEDIATE").await.map_err(failed)?;
    let migrations = schema
        .iter()
        .map(|&(number, name, sql)| {
            let kind = MigrationType::Simple;
            Migration::new(number, name.into(), kind, sql.into_sql_str(), false)
        })
        .collect();
    Migrator::with_migrations(migrations)
        // `run` would make the future of `open` not Send.
        .run_direct(None, &mut *change, false)
        .await
        .map_err(|error| refuse(path, error))?;
    sqlx::query("INSERT INTO meta (one, purpose) VALUES (1, $1) ON CONFLICT DO NOTHING")
        .bind(purpose.as_str())
        .execute(&mut *change)
        .await
        .map_err(failed)?;
    let marked: String = sqlx::query("SELECT purpose FROM meta WHERE one = 1")
        .fetch_one(&mut *change)
        .await
        .and_then(|row| row.try_get("purpose"))
        .map_err(failed)?;
    if marked != purpose.as_str() {
        let path = path.to_owned();
        return Err(match purpose {
            Purpose::Production => OpenError::Demo { path },
            Purpose::Demo => OpenError::Production { path },
        });
    }
    change.commit().await.map_err(failed)
}

fn refuse(path: &Path, error: MigrateError) -> OpenError {
    match error {
        MigrateError::VersionMissing(schema) => OpenError::Newer {
            path: path.to_owned(),
            schema,
        },
        MigrateError::Execute(error) => explain(path, error),
        // Another program's tables, or another kind of our own file.
        other => OpenError::Foreign {
            path: path.to_owned(),
            cause: other.to_string(),
        },
    }
}

fn explain(path: &Path, source: sqlx::Error) -> OpenError {
    let code = source
        .as_database_error()
        .and_then(DatabaseError::code)
        .and_then(|code| code.parse::<i32>().ok());
    let (path, cause) = (path.to_owned(), source.to_string());
    // The low byte of an extended result code is the primary one.
    match code.map(|code| code & 0xff) {
        Some(READ_ONLY | CANNOT_OPEN) => OpenError::NotWritable { path, cause },
        Some(NOT_A_DATABASE) => OpenError::Foreign { path, cause },
        _ => OpenError::Database { path, source },
    }
}

#[cfg(test)]
mod tests;
