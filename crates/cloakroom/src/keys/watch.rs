//! The rings of a running process, and the task that follows the key file.

use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::Timestamp;
use cloakroom_core::keys::Keys;
use cloakroom_core::ports::Clock;
use cloakroom_identity::Algorithm;
use tokio_util::sync::CancellationToken;

use super::{KeyFile, KeysError, Ring};

const EVERY: Duration = Duration::from_secs(1);

/// Every ring, shared with whoever uses it.
#[derive(Clone, Debug)]
pub struct Rings {
    /// Seals sessions.
    pub sealing: Keys,
    /// Signs assertions.
    pub assertion: Keys,
    /// Signs access tokens.
    pub signing: Keys,
    /// Derives refresh tokens.
    pub rotation: Keys,
    /// The gateway's credential.
    pub client: Keys,
    algorithm: Algorithm,
}

impl Rings {
    /// The rings of a file, with the signing keys of one algorithm.
    pub fn new(file: &KeyFile, algorithm: Algorithm, now: Timestamp) -> Result<Self, KeysError> {
        let ring = |ring: Ring| {
            let keys = file.ring(ring, now).map(Keys::new);
            keys.ok_or(KeysError::Generate(ring.as_str()))
        };
        Ok(Self {
            sealing: ring(Ring::Sealing)?,
            assertion: ring(Ring::Assertion)?,
            signing: ring(signing(algorithm))?,
            rotation: ring(Ring::Rotation)?,
            client: ring(Ring::Client)?,
            algorithm,
        })
    }

    /// Puts what the file says now in place for every holder.
    fn replace(&self, file: &KeyFile, now: Timestamp) {
        let holders = [
            (&self.sealing, Ring::Sealing),
            (&self.assertion, Ring::Assertion),
            (&self.signing, signing(self.algorithm)),
            (&self.rotation, Ring::Rotation),
            (&self.client, Ring::Client),
        ];
        for (keys, ring) in holders {
            if let Some(ring) = file.ring(ring, now) {
                keys.replace(ring);
            }
        }
    }
}

const fn signing(algorithm: Algorithm) -> Ring {
    match algorithm {
        Algorithm::Es256 => Ring::SigningEs256,
        Algorithm::Hs256 => Ring::SigningHs256,
    }
}

/// What tells one state of the file from another: it is replaced by renaming, so its inode changes.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Stamp {
    inode: u64,
    changed: (i64, i64),
    size: u64,
}

impl Stamp {
    async fn of(path: &Path) -> Option<Self> {
        let metadata = tokio::fs::metadata(path).await.ok()?;
        Some(Self {
            inode: metadata.ino(),
            changed: (metadata.ctime(), metadata.ctime_nsec()),
            size: metadata.size(),
        })
    }
}

/// Looks at the file once a second, until `stop`.
pub(crate) async fn follow(
    path: PathBuf,
    rings: Rings,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let mut follower = Follower::new(path, rings);
    while stop.run_until_cancelled(clock.sleep(EVERY)).await.is_some() {
        follower.look(clock.now()).await;
    }
}

/// Replaces the rings whenever the file has changed or a key has retired.
pub(super) struct Follower {
    path: PathBuf,
    rings: Rings,
    /// Nothing at first, so that a change between the start and the first look is not missed.
    seen: Option<Stamp>,
    retirement: Option<Timestamp>,
}

impl Follower {
    pub(super) const fn new(path: PathBuf, rings: Rings) -> Self {
        Self {
            path,
            rings,
            seen: None,
            retirement: None,
        }
    }

    /// One look. A file that is broken is reported once, and read again when it changes.
    pub(super) async fn look(&mut self, now: Timestamp) {
        let stamp = Stamp::of(&self.path).await;
        let due = self.retirement.is_some_and(|at| at.has_come(now));
        if stamp == self.seen && !due {
            return;
        }
        let first = self.seen.is_none();
        self.seen = stamp;
        self.retirement = None;
        let path = self.path.clone();
        match tokio::task::spawn_blocking(move || KeyFile::read(&path)).await {
            Ok(Ok(file)) => {
                self.rings.replace(&file, now);
                self.retirement = file.next_retirement(now);
                if !first {
                    tracing::info!(target: "audit", event = "keys_changed", "the keys were replaced");
                }
            }
            Ok(Err(error)) => {
                tracing::error!(%error, "the key file cannot be used; the keys stay as they were");
            }
            Err(error) => {
                tracing::error!(%error, "the key file could not be read; the keys stay as they were");
            }
        }
    }
}
