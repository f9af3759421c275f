//! The command line: what each command is called and takes, and how its outcome becomes an exit code.

mod check;
mod keys;
mod place;
mod serve;
mod session;
mod user;

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use cloakroom_identity::Identity;

use crate::config::{Environment, reference};
use crate::failure::Failure;
use crate::{demo, say, telemetry};

/// Keeps tokens out of the browser: sessions, login and refresh in front of your web app and API.
#[derive(Debug, Parser)]
#[command(name = "cloakroom", version)]
struct Cli {
    /// What is logged: a level, or filters such as `cloakroom_gateway=debug,info`
    #[arg(long, global = true, env = "RUST_LOG", value_name = "FILTER")]
    log: Option<String>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Start the gateway and the identity service, with a file or with --app and --api
    Serve(serve::Serve),
    /// Read the configuration, show what is wrong and which routes there are; contacts nothing
    Check(check::Check),
    /// Show the whole flow: gateway, identity service and a small app, with two users
    Demo(demo::Demo),
    /// Manage users
    #[command(subcommand)]
    User(user::User),
    /// Look at sessions and end them
    #[command(subcommand)]
    Session(session::Session),
    /// Look at keys and rotate them
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Print the OpenAPI document of the identity service
    Openapi,
    /// Print the reference of the configuration file
    #[command(hide = true)]
    Reference,
}

/// Runs the command of this process.
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let outcome = telemetry::start(cli.log.as_deref())
        .map_err(Failure::from)
        .and_then(|()| run(cli.command, &Environment::of_process()));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            say::error(&failure.to_string());
            ExitCode::from(failure.exit_code())
        }
    }
}

fn run(command: Command, environment: &Environment) -> Result<(), Failure> {
    match command {
        Command::Check(check) => check.run(environment),
        Command::Openapi => {
            say::raw(&Identity::openapi_json());
            Ok(())
        }
        Command::Reference => {
            say::raw(&reference::markdown());
            Ok(())
        }
        Command::Serve(serve) => in_runtime(serve.run(environment)),
        Command::Demo(demo) => in_runtime(demo.run(environment)),
        Command::User(user) => in_runtime(user.run(environment)),
        Command::Session(session) => in_runtime(session.run(environment)),
        Command::Keys(keys) => keys.run(environment),
    }
}

fn in_runtime(work: impl Future<Output = Result<(), Failure>>) -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build();
    runtime.map_err(anyhow::Error::from)?.block_on(work)
}

/// A mistake in the combination of arguments, shown as clap shows its own.
fn usage(text: &str) -> ! {
    Cli::command()
        .error(clap::error::ErrorKind::MissingRequiredArgument, text)
        .exit()
}
