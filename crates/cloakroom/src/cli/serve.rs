//! `cloakroom serve`: the gateway and the identity service, from a file or from flags.

use std::io::stdout;
use std::path::{Path, PathBuf};

use cloakroom_gateway::AccessLog;

use super::place::USUAL_FILE;
use crate::config::{self, Deployment, Environment, Flags};
use crate::failure::Failure;
use crate::listen::Listener;
use crate::run::{Bound, Server, Setting};
use crate::wire::Purpose;
use crate::{say, shutdown};

/// Start the gateway and the identity service
#[derive(Debug, clap::Args)]
pub(super) struct Serve {
    /// The configuration file
    #[arg(short, long, value_name = "FILE", default_value = USUAL_FILE,
          conflicts_with_all = ["app", "api", "provider", "listen", "public_url", "data"])]
    config: PathBuf,
    #[command(flatten)]
    flags: Flags,
}

impl Serve {
    pub(super) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let deployment = read(&self.config, &self.flags, environment)?;
        let stop = shutdown::on_signal().map_err(anyhow::Error::from)?;
        let bound = Bound::bind(&deployment.listen)?;
        let port = bound.gateway.port();
        let admin_port = bound.admin.as_ref().map(Listener::port);
        let warnings = deployment.warnings.clone();
        let public_url = deployment.gateway.public_url.as_str().to_owned();
        let server = Server::open(Setting {
            deployment,
            bound,
            purpose: Purpose::Production,
            access_log: AccessLog::new(Box::new(stdout())),
        })
        .await?;
        for line in server.assembled.gateway.describe_routes() {
            say::error(&line);
        }
        for warning in warnings {
            tracing::warn!("{warning}");
        }
        tracing::info!(port, admin_port, public_url, "listening");
        server.run(stop).await;
        Ok(())
    }
}

/// From flags where they say enough, else from the file.
fn read(file: &Path, flags: &Flags, environment: &Environment) -> Result<Deployment, Failure> {
    Ok(if flags.are_enough() {
        config::from_flags(flags, environment)?
    } else if flags.say_anything() {
        super::usage("without a file, --app URL or --api URL says whom to forward to");
    } else {
        config::load(file, environment)?
    })
}
