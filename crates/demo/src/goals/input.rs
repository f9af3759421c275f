//! From what somebody sent (a form's text, a JSON object) to what may be stored, or to a message for each field.

use serde_json::{Map, Value};

use super::Status;
use super::fields::{Complaint, Description, FieldErrors, Percent, Title};

/// A goal as it was typed into a form, before anybody has judged it. Shown again when it is refused.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct TypedGoal {
    pub(crate) title: String,
    pub(crate) description: String,
    pub(crate) progress: String,
}

/// A new goal that may be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Draft {
    pub(crate) title: Title,
    pub(crate) description: Description,
    pub(crate) progress: Percent,
}

impl Draft {
    pub(crate) fn from_form(typed: &TypedGoal) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let title = errors.keep("title", Title::parse(&typed.title));
        let description = errors.keep("description", Description::parse(&typed.description));
        let progress = errors.keep("progress", Percent::parse(&typed.progress));
        match (title, description, progress) {
            (Some(title), Some(description), Some(progress)) => Ok(Self {
                title,
                description,
                progress,
            }),
            _ => Err(errors),
        }
    }

    /// The same fields as a change may have; only the title must be there.
    pub(crate) fn from_json(object: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let change = Change::from_json(object)?;
        let Some(title) = change.title else {
            return Err(FieldErrors::one("title", "A goal needs a title."));
        };
        let status = match change.status {
            Some(Status::Completed) => Percent::FULL,
            Some(Status::Active) | None => Percent::NONE,
        };
        Ok(Self {
            title,
            description: change.description.unwrap_or_default(),
            progress: change.progress.unwrap_or(status),
        })
    }
}

/// What is to change about a goal; what is `None` stays.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) title: Option<Title>,
    pub(crate) description: Option<Description>,
    pub(crate) progress: Option<Percent>,
    pub(crate) status: Option<Status>,
}

impl Change {
    pub(crate) fn progress(progress: Percent) -> Self {
        Self {
            progress: Some(progress),
            ..Self::default()
        }
    }

    pub(crate) fn status(status: Status) -> Self {
        Self {
            status: Some(status),
            ..Self::default()
        }
    }

    /// Refuses a field it does not know: a misspelt one would otherwise be lost without a word.
    pub(crate) fn from_json(object: &Map<String, Value>) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut change = Self::default();
        for (name, value) in object {
            match name.as_str() {
                "title" => change.title = errors.keep(name, text(value, Title::parse)),
                "description" => {
                    change.description = errors.keep(name, text(value, Description::parse));
                }
                "progress" => change.progress = errors.keep(name, number(value)),
                "status" => change.status = errors.keep(name, text(value, status)),
                _ => errors.add(name, "There is no such field, or it cannot be set."),
            }
        }
        if change.contradicts_itself() {
            errors.add(
                "status",
                "A goal is completed exactly when its progress is 100.",
            );
        }
        if errors.is_empty() {
            Ok(change)
        } else {
            Err(errors)
        }
    }

    fn contradicts_itself(&self) -> bool {
        match (self.progress, self.status) {
            (Some(progress), Some(status)) => {
                (progress == Percent::FULL) != (status == Status::Completed)
            }
            (None, _) | (_, None) => false,
        }
    }
}

fn text<T>(value: &Value, parse: impl Fn(&str) -> Result<T, Complaint>) -> Result<T, Complaint> {
    value.as_str().ok_or("This must be text.").and_then(parse)
}

fn number(value: &Value) -> Result<Percent, Complaint> {
    // A number that is no i64 (a fraction, or far too large) is out of range in any case.
    Percent::try_from(value.as_i64().unwrap_or(-1))
}

fn status(text: &str) -> Result<Status, Complaint> {
    match text {
        "active" => Ok(Status::Active),
        "completed" => Ok(Status::Completed),
        _ => Err("The status is \"active\" or \"completed\"."),
    }
}
