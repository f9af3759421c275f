//! The goals on disk: one JSON file that is either the old one or the new one, whatever happens.
//!
//! A change is written to a second file beside it, flushed to the disk, and renamed over the first; then the
//! folder is flushed too, because the rename is an entry of the folder. Everything here blocks: it is called
//! from a blocking task.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::book::Book;

/// Why the goals file could not be used. Each message says what to do about it.
#[derive(Debug, thiserror::Error)]
pub enum GoalFileError {
    /// It exists and cannot be read.
    #[error("cannot read the goals file {}", .path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// It can be read and is not what this program wrote.
    #[error(
        "the goals file {} is damaged or was made by another version ({source}); \
         restore it from a backup, or move it away to start with an empty one",
        .path.display()
    )]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where and why.
        source: serde_json::Error,
    },
    /// It cannot be written.
    #[error("cannot write the goals file {}: is its folder there, and writable?", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// The format's first version. Another number is refused by its type, before anything is misread.
#[derive(Clone, Copy, Serialize, Deserialize)]
enum Version {
    #[serde(rename = "goals-1")]
    First,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document<B> {
    version: Version,
    shelves: B,
}

/// Reads the book. Where there is no file yet, an empty one is written, so that a folder that cannot be
/// written stops the start and not the first user.
pub(super) fn load(path: &Path) -> Result<Book, GoalFileError> {
    let text = match fs::read(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let empty = Book::default();
            save(path, &empty)?;
            return Ok(empty);
        }
        Err(source) => {
            return Err(GoalFileError::Read {
                path: path.to_owned(),
                source,
            });
        }
    };
    serde_json::from_slice::<Document<Book>>(&text)
        .map(|document| document.shelves)
        .map_err(|source| GoalFileError::Corrupt {
            path: path.to_owned(),
            source,
        })
}

/// Replaces the book on disk. After an error the old one is still there.
pub(super) fn save(path: &Path, book: &Book) -> Result<(), GoalFileError> {
    replace(path, book).map_err(|source| GoalFileError::Write {
        path: path.to_owned(),
        source,
    })
}

fn replace(path: &Path, book: &Book) -> io::Result<()> {
    let document = Document {
        version: Version::First,
        shelves: book,
    };
    let text = serde_json::to_vec_pretty(&document)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = private_file(&beside)?;
    file.write_all(&text)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    flush_folder(path)
}

/// Goals are personal: nobody else on the machine needs to read them.
fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(unix)]
fn flush_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}

/// Elsewhere a folder cannot be opened as a file; the rename itself is all there is.
#[cfg(not(unix))]
fn flush_folder(_path: &Path) -> io::Result<()> {
    Ok(())
}
