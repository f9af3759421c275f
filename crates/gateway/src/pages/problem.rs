//! The page that says what went wrong, what to do, and where to go from here.

use askama::Template;

use super::Shell;

/// The page that says what went wrong.
#[derive(Template)]
#[template(path = "problem.html")]
pub(crate) struct ProblemPage {
    /// The frame.
    pub(crate) shell: Shell,
    /// The HTTP status.
    pub(crate) status: u16,
    /// What happened, in a few words.
    pub(crate) heading: String,
    /// What happened and what to do.
    pub(crate) text: String,
    /// What it may be due to, for whoever runs the site.
    pub(crate) causes: Vec<&'static str>,
    /// After how many seconds the page asks again, where waiting helps.
    pub(crate) reload_after: Option<u32>,
    /// Where to go from here, the best first.
    pub(crate) actions: Vec<Action>,
    /// The request's name, for whoever is asked for help.
    pub(crate) request_id: String,
}

/// A link to go on with.
#[derive(Clone, Debug)]
pub(crate) struct Action {
    /// What it says.
    pub(crate) label: &'static str,
    /// Where it leads.
    pub(crate) href: String,
}

impl Action {
    /// To the front page.
    pub(crate) fn home() -> Self {
        Self {
            label: "Go to the start page",
            href: "/".into(),
        }
    }

    /// The same page once more: an empty address is the one the browser shows.
    pub(crate) fn again() -> Self {
        Self {
            label: "Try again",
            href: String::new(),
        }
    }

    /// To the login.
    pub(crate) fn log_in(url: &str) -> Self {
        Self {
            label: "Log in",
            href: url.to_owned(),
        }
    }
}
