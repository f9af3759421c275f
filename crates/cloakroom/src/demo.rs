//! `cloakroom demo`: the whole flow in one command, on loopback, with two users and a small app behind the gateway.
//!
//! 1. It is configured by a file like any other deployment ([`CONFIG`]), so that it proves the product.
//! 2. Its store is marked: `serve` refuses it, because its passwords stand on a screen.
//! 3. A second start keeps users, sessions and goals; only the password is new, and nobody is logged out by it.

mod screen;
mod users;
mod words;

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context;
use cloakroom_core::secret::ExposeSecret;
use cloakroom_demo::App;
use cloakroom_gateway::AccessLog;
use cloakroom_identity::Admin;

use crate::config::{self, Address, Data, Deployment, Environment};
use crate::failure::Failure;
use crate::listen::Listener;
use crate::run::{Bound, Server, Setting};
use crate::wire::Purpose;
use crate::{data_dir, say, shutdown};

/// The demo's configuration file; the words in braces are its ports and folders.
const CONFIG: &str = include_str!("demo/cloakroom.toml");

const USUAL_PORT: u16 = 8080;
const USUAL_IDENTITY_PORT: u16 = 8081;
const ADMIN_PORT: u16 = 9090;

/// Show the whole flow: gateway, identity service and a small app, with two users
#[derive(Debug, clap::Args)]
pub(crate) struct Demo {
    /// Where to listen: http://localhost:PORT (0 takes any free port)
    #[arg(long, default_value_t = USUAL_PORT)]
    port: u16,
    /// Where users, sessions and goals are kept
    #[arg(long, value_name = "DIR", default_value = "./cloakroom-data")]
    data: PathBuf,
}

impl Demo {
    /// Starts it, and runs it until a signal.
    pub(crate) async fn run(self, environment: &Environment) -> Result<(), Failure> {
        let stop = shutdown::on_signal().map_err(anyhow::Error::from)?;
        let password = users::password(environment)?;
        let (bound, app_listener) = self.bind()?;
        let ports = Ports::of(&bound, &app_listener);
        let data = Data::in_folder(self.data.clone());
        data_dir::prepare(&data.dir)?;
        ignore(&data.dir).with_context(|| format!("cannot write to {}", data.dir.display()))?;
        let deployment = deployment(&ports, data)?;
        let mut server = Server::open(Setting {
            access_log: access_log(&deployment.data.dir)?,
            purpose: Purpose::Demo,
            deployment: deployment.clone(),
            bound,
        })
        .await?;
        let password = password.unwrap_or_else(|| words::password(&*server.entropy));
        let admin = Admin::new(Arc::clone(&server.assembled.identity));
        users::ensure(&admin, &password).await?;
        let app = open_app(&deployment, &server).await?;
        server.beside(app_listener, app.router());
        let routes = server.assembled.gateway.describe_routes();
        let url = deployment.gateway.public_url.as_str();
        say::line(&screen::text(&screen::Shown {
            url,
            password: password.expose_secret(),
            routes: &routes,
            ports: &ports,
            data: &deployment.data.dir,
        }));
        let closing = stop.clone();
        tokio::spawn(async move {
            closing.cancelled().await;
            app.close();
        });
        server.run(stop).await;
        Ok(())
    }

    /// The app takes any free port, and so does nobody else: the ports that people type are either free or a clear
    /// error. Metrics are no part of the flow: their port may be taken.
    fn bind(&self) -> Result<(Bound, Listener), Failure> {
        let gateway = Listener::bind(
            Address::localhost(self.port),
            "the demo (cloakroom demo --port 8090)",
        )?;
        let identity_port = match self.port {
            0 => 0,
            USUAL_PORT => USUAL_IDENTITY_PORT,
            // The port after the last one does not exist; then any will do.
            port => port.checked_add(1).unwrap_or(0),
        };
        let identity = Listener::bind(
            Address::loopback(identity_port),
            "the demo's identity service (cloakroom demo --port 8090 takes 8090 and 8091)",
        )?;
        let admin = Listener::bind(Address::loopback(ADMIN_PORT), "the admin listener").ok();
        let app = Listener::bind(Address::loopback(0), "the demo's app")?;
        Ok((
            Bound {
                gateway,
                identity,
                admin,
            },
            app,
        ))
    }
}

/// Where everything really listens.
#[derive(Clone, Copy, Debug)]
struct Ports {
    gateway: u16,
    identity: u16,
    app: u16,
    admin: Option<u16>,
}

impl Ports {
    fn of(bound: &Bound, app: &Listener) -> Self {
        Self {
            gateway: bound.gateway.port(),
            identity: bound.identity.port(),
            app: app.port(),
            admin: bound.admin.as_ref().map(Listener::port),
        }
    }
}

fn deployment(ports: &Ports, data: Data) -> Result<Deployment, Failure> {
    let text = CONFIG
        .replace("{gateway}", &ports.gateway.to_string())
        .replace("{identity}", &ports.identity.to_string())
        .replace("{app}", &ports.app.to_string());
    let nothing = Environment::default();
    let mut deployment = config::read("the demo's configuration", text, Path::new(""), &nothing)?;
    deployment.data = data;
    Ok(deployment)
}

async fn open_app(deployment: &Deployment, server: &Server) -> Result<App, Failure> {
    let public_url = deployment.gateway.public_url.as_str();
    let config = cloakroom_demo::Config {
        api_issuer: deployment.identity.issuer.clone(),
        api_audience: deployment.identity.audience.clone(),
        api_jwks_url: format!("{}/.well-known/jwks.json", deployment.identity.issuer),
        app_issuer: public_url.to_owned(),
        app_jwks_url: format!("{public_url}{}/jwks.json", deployment.gateway.base_path),
        goals_file: deployment.data.dir.join("goals.json"),
    };
    let opened = App::open(
        config,
        Arc::clone(&server.clock),
        Arc::clone(&server.entropy),
    )
    .await;
    Ok(opened.context("the demo's app cannot be opened")?)
}

/// The folder lies in somebody's repository: its keys must not be committed by accident.
fn ignore(dir: &Path) -> io::Result<()> {
    fs::write(dir.join(".gitignore"), "*\n")
}

/// Into a file: the screen belongs to whoever tries the demo.
fn access_log(dir: &Path) -> Result<AccessLog, Failure> {
    let path = dir.join("access.log");
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot write {}", path.display()))?;
    Ok(AccessLog::new(Box::new(file)))
}

#[cfg(test)]
mod tests;
