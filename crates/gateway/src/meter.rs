//! Metrics of the hot path: handles made once, labels from closed lists (AU-08).

use std::collections::HashMap;
use std::time::Duration;

use cloakroom_core::ErrorCode;
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
    const ALL: [Self; 7] = [
        Self::Ingress,
        Self::Route,
        Self::Session,
        Self::Csrf,
        Self::Guard,
        Self::Refresh,
        Self::Forward,
    ];

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

/// Counters and histograms of the hot path.
pub(crate) struct Meter {
    passed: Counter,
    refused: HashMap<(&'static str, &'static str), Counter>,
    took: Histogram,
    upstream: Histogram,
}

impl Meter {
    /// Makes every handle there can be.
    pub(crate) fn new() -> Self {
        let counter = |stage: &'static str, outcome: &'static str| {
            metrics::counter!("cloakroom_requests_total", "stage" => stage, "outcome" => outcome)
        };
        let mut refused = HashMap::new();
        for stage in Stage::ALL {
            for code in ErrorCode::ALL {
                let key = (stage.as_str(), code.as_str());
                refused.insert(key, counter(key.0, key.1));
            }
        }
        Self {
            passed: counter(Stage::Forward.as_str(), "ok"),
            refused,
            took: metrics::histogram!("cloakroom_request_seconds"),
            upstream: metrics::histogram!("cloakroom_upstream_seconds"),
        }
    }

    /// Counts one request by the stage that decided and what it decided.
    pub(crate) fn count(&self, stage: Stage, outcome: &'static str, took: Duration) {
        self.took.record(took.as_secs_f64());
        if outcome == "ok" {
            self.passed.increment(1);
        } else if let Some(counter) = self.refused.get(&(stage.as_str(), outcome)) {
            counter.increment(1);
        }
    }

    /// Records how long an upstream took until its answer began.
    pub(crate) fn upstream(&self, took: Duration) {
        self.upstream.record(took.as_secs_f64());
    }
}
