//! The goals a new person finds: enough for two pages, and both kinds of the filter.

use cloakroom_core::Timestamp;
use cloakroom_core::ports::Entropy;

use super::fields::{Complaint, Description, Percent, Title};
use super::{Draft, Goal, GoalId};

/// Title, description, progress; the first is shown first.
const SAMPLES: [(&str, &str, i64); 7] = [
    (
        "Run 5 km without stopping",
        "Three evenings a week. Slow is fine, stopping is not.",
        40,
    ),
    (
        "Read twelve books this year",
        "One a month. The thick ones count as one as well.",
        75,
    ),
    (
        "Learn to bake sourdough bread",
        "Keep the starter alive for a whole month first.",
        20,
    ),
    (
        "Move the old photos to one place",
        "Two laptops, one phone and a drawer full of cards.",
        100,
    ),
    (
        "Call grandmother every Sunday",
        "She likes it before lunch.",
        60,
    ),
    (
        "Repair the bicycle",
        "New chain, new brake pads, and find out where that noise comes from.",
        100,
    ),
    ("Plant tomatoes on the balcony", "", 0),
];

/// A fresh set, each with an id of its own.
pub(super) fn goals(entropy: &dyn Entropy, now: Timestamp) -> Vec<Goal> {
    SAMPLES
        .iter()
        .filter_map(|sample| draft(sample).ok())
        .map(|draft| Goal::new(GoalId::fresh(entropy, now), draft))
        .collect()
}

fn draft(&(title, description, progress): &(&str, &str, i64)) -> Result<Draft, Complaint> {
    Ok(Draft {
        title: Title::parse(title)?,
        description: Description::parse(description)?,
        progress: Percent::try_from(progress)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sample_is_a_valid_goal() {
        for sample in &SAMPLES {
            assert!(draft(sample).is_ok(), "{sample:?}");
        }
    }
}
