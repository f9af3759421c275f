//! A run of named steps: each is tried, timed and remembered, and the table at the end says where
//! the minutes went and what failed.

use std::time::Duration;

use anyhow::{Result, bail};

use crate::clock::Stopwatch;
use crate::{say, table};

/// What has been run so far.
#[derive(Default)]
pub(crate) struct Steps {
    done: Vec<Step>,
}

struct Step {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Skipped,
}

impl Steps {
    /// Runs one step and says whether it passed. A failed step does not stop the others: one run
    /// shows all there is to repair.
    pub(crate) fn run(&mut self, name: &'static str, step: impl FnOnce() -> Result<()>) -> bool {
        say::line(&format!("\n== {name}"));
        let watch = Stopwatch::start();
        let outcome = match step() {
            Ok(()) => Outcome::Passed,
            Err(error) => {
                say::complaint(&format!("{name}: {error:#}"));
                Outcome::Failed
            }
        };
        self.done.push(Step {
            name,
            took: watch.elapsed(),
            outcome,
        });
        outcome == Outcome::Passed
    }

    /// A step that cannot be run, because one that it needs has failed.
    pub(crate) fn skip(&mut self, name: &'static str) {
        self.done.push(Step {
            name,
            took: Duration::ZERO,
            outcome: Outcome::Skipped,
        });
    }

    /// The table, and an error if not all has passed.
    pub(crate) fn finish(self) -> Result<()> {
        say::line("");
        for line in table::lines(&self.rows()) {
            say::line(&line);
        }
        let failed: Vec<&str> = self
            .done
            .iter()
            .filter(|step| step.outcome != Outcome::Passed)
            .map(|step| step.name)
            .collect();
        if !failed.is_empty() {
            bail!("not passed: {}", failed.join(", "));
        }
        Ok(())
    }

    fn rows(&self) -> Vec<Vec<String>> {
        let total = self.done.iter().map(|step| step.took).sum();
        let heading = vec![
            "step".to_owned(),
            "minutes".to_owned(),
            "outcome".to_owned(),
        ];
        let steps = self.done.iter().map(|step| {
            vec![
                step.name.to_owned(),
                minutes(step.took),
                step.outcome.word().to_owned(),
            ]
        });
        let sum = vec!["all".to_owned(), minutes(total), String::new()];
        std::iter::once(heading).chain(steps).chain([sum]).collect()
    }
}

impl Outcome {
    const fn word(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Failed => "FAILED",
            Self::Skipped => "skipped",
        }
    }
}

fn minutes(took: Duration) -> String {
    format!("{:.2}", took.as_secs_f64() / 60.0)
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::Steps;

    #[test]
    fn a_failed_step_fails_the_run_but_the_next_one_is_still_tried() {
        let mut steps = Steps::default();
        let mut tried = false;
        assert!(!steps.run("first", || bail!("broken")));
        assert!(steps.run("second", || {
            tried = true;
            Ok(())
        }));
        assert!(tried);
        assert_eq!(steps.finish().unwrap_err().to_string(), "not passed: first");
    }

    #[test]
    fn a_skipped_step_is_not_a_passed_one() {
        let mut steps = Steps::default();
        steps.skip("browser tests");
        assert!(steps.finish().is_err());
    }
}
