//! User instructions of one request, counted by valgrind: the measure that a busy machine does not
//! disturb.
//!
//! A server is run twice, for N and for 2 N requests. Start, first connections, a first reading of
//! the session and the end are in both runs; what is left of the difference are N requests.

use std::ffi::OsString;
use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

use super::http::Call;
use super::server::Launch;

const CONNECTIONS: u32 = 32;
/// Requests per connection in the shorter run.
const ROUNDS: u32 = 192;

/// Instructions of one request through this server.
pub(super) fn per_request(launch: &Launch, call: &Call, folder: &Path) -> Result<u32> {
    let once = collect(launch, call, folder, ROUNDS)?;
    let twice = collect(launch, call, folder, 2 * ROUNDS)?;
    let requests = u64::from(CONNECTIONS * ROUNDS);
    let Some(difference) = twice.checked_sub(once) else {
        bail!("the longer run took fewer instructions ({twice}) than the shorter one ({once})");
    };
    u32::try_from(difference / requests).context("instructions per request")
}

fn collect(launch: &Launch, call: &Call, folder: &Path, rounds: u32) -> Result<u64> {
    let counts = folder.join("callgrind.out");
    let mut out = OsString::from("--callgrind-out-file=");
    out.push(&counts);
    let mut valgrind = Command::new("valgrind");
    // Valgrind runs one thread at a time; without this one of them may wait for seconds.
    valgrind
        .args(["--tool=callgrind", "--fair-sched=yes"])
        .arg(out);
    let server = launch.start_under(valgrind)?;
    call.hammer(CONNECTIONS, rounds)?;
    server.stop()?;
    total(&fs::read_to_string(&counts).context("callgrind's counts")?)
}

fn total(counts: &str) -> Result<u64> {
    let line = counts.lines().find_map(|line| line.strip_prefix("totals:"));
    line.context("callgrind wrote no totals")?
        .trim()
        .parse()
        .context("callgrind's totals")
}

#[cfg(test)]
mod tests {
    use super::total;

    #[test]
    fn the_total_is_the_line_that_says_so() {
        assert_eq!(
            total("summary: 1\nfn=(1)\n0 7\n\ntotals: 123456789\n").unwrap(),
            123_456_789
        );
        assert!(total("fn=(1)\n0 7\n").is_err());
    }
}
