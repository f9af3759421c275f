//! All goals at one moment: a shelf a person, cheap to copy, so that a change is made on a copy and published
//! only once it is on the disk.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{Goal, GoalId, Status};

/// Whose goals are meant: the subject decides, the name is what an admin reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) subject: String,
    pub(crate) name: String,
}

/// One person's goals, the newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Shelf {
    /// The person's name when the shelf was last changed.
    pub(crate) name: String,
    pub(crate) goals: Vec<Goal>,
}

impl Shelf {
    pub(crate) fn find(&self, id: GoalId) -> Option<&Goal> {
        self.goals.iter().find(|goal| goal.id == id)
    }

    pub(crate) fn tally(&self) -> Tally {
        let completed = self
            .goals
            .iter()
            .filter(|goal| goal.status() == Status::Completed)
            .count();
        let sum: usize = self
            .goals
            .iter()
            .map(|goal| usize::from(goal.progress().value()))
            .sum();
        Tally {
            name: self.name.clone(),
            total: self.goals.len(),
            active: self.goals.len() - completed,
            completed,
            average: sum.checked_div(self.goals.len()).unwrap_or(0),
        }
    }
}

/// A shelf in numbers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Tally {
    pub(crate) name: String,
    pub(crate) total: usize,
    pub(crate) active: usize,
    pub(crate) completed: usize,
    /// The mean progress, 0 to 100, rounded down: 100 means that everything is done.
    pub(crate) average: usize,
}

/// Everybody's goals, by subject.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Book(BTreeMap<String, Arc<Shelf>>);

impl Book {
    pub(super) fn shelf(&self, subject: &str) -> Option<&Arc<Shelf>> {
        self.0.get(subject)
    }

    pub(super) fn shelves(&self) -> impl Iterator<Item = &Shelf> {
        self.0.values().map(Arc::as_ref)
    }

    /// This book with one shelf exchanged. All others are shared, not copied.
    pub(super) fn with(&self, subject: &str, changed: Arc<Shelf>) -> Self {
        let mut shelves = self.0.clone();
        shelves.insert(subject.to_owned(), changed);
        Self(shelves)
    }
}

#[cfg(test)]
impl Shelf {
    /// What a new person has, with text that a page must escape.
    pub(crate) fn sample() -> Self {
        use super::{Draft, TypedGoal, samples};

        let entropy = cloakroom_testkit::SeededEntropy::new(1);
        let now = cloakroom_core::Timestamp::from_secs(0);
        let mut goals = samples::goals(&entropy, now);
        let typed = TypedGoal {
            title: "<b>Bold</b> & \"quoted\" plans".to_owned(),
            description: "First line\nSecond line, which is <i>not</i> markup".to_owned(),
            progress: "33".to_owned(),
        };
        let hostile =
            Draft::from_form(&typed).map(|draft| Goal::new(GoalId::fresh(&entropy, now), draft));
        goals.insert(2, hostile.unwrap());
        Self {
            name: "Ada Lovelace".to_owned(),
            goals,
        }
    }

    /// Nothing but goals that are done.
    pub(crate) fn sample_completed() -> Self {
        let mut shelf = Self::sample();
        shelf
            .goals
            .retain(|goal| goal.status() == Status::Completed);
        shelf
    }
}
