//! `cargo xtask bench proxy`: what a request with a session costs through cloakroom, beside the
//! same request through nginx without any auth, in one run on one machine.
//!
//! Servers take turns in short rounds, so that a machine whose speed changes changes all of them.

use std::num::NonZero;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;
use xshell::Shell;

use super::contest::{Contestant, Field};
use super::server::{Server, free_ports};
use super::{callgrind, gateway, nginx, process, report, wrk};
use crate::install::{self, Tool};
use crate::root::cargo;
use crate::say;
use crate::test::target_folder;

const TOOLS: &[Tool] = &[
    Tool {
        program: "nginx",
        package: "nginx",
    },
    Tool {
        program: "wrk",
        package: "wrk",
    },
];

/// A run is for someone who waits for it. Counting instructions comes on top, with under a minute.
const LONGEST_LOAD_SECONDS: u32 = 180;
const CONTESTANTS: u32 = 4;
/// What the configurations of the servers have room for, on both sides of a proxy.
const MOST_CONNECTIONS: u32 = 1000;
const WARM_UP_SECONDS: u32 = 1;

#[derive(Args)]
pub(crate) struct Options {
    /// Connections that ask at once
    #[arg(long, default_value_t = 32)]
    connections: u32,
    /// Rounds in which every server has its turn
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Seconds of a turn
    #[arg(long, default_value_t = 3)]
    seconds: u32,
    /// A built cloakroom to measure, instead of building one
    #[arg(long)]
    binary: Option<PathBuf>,
    /// A second nginx in cloakroom's place: what this machine cannot tell apart
    #[arg(long)]
    noise: bool,
}

pub(super) fn run(sh: &Shell, options: &Options) -> Result<()> {
    options.check()?;
    install::require(sh, TOOLS)?;
    let program = options.program(sh)?;
    let folder = sh.create_temp_dir()?;
    let [upstream] = free_ports()?;
    let workers = std::thread::available_parallelism().map_or(1, NonZero::get);
    let connections = options.connections;
    let field = Field {
        sh,
        folder: folder.path(),
        upstream,
        workers,
        connections,
    };
    say::line(&format!(
        "{} rounds of {} s, {connections} connections, {workers} workers, answers of {} bytes",
        options.rounds,
        options.seconds,
        nginx::BODY.len()
    ));
    let launch = nginx::upstream(sh, field.folder, upstream)?;
    let mut contestants = vec![Contestant::start("upstream", launch)?];
    contestants.push(field.nginx("nginx", "nginx.conf")?);
    contestants.push(field.nginx("nginx bare", "nginx-bare.conf")?);
    let (subject, cookie) = match &program {
        Some(program) => field.cloakroom(program)?,
        None => (
            field.nginx("nginx again", "nginx.conf")?,
            gateway::cookie_of_nobody(),
        ),
    };
    contestants.push(subject);
    // The same GET for all of them: without this the others would have less to read.
    for contestant in &mut contestants {
        contestant.call.cookie = Some(cookie.clone());
    }
    load(&field, options, &mut contestants)?;
    let results = instructions(&field, contestants)?;
    report::print(&results);
    let [_, nginx, bare, subject] = results.as_slice() else {
        bail!("a server left the contest")
    };
    let name = if options.noise { "nginx" } else { "cloakroom" };
    say::line(&report::ratio(subject, bare, &format!("{name}/bare nginx")));
    say::line(&report::ratio(subject, nginx, &format!("{name}/nginx")));
    Ok(())
}

/// All rounds; every second one in the opposite order, so that no server always follows the same.
fn load(field: &Field<'_>, options: &Options, contestants: &mut [Contestant]) -> Result<()> {
    let ticks_per_second = process::ticks_per_second(field.sh)?;
    for contestant in &mut *contestants {
        contestant.answers_right()?;
        wrk::run(
            field.sh,
            &contestant.call,
            field.connections,
            WARM_UP_SECONDS,
        )
        .with_context(|| format!("warming up {}", contestant.name))?;
    }
    for _ in 0..options.rounds {
        for contestant in &mut *contestants {
            contestant.turn(field, options.seconds, ticks_per_second)?;
        }
        contestants.reverse();
    }
    if options.rounds % 2 == 1 {
        contestants.reverse();
    }
    contestants.iter().try_for_each(Contestant::answers_right)
}

/// Ends the servers and runs each of them once more under valgrind, where that is there. The
/// upstream goes on until the last: the others need it.
fn instructions(field: &Field<'_>, contestants: Vec<Contestant>) -> Result<Vec<report::Result>> {
    let valgrind = install::find("valgrind").is_some();
    if !valgrind {
        say::line("valgrind is missing: no instructions (cure: apt-get install valgrind)");
    }
    let mut upstream = None;
    let mut results = Vec::new();
    for contestant in contestants {
        let Contestant {
            name,
            launch,
            server,
            call,
            rounds,
        } = contestant;
        let resident_kib = process::resident(server.id())?;
        let mut instructions = None;
        if launch.port == field.upstream {
            upstream = Some(server);
        } else {
            server.stop().with_context(|| name)?;
            if valgrind {
                say::line(&format!("counting instructions of {name}"));
                // What has been measured so far is worth its table without this column too.
                match callgrind::per_request(&launch, &call, field.folder) {
                    Ok(count) => instructions = Some(count),
                    Err(error) => say::complaint(&format!("{name} under valgrind: {error:#}")),
                }
            }
        }
        results.push(report::Result {
            name,
            rounds,
            resident_kib,
            instructions,
        });
    }
    upstream.map_or(Ok(()), Server::stop)?;
    Ok(results)
}

impl Options {
    fn check(&self) -> Result<()> {
        let turns = self
            .rounds
            .saturating_mul(self.seconds)
            .saturating_add(WARM_UP_SECONDS);
        let planned = turns.saturating_mul(CONTESTANTS);
        if self.rounds == 0 || self.seconds == 0 {
            bail!("rounds and seconds are at least 1");
        }
        if !(1..=MOST_CONNECTIONS).contains(&self.connections) {
            bail!("connections are 1 to {MOST_CONNECTIONS}");
        }
        if planned > LONGEST_LOAD_SECONDS {
            bail!("that would be {planned} s of load; at most {LONGEST_LOAD_SECONDS}");
        }
        Ok(())
    }

    /// What would be shipped of today's source, unless another one is given. `None` without cloakroom.
    fn program(&self, sh: &Shell) -> Result<Option<PathBuf>> {
        if self.noise {
            return Ok(None);
        }
        if let Some(binary) = &self.binary {
            return Ok(Some(binary.clone()));
        }
        let build = cargo(sh, "build").args(["--profile", "dist", "--package", "cloakroom"]);
        build.args(["--bin", "cloakroom"]).run()?;
        Ok(Some(target_folder(sh)?.join("dist/cloakroom")))
    }
}
