//! How a store is opened, and every way in which that fails, each with its cure.
//!
//! A file is marked at its first opening. The demo has users whose password is printed on a screen, so a
//! demo's file is refused in production, and the other way round.

use std::path::PathBuf;

/// What a store is for. It is written into a fresh file and compared ever after.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The demo: its users and passwords are known to everybody.
    Demo,
    /// Everything else.
    Production,
}

impl Purpose {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Demo => "demo",
            Self::Production => "production",
        }
    }
}

/// How to open a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Open {
    /// What it is opened for.
    pub purpose: Purpose,
}

/// Why a store does not open.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file, or the folder around it, cannot be written.
    #[error(
        "cannot write {path}: {cause}; give the user of this process write access to the file and its folder, or choose another folder"
    )]
    NotWritable {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: String,
    },
    /// The file is something else.
    #[error("{path} is not a store of this kind: {cause}; move it away, or name another file")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What gave it away.
        cause: String,
    },
    /// A later version of this program has changed the file's tables.
    #[error(
        "{path} was written by a newer version of this program (schema {schema}); start that version, or restore a backup made before it"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The number of the first change that this program does not know.
        schema: i64,
    },
    /// A demo's store, opened for production.
    #[error(
        "{path} belongs to a demo, whose passwords are known to everybody; name another file for production"
    )]
    Demo {
        /// The file.
        path: PathBuf,
    },
    /// A production store, opened by the demo.
    #[error(
        "{path} is in production; the demo does not touch it: give the demo a folder of its own"
    )]
    Production {
        /// The file.
        path: PathBuf,
    },
    /// The database could not be prepared.
    #[error("cannot open {path}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What the database said.
        #[source]
        source: sqlx::Error,
    },
}
