//! From a file, the environment or flags to a [`Deployment`]: everything is read, checked and converted here, and
//! whatever is wrong is shown at the place where it was written.
//!
//! 1. A key that does not exist is refused, never ignored.
//! 2. A weak or contradictory setting stops the start; nothing falls back to something more permissive.
//! 3. All problems that can be seen in one run are shown in one run.

mod address;
mod convert;
mod environment;
mod flags;
mod head;
mod identity;
mod problem;
mod read;
pub(crate) mod reference;
mod routes;
mod schema;
mod session;
mod suggest;
mod tree;
mod units;

use std::path::{Path, PathBuf};
use std::time::Duration;

use cloakroom_gateway as gateway;
use cloakroom_identity as identity_service;

pub use address::Address;
pub use environment::Environment;
pub use flags::Flags;
pub use problem::Problems;

use problem::{Findings, Place, Problem, Source};

/// Everything a deployment chose, validated, each part in the words of the crate that it is for.
#[derive(Clone, Debug)]
pub struct Deployment {
    /// The gateway's part.
    pub gateway: gateway::Config,
    /// The identity service's part.
    pub identity: identity_service::Config,
    /// Where the parts listen.
    pub listen: Listeners,
    /// Where things are kept.
    pub data: Data,
    /// Settings that are allowed and worth a thought.
    pub warnings: Vec<String>,
}

impl Deployment {
    /// Reads the text of a configuration file alone: no environment is laid over it, and relative paths start at the
    /// working directory.
    pub fn parse(text: &str) -> Result<Self, Problems> {
        read(
            "the configuration",
            text.to_owned(),
            Path::new(""),
            &Environment::default(),
        )
    }

    /// Tells where the identity service really listens, which is only known now if any free port was asked for.
    pub(crate) fn is_at(&mut self, port: u16) {
        let before = format!("http://{}", self.listen.identity.from_here());
        self.listen.identity = self.listen.identity.with_port(port);
        if self.identity.issuer == before {
            self.identity.issuer = format!("http://{}", self.listen.identity.from_here());
        }
    }

    /// The longest life of anything that a key of ours has made.
    pub(crate) fn longest_life(&self) -> Duration {
        self.gateway
            .session
            .absolute_lifetime
            .max(self.identity.absolute_lifetime)
    }
}

/// Where the parts listen.
#[derive(Clone, Debug)]
pub struct Listeners {
    /// The gateway.
    pub gateway: Address,
    /// The identity service.
    pub identity: Address,
    /// Health and metrics; `None` is off.
    pub admin: Option<Address>,
}

/// Where things are kept.
#[derive(Clone, Debug)]
pub struct Data {
    /// The folder of the keys.
    pub dir: PathBuf,
    /// The database of sessions.
    pub sessions: PathBuf,
    /// The database of users.
    pub identity: PathBuf,
}

impl Data {
    /// Everything in one folder, under the default names.
    pub fn in_folder(dir: PathBuf) -> Self {
        Self {
            sessions: dir.join("sessions.db"),
            identity: dir.join("identity.db"),
            dir,
        }
    }
}

/// Reads the file at `path`, with the environment's variables laid over it.
pub(crate) fn load(path: &Path, environment: &Environment) -> Result<Deployment, Problems> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        let title = format!("cannot read {}: {error}", path.display());
        Problems::single(Problem::new(&Place::Nowhere, title).cure(
            "name the file with -c, or start without one: \
             cloakroom serve --app http://localhost:3000 --provider builtin",
        ))
    })?;
    let folder = path.parent().unwrap_or(Path::new(""));
    read(&path.display().to_string(), text, folder, environment)
}

/// Reads the text of a file called `name`, whose relative paths start at `folder`.
pub fn read(
    name: &str,
    text: String,
    folder: &Path,
    environment: &Environment,
) -> Result<Deployment, Problems> {
    let findings = Findings::default();
    let mut root = tree::parse(&text, &findings);
    environment.lay_over(&mut root, &findings);
    finish(
        &root,
        folder,
        findings,
        Source {
            name: name.to_owned(),
            text,
        },
    )
}

/// The same from flags, without a file.
pub(crate) fn from_flags(flags: &Flags, environment: &Environment) -> Result<Deployment, Problems> {
    let findings = Findings::default();
    let mut root = flags.tree();
    environment.lay_over(&mut root, &findings);
    finish(&root, Path::new(""), findings, Source::default())
}

fn finish(
    root: &tree::Table,
    folder: &Path,
    findings: Findings,
    source: Source,
) -> Result<Deployment, Problems> {
    schema::check(root, &findings);
    let deployment = convert::deployment(root, folder, &findings);
    match findings.into_result(source) {
        Ok(()) => deployment.ok_or_else(|| {
            // A conversion that fails has said why; this is for the day when one forgets to.
            Problems::single(Problem::new(
                &Place::Nowhere,
                "the configuration cannot be used",
            ))
        }),
        Err(problems) => Err(problems),
    }
}

#[cfg(test)]
mod tests;
