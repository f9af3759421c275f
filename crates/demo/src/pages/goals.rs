//! The goals page: one page, five forms, and the list they all lead back to.

pub(super) mod complete;
pub(super) mod create;
pub(super) mod delete;
pub(super) mod list;
pub(super) mod progress;
pub(super) mod reopen;

use std::fmt;

use askama::Template;
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::frame::{Section, Shell};
use super::problem::PageError;
use super::visitor::Visitor;
use crate::app::AppState;
use crate::goals::{
    Change, Description, FieldErrors, Filter, GoalId, Page, PageNumber, Shelf, Status, Tally,
    Title, TypedGoal,
};

/// Where in the list somebody is: in the address, and in a hidden field of every form, so that a form leads
/// back to it. Unreadable words mean the first page of everything: nobody types these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct View {
    filter: Filter,
    page: PageNumber,
}

/// The view as it comes in an address or a form.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct ViewFields {
    status: Option<String>,
    page: Option<String>,
}

impl ViewFields {
    fn view(&self) -> View {
        let word = |field: &Option<String>| field.clone().unwrap_or_default();
        View {
            filter: word(&self.status).parse().unwrap_or_default(),
            page: word(&self.page).parse().unwrap_or(PageNumber::FIRST),
        }
    }
}

/// What has just been done. It travels in the address, so it is a word and never text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Notice {
    Created,
    Saved,
    Completed,
    Reopened,
    Deleted,
    #[serde(other)]
    Unknown,
}

impl Notice {
    fn text(self) -> Option<&'static str> {
        match self {
            Self::Created => Some("Your goal is written down. Good luck!"),
            Self::Saved => Some("Progress saved."),
            Self::Completed => Some("Well done! One goal less to go."),
            Self::Reopened => Some("Back in progress."),
            Self::Deleted => Some("The goal is gone."),
            Self::Unknown => None,
        }
    }
}

impl fmt::Display for Notice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Created => "created",
            Self::Saved => "saved",
            Self::Completed => "completed",
            Self::Reopened => "reopened",
            Self::Deleted => "deleted",
            Self::Unknown => "unknown",
        })
    }
}

/// 303, so that reloading the page does not send the form again (RFC 9110 §15.4.4).
fn back_to(view: View, notice: Notice) -> Response {
    let (status, page) = (view.filter.as_str(), view.page.value());
    Redirect::to(&format!(
        "/goals?status={status}&page={page}&notice={notice}"
    ))
    .into_response()
}

/// Changes one goal and leads back: what progress, complete and reopen have in common.
async fn change_and_return(
    app: &AppState,
    visitor: &Visitor,
    id: &str,
    change: Change,
    back: (View, Notice),
) -> Result<Response, PageError> {
    let id = GoalId::parse(id).ok_or(PageError::NotFound)?;
    let changed = app.goals.change(&visitor.owner, id, change).await?;
    changed.ok_or(PageError::NotFound)?;
    Ok(back_to(back.0, back.1))
}

/// One entry of the filter.
struct Tab {
    filter: Filter,
    label: &'static str,
    count: usize,
}

/// A progress that was refused: shown again at its goal, with the reason.
struct RefusedProgress {
    id: GoalId,
    typed: String,
    complaint: &'static str,
}

#[derive(Template)]
#[template(path = "goals.html")]
pub(super) struct GoalsPage {
    shell: Shell,
    view: View,
    page: Page,
    tally: Tally,
    tabs: [Tab; 3],
    notice: Option<&'static str>,
    typed: TypedGoal,
    errors: FieldErrors,
    refused: Option<RefusedProgress>,
}

impl GoalsPage {
    fn new(visitor: &Visitor, shelf: &Shelf, view: View) -> Self {
        let tally = shelf.tally();
        let page = Page::nearest(&shelf.goals, view.filter, view.page);
        Self {
            shell: Shell::new(Section::Goals, Some(visitor)),
            view: View {
                page: page.number,
                ..view
            },
            tabs: Filter::EVERY.map(|filter| Tab::new(filter, &tally)),
            page,
            tally,
            notice: None,
            typed: TypedGoal::default(),
            errors: FieldErrors::default(),
            refused: None,
        }
    }

    fn has_errors(&self) -> bool {
        !self.errors.is_empty() || self.refused.is_some()
    }

    fn refused_progress(&self, id: &GoalId) -> Option<&RefusedProgress> {
        self.refused.as_ref().filter(|refused| refused.id == *id)
    }
}

impl Tab {
    fn new(filter: Filter, tally: &Tally) -> Self {
        let (label, count) = match filter {
            Filter::All => ("All", tally.total),
            Filter::Active => ("In progress", tally.active),
            Filter::Completed => ("Completed", tally.completed),
        };
        Self {
            filter,
            label,
            count,
        }
    }
}

#[cfg(test)]
impl GoalsPage {
    pub(super) fn samples() -> Vec<Self> {
        let visitor = Visitor::sample();
        let view = |status: &str, page: &str| {
            let word = |text: &str| Some(text.to_owned());
            let fields = ViewFields {
                status: word(status),
                page: word(page),
            };
            fields.view()
        };
        let (some, none) = (Shelf::sample(), Shelf::default());
        let on = |shelf: &Shelf, status, page| Self::new(&visitor, shelf, view(status, page));

        let mut noticed = on(&some, "all", "2");
        noticed.notice = Notice::Completed.text();

        let mut refused_goal = on(&some, "active", "1");
        refused_goal.typed = TypedGoal {
            title: String::new(),
            description: "</textarea><b>out</b>".to_owned(),
            progress: "\"><b>150".to_owned(),
        };
        if let Err(errors) = crate::goals::Draft::from_form(&refused_goal.typed) {
            refused_goal.errors = errors;
        }

        let mut refused_progress = on(&some, "all", "1");
        refused_progress.refused = some.goals.first().map(|goal| RefusedProgress {
            id: goal.id,
            typed: "150".to_owned(),
            complaint: "Progress is a whole number from 0 to 100.",
        });

        let mut pages = vec![
            noticed,
            refused_goal,
            refused_progress,
            on(&some, "all", "1"),
        ];
        pages.extend(["all", "active", "completed"].map(|status| on(&none, status, "1")));
        pages
    }
}
