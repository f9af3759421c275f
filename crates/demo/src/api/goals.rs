//! The endpoints of goals, and the JSON they speak.
//!
//! Whose goals are meant is never a parameter: it is whoever the access token is about. A goal of somebody
//! else is 404, exactly like one that never was.

pub(super) mod change;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod show;

use serde::Serialize;

use crate::goals::{Goal, Status};

/// A goal as clients see it.
#[derive(Serialize)]
pub(super) struct GoalJson {
    id: String,
    title: String,
    description: String,
    status: Status,
    progress: u8,
}

impl From<&Goal> for GoalJson {
    fn from(goal: &Goal) -> Self {
        Self {
            id: goal.id.to_string(),
            title: goal.title.to_string(),
            description: goal.description.to_string(),
            status: goal.status(),
            progress: goal.progress().value(),
        }
    }
}
