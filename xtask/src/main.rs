//! `cargo xtask`: every check, test and measurement of the repository, with nothing to install first.
//!
//! One file per task. A task says what it runs, ends with a table of what it cost, and fails with
//! the cure where it knows one.

use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};
use xshell::Shell;

mod bench;
mod boundaries;
mod check;
mod clock;
mod generated;
mod install;
mod prove;
mod root;
mod say;
mod sizes;
mod sources;
mod steps;
mod table;
mod test;

use steps::Steps;

/// The tasks of this repository.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Formatting, lints, documentation, boundaries, sizes, generated files
    Check,
    /// All tests, the browser's included; installs what they need
    Test,
    /// `check`, then `test`
    Ci,
    /// Who may depend on whom, and the order of the stages
    Boundaries,
    /// Lines per file: median, 95th percentile, largest; fails above the limit
    Sizes,
    /// Writes the files that the program itself generates
    Generate,
    /// Which security ids have a test, and where; which have none
    Prove,
    /// Measurements
    #[command(subcommand)]
    Bench(bench::Bench),
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::complaint(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let sh = Shell::new()?;
    sh.change_dir(root::path());
    match task {
        Task::Check => {
            let mut steps = Steps::default();
            check::run(&sh, &mut steps);
            steps.finish()
        }
        Task::Test => {
            let mut steps = Steps::default();
            test::run(&sh, &mut steps);
            steps.finish()
        }
        Task::Ci => {
            let mut steps = Steps::default();
            check::run(&sh, &mut steps);
            test::run(&sh, &mut steps);
            steps.finish()
        }
        Task::Boundaries => boundaries::check(&sh),
        Task::Sizes => sizes::check(),
        Task::Generate => generated::write(&sh),
        Task::Prove => prove::report(),
        Task::Bench(bench) => bench::run(&sh, bench),
    }
}
