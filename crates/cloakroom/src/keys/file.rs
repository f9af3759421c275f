//! `keys.json`: reading it, writing it as a whole, and adding a key.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::keys::{Key, KeyRing};
use cloakroom_core::ports::{Entropy, random};
use cloakroom_core::secret::SecretBytes;
use cloakroom_core::{Timestamp, hex};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::Ring;

const VERSION: u32 = 1;

/// Why keys cannot be had. No text holds a key.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// The file cannot be read or written.
    #[error("cannot use the key file {}: {source}", path.display())]
    Io {
        /// Which.
        path: PathBuf,
        /// What the system said.
        #[source]
        source: io::Error,
    },
    /// Others may read it.
    #[error("the key file {0} can be read by others (mode {mode:04o}): run `chmod 600 {0}`, and `cloakroom keys rotate` if somebody may have", path.display())]
    Readable {
        /// Which.
        path: PathBuf,
        /// Its permission bits.
        mode: u32,
    },
    /// It is no key file of ours.
    #[error("the key file {} is damaged: {why}; restore it from a backup", path.display())]
    Damaged {
        /// Which.
        path: PathBuf,
        /// What is wrong, without the value.
        why: String,
    },
    /// No key could be made.
    #[error("cannot make a key for the ring {0}")]
    Generate(&'static str),
}

/// All keys, as the file has them.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyFile {
    version: u32,
    rings: BTreeMap<Ring, Vec<Stored>>,
}

/// One key, as the file has it. Times are microseconds since the epoch.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Stored {
    /// Its id.
    pub(crate) kid: String,
    /// The key itself, base64url.
    key: Zeroizing<String>,
    /// When it was made.
    pub(crate) created: Timestamp,
    /// From when on it makes new things.
    pub(crate) active_from: Timestamp,
    /// From when on it is not believed any more.
    pub(crate) retires: Option<Timestamp>,
}

impl std::fmt::Debug for Stored {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Stored({})", self.kid)
    }
}

impl KeyFile {
    /// Where the keys of a data directory are.
    pub fn path_in(dir: &Path) -> PathBuf {
        dir.join("keys.json")
    }

    /// Reads the file, or makes it at the first start. Of two first starts at once one makes it and the other
    /// reads it.
    pub fn open(path: &Path, now: Timestamp, entropy: &dyn Entropy) -> Result<Self, KeysError> {
        match Self::read(path) {
            Err(KeysError::Io { source, .. }) if source.kind() == io::ErrorKind::NotFound => {}
            read => return read,
        }
        let made = Self::make(now, entropy)?;
        let written = made.write_aside(path, entropy)?;
        let linked = fs::hard_link(&written, path);
        // The name aside has done its duty either way.
        let _ = fs::remove_file(&written);
        match linked {
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(failed(path, error)),
            _ => Self::read(path),
        }
    }

    /// Reads the file.
    pub fn read(path: &Path) -> Result<Self, KeysError> {
        let mut file = File::open(path).map_err(|error| failed(path, error))?;
        // The opened file is asked, not its name: nobody can exchange it in between.
        let metadata = file.metadata().map_err(|error| failed(path, error))?;
        let mode = metadata.mode() & 0o777;
        if mode & 0o077 != 0 {
            return Err(KeysError::Readable {
                path: path.to_owned(),
                mode,
            });
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text)
            .map_err(|error| failed(path, error))?;
        let damaged = |why: String| KeysError::Damaged {
            path: path.to_owned(),
            why,
        };
        let read: Self = serde_json::from_str(&text)
            // serde's own text may quote a value; line and column are enough.
            .map_err(|error| {
                damaged(format!("line {}, column {}", error.line(), error.column()))
            })?;
        read.check().map_err(damaged)?;
        Ok(read)
    }

    /// Replaces the file as a whole.
    pub fn write(&self, path: &Path, entropy: &dyn Entropy) -> Result<(), KeysError> {
        let written = self.write_aside(path, entropy)?;
        fs::rename(&written, path).map_err(|error| failed(path, error))?;
        sync_folder(path).map_err(|error| failed(path, error))
    }

    /// Adds a key to a ring. Older ones retire when what they made has ended, `longest` after the new one has
    /// taken over; those past that go.
    pub fn rotate(
        &mut self,
        ring: Ring,
        now: Timestamp,
        longest: Duration,
        entropy: &dyn Entropy,
    ) -> Result<(), KeysError> {
        let fresh = Stored::make(ring, now, now.plus(ring.delay()), entropy)?;
        let keys = self.rings.entry(ring).or_default();
        let retires = fresh.active_from.plus(ring.kept(longest));
        for key in keys.iter_mut() {
            key.retires.get_or_insert(retires);
        }
        keys.retain(|key| !key.has_retired(now));
        keys.push(fresh);
        Ok(())
    }

