//! `cloakroom keys`: ids and ages of the keys, and rotation. A running server follows within a second or two.

use cloakroom_core::Timestamp;

use super::place::Place;
use crate::config::Environment;
use crate::failure::Failure;
use crate::keys::{KeyFile, Ring};
use crate::{data_dir, say, wire};

/// Look at keys and rotate them
#[derive(Debug, clap::Subcommand)]
pub(super) enum Keys {
    /// List ids and ages; never a key
    List(List),
    /// Add a key to each ring, or to one; the old ones are believed until what they made has ended
    Rotate(Rotate),
}

#[derive(Debug, clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, clap::Args)]
pub(super) struct Rotate {
    /// Only this ring
    #[arg(long, value_name = "NAME")]
    ring: Option<Ring>,
    #[command(flatten)]
    place: Place,
}

impl Keys {
    pub(super) fn run(self, environment: &Environment) -> Result<(), Failure> {
        let place = match &self {
            Self::List(list) => &list.place,
            Self::Rotate(rotate) => &rotate.place,
        };
        let found = place.find(environment)?;
        let path = KeyFile::path_in(&found.data.dir);
        let now = wire::system_clock().now();
        match self {
            Self::List(_) => list(&KeyFile::read(&path)?, now),
            Self::Rotate(Rotate { ring, .. }) => {
                data_dir::prepare(&found.data.dir)?;
                let entropy = wire::system_entropy();
                let mut file = KeyFile::open(&path, now, &*entropy)?;
                for ring in Ring::ALL
                    .into_iter()
                    .filter(|one| ring.is_none_or(|wanted| wanted == *one))
                {
                    file.rotate(ring, now, found.longest_life, &*entropy)?;
                }
                file.write(&path, &*entropy)?;
                tracing::info!(target: "audit", event = "keys_rotated", by = "operator", ring = ring.map(Ring::as_str), "keys were rotated");
                list(&file, now);
            }
        }
        Ok(())
    }
}

fn list(file: &KeyFile, now: Timestamp) {
    for ring in Ring::ALL {
        for key in file.stored(ring) {
            let state = match key.retires {
                _ if !key.active_from.has_come(now) => {
                    format!("takes over in {}", span(key.active_from.until(now)))
                }
                Some(at) if at.has_come(now) => "retired".to_owned(),
                Some(at) => format!("believed for {} more", span(at.until(now))),
                None => "in use".to_owned(),
            };
            let age = span(now.since(key.created));
            say::line(&format!(
                "{:<14} {:<18} made {age} ago, {state}",
                ring.as_str(),
                key.kid
            ));
        }
    }
}

fn span(duration: std::time::Duration) -> String {
    let seconds = duration.as_secs();
    match seconds {
        0..=119 => format!("{seconds} s"),
        120..=7199 => format!("{} min", seconds / 60),
        7200..=172_799 => format!("{} h", seconds / 3600),
        _ => format!("{} days", seconds / 86_400),
    }
}
