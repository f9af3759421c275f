//! `cloakroom check`: reads the configuration as `serve` would, and starts nothing.

use std::path::PathBuf;

use super::place::USUAL_FILE;
use crate::config::{self, Environment};
use crate::failure::Failure;
use crate::say;

/// Read the configuration
#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// The configuration file
    #[arg(short, long, value_name = "FILE", default_value = USUAL_FILE)]
    config: PathBuf,
}

impl Check {
    pub(super) fn run(&self, environment: &Environment) -> Result<(), Failure> {
        let deployment = config::load(&self.config, environment)?;
        // The conversion has described the same table already, and would have refused it.
        for line in deployment.gateway.describe_routes().unwrap_or_default() {
            say::line(&line);
        }
        for warning in &deployment.warnings {
            say::line(&format!("warning: {warning}"));
        }
        say::line(&format!("{} is in order", self.config.display()));
        Ok(())
    }
}