    /// The keys of a ring that are believed at `now`; a file that was read has at least one.
    pub(super) fn ring(&self, ring: Ring, now: Timestamp) -> Option<KeyRing> {
        let believed = self.stored(ring).iter().filter(|key| !key.has_retired(now));
        KeyRing::new(believed.filter_map(Stored::as_key).collect())
    }

    /// What the file has of a ring.
    pub(crate) fn stored(&self, ring: Ring) -> &[Stored] {
        self.rings.get(&ring).map_or(&[], Vec::as_slice)
    }

    /// When the next key stops being believed.
    pub(super) fn next_retirement(&self, now: Timestamp) -> Option<Timestamp> {
        let times = self.rings.values().flatten().filter_map(|key| key.retires);
        times.filter(|time| !time.has_come(now)).min()
    }

    fn make(now: Timestamp, entropy: &dyn Entropy) -> Result<Self, KeysError> {
        let mut rings = BTreeMap::new();
        for ring in Ring::ALL {
            // The first key has nobody to wait for.
            rings.insert(ring, vec![Stored::make(ring, now, now, entropy)?]);
        }
        Ok(Self {
            version: VERSION,
            rings,
        })
    }

    fn check(&self) -> Result<(), String> {
        if self.version != VERSION {
            return Err(format!(
                "its version is {}, this program writes {VERSION}",
                self.version
            ));
        }
        for ring in Ring::ALL {
            let keys = self.stored(ring);
            // The newest key never retires: a ring cannot run empty while the program runs.
            if !keys.iter().any(|key| key.retires.is_none()) {
                return Err(format!("the ring {} has no key that stays", ring.as_str()));
            }
            let usable = |key: &Stored| {
                key.as_key()
                    .is_some_and(|key| ring.accepts(key.material.expose()))
            };
            if let Some(broken) = keys.iter().find(|key| !usable(key)) {
                return Err(format!(
                    "the key {} of the ring {} is unusable",
                    broken.kid,
                    ring.as_str()
                ));
            }
            if KeyRing::new(keys.iter().filter_map(Stored::as_key).collect()).is_none() {
                return Err(format!(
                    "two keys of the ring {} have one id",
                    ring.as_str()
                ));
            }
        }
        Ok(())
    }

    /// Writes everything to a file beside `path`, durably, and returns its name.
    fn write_aside(&self, path: &Path, entropy: &dyn Entropy) -> Result<PathBuf, KeysError> {
        let aside = path.with_extension(format!("{}.new", hex::encode(&random::<6>(entropy))));
        let text = serde_json::to_string_pretty(self).map(Zeroizing::new);
        let text = text.map_err(|error| failed(path, error.into()))?;
        let write = || -> io::Result<()> {
            let mut file = OpenOptions::new()
                .create_new(true)
                .write(true)
                .mode(0o600)
                .open(&aside)?;
            file.write_all(text.as_bytes())?;
            file.write_all(b"\n")?;
            file.sync_all()
        };
        write().map_err(|error| failed(path, error))?;
        Ok(aside)
    }
}

impl Stored {
    fn make(
        ring: Ring,
        now: Timestamp,
        active_from: Timestamp,
        entropy: &dyn Entropy,
    ) -> Result<Self, KeysError> {
        let material = Zeroizing::new(ring.generate(entropy)?);
        Ok(Self {
            kid: hex::encode(&random::<8>(entropy)),
            key: Zeroizing::new(URL_SAFE_NO_PAD.encode(&*material)),
            created: now,
            active_from,
            retires: None,
        })
    }

    fn as_key(&self) -> Option<Key> {
        let material = URL_SAFE_NO_PAD.decode(self.key.as_bytes()).ok()?;
        Some(Key {
            kid: self.kid.clone(),
            material: SecretBytes::new(material),
            active_from: self.active_from,
        })
    }

    /// Whether it is not believed any more.
    pub(crate) fn has_retired(&self, now: Timestamp) -> bool {
        self.retires.is_some_and(|at| at.has_come(now))
    }
}

fn failed(path: &Path, source: io::Error) -> KeysError {
    KeysError::Io {
        path: path.to_owned(),
        source,
    }
}

/// A rename is durable when its folder is.
fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    File::open(folder.unwrap_or(Path::new(".")))?.sync_all()
}
