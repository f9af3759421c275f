//! `cargo xtask bench`: measurements that anyone can repeat with one command.
//!
//! `proxy` runs the contest of the servers in `contest`; `nginx` and `gateway` say how each of them
//! is started, `server` owns their processes, `wrk` makes load, `process` reads what the kernel counted, `callgrind` counts
//! instructions, `http` is a client small enough to send an exact number of requests, `report`
//! prints.

use anyhow::Result;
use clap::Subcommand;
use xshell::Shell;

mod callgrind;
mod contest;
mod gateway;
mod http;
mod nginx;
mod process;
mod proxy;
mod report;
mod server;
mod template;
mod wrk;

#[derive(Subcommand)]
pub(crate) enum Bench {
    /// A request with a session through cloakroom, and the same through nginx without any auth
    Proxy(proxy::Options),
}

pub(crate) fn run(sh: &Shell, bench: Bench) -> Result<()> {
    match bench {
        Bench::Proxy(options) => proxy::run(sh, &options),
    }
}
