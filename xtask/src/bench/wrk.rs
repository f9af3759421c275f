//! Load from wrk: how many requests it got answered, and how fast.

use anyhow::{Context, Result, bail};
use xshell::Shell;

use super::http::Call;

/// What wrk reports about one run.
#[derive(Debug, PartialEq)]
pub(super) struct Load {
    pub(super) requests: u32,
    pub(super) seconds: f64,
    pub(super) p50_us: f64,
    pub(super) p99_us: f64,
}

/// Runs it from one thread, which leaves the other cores to the servers.
pub(super) fn run(sh: &Shell, call: &Call, connections: u32, seconds: u32) -> Result<Load> {
    let wrk = sh.cmd("wrk").args(["--threads", "1", "--latency"]);
    let wrk = wrk.args(["--connections".to_owned(), connections.to_string()]);
    let wrk = wrk.args(["--duration".to_owned(), format!("{seconds}s")]);
    let headers = call
        .headers()
        .into_iter()
        .flat_map(|header| ["--header".to_owned(), header]);
    let url = format!("http://127.0.0.1:{}{}", call.port, Call::PATH);
    parse(&wrk.args(headers).arg(url).quiet().read()?)
}

/// Refuses a run with errors: a server that fails fast would win.
fn parse(report: &str) -> Result<Load> {
    let mut load = Load {
        requests: 0,
        seconds: 0.0,
        p50_us: 0.0,
        p99_us: 0.0,
    };
    for line in report.lines().map(str::trim) {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            ["50%", latency] => load.p50_us = microseconds(latency)?,
            ["99%", latency] => load.p99_us = microseconds(latency)?,
            [requests, "requests", "in", took, ..] => {
                load.requests = requests.parse().context("wrk's count of requests")?;
                load.seconds = microseconds(took.trim_end_matches(','))? / 1e6;
            }
            ["Socket" | "Non-2xx", ..] => bail!("errors under load: {line}"),
            _ => {}
        }
    }
    if load.requests == 0 || load.seconds == 0.0 {
        bail!("wrk reports no requests:\n{report}");
    }
    Ok(load)
}

/// `850.00us`, `1.25ms`, `3.00s`, `1.00m`.
fn microseconds(text: &str) -> Result<f64> {
    let digits = text.trim_end_matches(|letter: char| letter.is_ascii_alphabetic());
    let unit = match text.get(digits.len()..).unwrap_or_default() {
        "us" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" => 60e6,
        other => bail!("wrk's unit {other:?} in {text:?}"),
    };
    Ok(digits
        .parse::<f64>()
        .with_context(|| format!("wrk's time {text:?}"))?
        * unit)
}

#[cfg(test)]
mod tests {
    use super::{Load, parse};

    const REPORT: &str = "\
Running 3s test @ http://127.0.0.1:4000/bench
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     1.06ms  482.51us  11.49ms   90.69%
    Req/Sec    30.62k     2.02k   34.00k    76.67%
  Latency Distribution
     50%  981.00us
     75%    1.18ms
     90%    1.45ms
     99%    2.81ms
  91412 requests in 3.00s, 34.17MB read
Requests/sec:  30443.38
Transfer/sec:     11.38MB
";

    #[test]
    fn a_report_is_read_in_microseconds() {
        let load = Load {
            requests: 91412,
            seconds: 3.0,
            p50_us: 981.0,
            p99_us: 2810.0,
        };
        assert_eq!(parse(REPORT).unwrap(), load);
    }

    #[test]
    fn a_run_with_errors_counts_for_nothing() {
        let refused = format!("{REPORT}  Non-2xx or 3xx responses: 91412\n");
        assert!(parse(&refused).unwrap_err().to_string().contains("91412"));
        let cut = format!("{REPORT}  Socket errors: connect 0, read 3, write 0, timeout 0\n");
        assert!(parse(&cut).is_err());
    }
}
