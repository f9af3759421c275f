//! Logs to stderr and metrics for the admin listener.
//!
//! 1. Events are JSON, one a line, or plain text where a person looks on.
//! 2. Audit events are written whatever the level (AU-01).
//! 3. A panic is one line with its place; its text is written only where it is a constant of the program, for a
//!    formatted one could hold what nobody may read (CF-02).

use std::io::{self, IsTerminal};
use std::panic::{self, PanicHookInfo};

use anyhow::Context;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// The target of audit events, in every crate.
const AUDIT: &str = "audit=info";
const USUAL: &str = "info";

/// Upper edges of the histograms, in seconds: from a cache hit to a request that waited for a refresh.
const BUCKETS: [f64; 12] = [
    0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5, 10.0,
];

/// Starts logging. `level` is a filter such as `debug` or `cloakroom_gateway=debug,info`.
pub(crate) fn start(level: Option<&str>) -> anyhow::Result<()> {
    let level = level.unwrap_or(USUAL);
    let filter =
        EnvFilter::try_new(level).with_context(|| format!("--log {level} is no log filter"))?;
    let filter = filter.add_directive(AUDIT.parse().context("the audit filter")?);
    let builder = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(io::stderr);
    let started = if io::stderr().is_terminal() {
        builder.compact().try_init()
    } else {
        builder.json().flatten_event(true).try_init()
    };
    started.map_err(|error| anyhow::anyhow!("logging cannot be started: {error}"))?;
    panic::set_hook(Box::new(log_panic));
    Ok(())
}

fn log_panic(info: &PanicHookInfo<'_>) {
    let place = info.location().map(ToString::to_string).unwrap_or_default();
    let text = info
        .payload()
        .downcast_ref::<&'static str>()
        .copied()
        .unwrap_or("(text withheld)");
    tracing::error!(
        panic.place = place,
        panic.text = text,
        "a part of the program panicked"
    );
}

/// Starts collecting metrics. Has to come before anything that counts.
pub(crate) fn metrics() -> anyhow::Result<PrometheusHandle> {
    let builder = PrometheusBuilder::new()
        .set_buckets(&BUCKETS)
        .context("histogram buckets")?;
    builder
        .install_recorder()
        .context("metrics cannot be started")
}
