//! The data directory: made at first start for its owner alone, and used by one running cloakroom at a time.

use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The name of the file whose lock says that somebody runs here.
const LOCK: &str = ".lock";

/// Why the data directory cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DataError {
    /// It cannot be made or written.
    #[error("cannot write to the data directory {}: {source}; choose another one with data_dir or --data, or give this user the right to write there", dir.display())]
    Unwritable {
        /// Which.
        dir: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Another process runs on it.
    #[error("the data directory {} is in use by another running cloakroom; stop that one, or choose another directory", dir.display())]
    InUse {
        /// Which.
        dir: PathBuf,
    },
}

/// Held for as long as a server runs; the system gives the lock back even if the process dies.
#[derive(Debug)]
pub(crate) struct Occupied {
    _lock: File,
}

/// Makes the directory if it is not there (0700), and finds out whether it can be written.
pub(crate) fn prepare(dir: &Path) -> Result<(), DataError> {
    open_lock(dir).map(|_| ())
}

/// The same, and takes it for this process.
pub(crate) fn occupy(dir: &Path) -> Result<Occupied, DataError> {
    let lock = open_lock(dir)?;
    match lock.try_lock() {
        Ok(()) => Ok(Occupied { _lock: lock }),
        Err(TryLockError::WouldBlock) => Err(DataError::InUse {
            dir: dir.to_owned(),
        }),
        Err(TryLockError::Error(source)) => Err(unwritable(dir, source)),
    }
}

fn open_lock(dir: &Path) -> Result<File, DataError> {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(dir);
    made.map_err(|source| unwritable(dir, source))?;
    let mut options = OpenOptions::new();
    options.create(true).truncate(false).write(true).mode(0o600);
    options
        .open(dir.join(LOCK))
        .map_err(|source| unwritable(dir, source))
}

fn unwritable(dir: &Path, source: io::Error) -> DataError {
    DataError::Unwritable {
        dir: dir.to_owned(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_new_data_directory_is_for_its_owner_alone() {
        let folder = tempfile::tempdir().unwrap();
        let dir = folder.path().join("a/b");
        prepare(&dir).unwrap();
        assert_eq!(
            std::fs::metadata(&dir).unwrap().permissions().mode() & 0o777,
            0o700
        );
    }

    #[test]
    fn two_servers_do_not_share_a_data_directory() {
        let folder = tempfile::tempdir().unwrap();
        let first = occupy(folder.path()).unwrap();
        assert!(matches!(
            occupy(folder.path()),
            Err(DataError::InUse { .. })
        ));
        drop(first);
        assert!(occupy(folder.path()).is_ok());
    }

    #[test]
    fn a_directory_that_cannot_be_made_is_named_in_the_error() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let error = occupy(&file.join("data")).unwrap_err();
        assert!(error.to_string().contains("file/data"), "{error}");
    }
}
