//! Which deployment a command works on: that of a configuration file, or of a bare data directory.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::ports::{Clock, Entropy};
use cloakroom_identity::Identity;

use crate::config::{self, Data, Environment};
use crate::data_dir;
use crate::failure::Failure;
use crate::keys::{KeyFile, Rings};
use crate::wire::{self, Databases};

/// The file that is read where none is named.
pub(super) const USUAL_FILE: &str = "cloakroom.toml";
/// The life of what keys make where no configuration says otherwise.
const USUAL_LIFE: Duration = Duration::from_secs(14 * 86_400);

/// Which deployment a command works on
#[derive(Debug, clap::Args)]
pub(super) struct Place {
    /// The configuration file; cloakroom.toml in this folder if it is there
    #[arg(short, long, value_name = "FILE", global = true)]
    config: Option<PathBuf>,
    /// The data directory, where there is no configuration file (the demo's is ./cloakroom-data)
    #[arg(long, value_name = "DIR", global = true, conflicts_with = "config")]
    data: Option<PathBuf>,
}

/// What a command needs to know of it.
pub(super) struct Found {
    pub(super) data: Data,
    pub(super) identity: cloakroom_identity::Config,
    pub(super) longest_life: Duration,
}

impl Place {
    pub(super) fn find(&self, environment: &Environment) -> Result<Found, Failure> {
        if let Some(dir) = &self.data {
            return Ok(Found {
                data: Data::in_folder(dir.clone()),
                identity: cloakroom_identity::Config::new("http://localhost", "cloakroom:api"),
                longest_life: USUAL_LIFE,
            });
        }
        let usual = Path::new(USUAL_FILE);
        let file = self
            .config
            .as_deref()
            .or_else(|| usual.exists().then_some(usual));
        let Some(file) = file else {
            super::usage(
                "name the configuration with -c FILE, or the data directory with --data DIR",
            );
        };
        let deployment = config::load(file, environment)?;
        Ok(Found {
            longest_life: deployment.longest_life(),
            data: deployment.data,
            identity: deployment.identity,
        })
    }
}

/// An opened deployment, beside which a server may be running: it notices within a second.
pub(super) struct Opened {
    pub(super) databases: Databases,
    pub(super) clock: Arc<dyn Clock>,
    found: Found,
    entropy: Arc<dyn Entropy>,
}

impl Opened {
    pub(super) async fn open(found: Found) -> Result<Self, Failure> {
        data_dir::prepare(&found.data.dir)?;
        let databases = Databases::open_any(&found.data).await?;
        Ok(Self {
            databases,
            clock: wire::system_clock(),
            entropy: wire::system_entropy(),
            found,
        })
    }

    /// The identity service, without its listener.
    pub(super) fn identity(&self) -> Result<Arc<Identity>, Failure> {
        let now = self.clock.now();
        let file = KeyFile::open(&KeyFile::path_in(&self.found.data.dir), now, &*self.entropy)?;
        let config = self.found.identity.clone();
        let rings = Rings::new(&file, config.algorithm, now)?;
        let tools = (&self.clock, &self.entropy);
        let identity = wire::identity(config, &self.databases.stores(), &rings, tools);
        Ok(identity.map_err(wire::AssembleError::from)?)
    }
}
