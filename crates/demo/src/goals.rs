//! What a goal is and how it moves: the rules that the pages and the API share.
//!
//! Progress and status are one thing: **a goal is completed exactly when its progress is 100.** Reaching 100
//! completes it, lowering it reopens it, completing sets 100, and reopening goes back to the progress it had
//! before it was completed. So the two can never contradict each other.

mod book;
mod fields;
mod file;
mod input;
mod list;
mod samples;
mod store;

use cloakroom_core::Timestamp;
use cloakroom_core::ports::{Entropy, uuid_v7};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub(crate) use book::{Owner, Shelf, Tally};
pub(crate) use fields::{Description, FieldErrors, Percent, Title};
pub use file::GoalFileError;
pub(crate) use input::{Change, Draft, TypedGoal};
pub(crate) use list::{Filter, Page, PageNumber};
pub(crate) use store::{AddError, GoalStore, SHELF_IS_FULL};

/// Names one goal. Random enough not to be guessed, but no secret: whose it is decides who may see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct GoalId(Uuid);

impl GoalId {
    pub(crate) fn fresh(entropy: &dyn Entropy, now: Timestamp) -> Self {
        Self(uuid_v7(entropy, now))
    }

    /// Text that is no id names no goal.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }
}

impl std::fmt::Display for GoalId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Whether a goal is done. Follows from its progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Status {
    Active,
    Completed,
}

/// One goal of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Goal {
    pub(crate) id: GoalId,
    pub(crate) title: Title,
    pub(crate) description: Description,
    progress: Percent,
    /// The last progress below 100: where reopening goes back to.
    resume: Percent,
}

impl Goal {
    pub(crate) fn new(id: GoalId, draft: Draft) -> Self {
        let mut goal = Self {
            id,
            title: draft.title,
            description: draft.description,
            progress: Percent::NONE,
            resume: Percent::NONE,
        };
        goal.advance(draft.progress);
        goal
    }

    pub(crate) fn progress(&self) -> Percent {
        self.progress
    }

    pub(crate) fn status(&self) -> Status {
        if self.progress == Percent::FULL {
            Status::Completed
        } else {
            Status::Active
        }
    }

    /// Changes what the change names, and nothing else.
    pub(crate) fn apply(&mut self, change: Change) {
        if let Some(title) = change.title {
            self.title = title;
        }
        if let Some(description) = change.description {
            self.description = description;
        }
        if let Some(progress) = change.progress {
            self.advance(progress);
        }
        match change.status {
            Some(Status::Completed) => self.advance(Percent::FULL),
            Some(Status::Active) => self.reopen(),
            None => {}
        }
    }

    fn advance(&mut self, progress: Percent) {
        if progress != Percent::FULL {
            self.resume = progress;
        }
        self.progress = progress;
    }

    fn reopen(&mut self) {
        if self.status() == Status::Completed {
            // The bound holds even for a file that was edited by hand.
            self.progress = self.resume.min(Percent::ALMOST);
        }
    }
}

#[cfg(test)]
mod tests;
