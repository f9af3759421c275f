//! Metrics of the hot path: handles made once, labels from closed lists (AU-08).

use std::time::Duration;

use metrics::{Counter, Histogram};

/// The stages, by their names everywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    Ingress,
    Route,
    Session,
    Csrf,
    Guard,
    Refresh,
    Forward,
}

impl Stage {
    /// The stage's word.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Route => "route",
            Self::Session => "session",
            Self::Csrf => "csrf",
            Self::Guard => "guard",
            Self::Refresh => "refresh",
            Self::Forward => "forward",
        }
    }
}

/// Counters and histograms of the hot path. A refusal's counter is looked up when there is one to count.
pub(crate) struct Meter {
    passed: Counter,
    took: Histogram,
    upstream: Histogram,
}

impl Meter {
    /// Makes the handles.
    pub(crate) fn new() -> Self {
        Self {
            passed: requests(Stage::Forward, "ok"),
            took: metrics::histogram!("cloakroom_request_seconds"),
            upstream: metrics::histogram!("cloakroom_upstream_seconds"),
        }
    }

    /// Counts one request by the stage that decided and what it decided: `ok`, or an error code.
    pub(crate) fn count(&self, stage: Stage, outcome: &'static str, took: Duration) {
        self.took.record(took.as_secs_f64());
        if outcome == "ok" {
            self.passed.increment(1);
        } else {
            requests(stage, outcome).increment(1);
        }
    }

    /// Records how long an upstream took until its answer began.
    pub(crate) fn upstream(&self, took: Duration) {
        self.upstream.record(took.as_secs_f64());
    }
}

fn requests(stage: Stage, outcome: &'static str) -> Counter {
    metrics::counter!("cloakroom_requests_total", "stage" => stage.as_str(), "outcome" => outcome)
}
