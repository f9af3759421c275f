//! The servers of one contest: what they have in common, how each takes its place, and its turn.

use std::path::Path;

use anyhow::{Context, Result, bail};
use xshell::Shell;

use super::http::Call;
use super::nginx::{self, Place};
use super::report::Round;
use super::server::{Launch, Server, free_ports};
use super::{gateway, process, wrk};

/// A server of the contest while it runs.
pub(super) struct Contestant {
    pub(super) name: &'static str,
    pub(super) launch: Launch,
    pub(super) server: Server,
    pub(super) call: Call,
    pub(super) rounds: Vec<Round>,
}

/// What all servers of one run have in common.
pub(super) struct Field<'a> {
    pub(super) sh: &'a Shell,
    pub(super) folder: &'a Path,
    pub(super) upstream: u16,
    pub(super) workers: usize,
    pub(super) connections: u32,
}

impl Field<'_> {
    pub(super) fn nginx(&self, name: &'static str, template: &str) -> Result<Contestant> {
        let [port] = free_ports()?;
        let file_name = name.replace(' ', "-");
        let place = Place {
            name: &file_name,
            template,
            folder: self.folder,
            port,
            upstream: self.upstream,
            workers: self.workers,
            connections: self.connections,
        };
        Contestant::start(name, nginx::proxy(self.sh, &place)?)
    }

    /// cloakroom, and the cookie of a user who is logged in there.
    pub(super) fn cloakroom(&self, program: &Path) -> Result<(Contestant, String)> {
        let [port] = free_ports()?;
        let launch = gateway::launch(
            self.sh,
            program,
            self.folder,
            port,
            self.upstream,
            self.workers,
        )?;
        let contestant = Contestant::start("cloakroom", launch)?;
        let cookie = gateway::log_in(&contestant.call).with_context(|| {
            format!(
                "cloakroom, whose last lines are\n{}\n",
                contestant.server.last_lines()
            )
        })?;
        Ok((contestant, cookie))
    }
}

impl Contestant {
    pub(super) fn start(name: &'static str, launch: Launch) -> Result<Self> {
        let server = launch.start().with_context(|| name)?;
        let call = Call::anonymous(launch.port);
        Ok(Self {
            name,
            launch,
            server,
            call,
            rounds: Vec::new(),
        })
    }

    /// Load that is answered with anything else would be measured just as well.
    pub(super) fn answers_right(&self) -> Result<()> {
        let answer = self.call.get().with_context(|| self.name)?;
        if answer.status != 200 || answer.body != nginx::BODY {
            bail!("{} answers {}: {}", self.name, answer.status, answer.text());
        }
        Ok(())
    }

    pub(super) fn turn(
        &mut self,
        field: &Field<'_>,
        seconds: u32,
        ticks_per_second: u32,
    ) -> Result<()> {
        let before = process::ticks(self.server.id())?;
        let load = wrk::run(field.sh, &self.call, field.connections, seconds)
            .with_context(|| self.name)?;
        let ticks = process::ticks(self.server.id())?.saturating_sub(before);
        let ticks = u32::try_from(ticks).context("clock ticks of a turn")?;
        let cpu_seconds = f64::from(ticks) / f64::from(ticks_per_second);
        self.rounds.push(Round {
            cpu_us: cpu_seconds * 1e6 / f64::from(load.requests),
            per_second: f64::from(load.requests) / load.seconds,
            p50_us: load.p50_us,
            p99_us: load.p99_us,
        });
        Ok(())
    }
}
