//! The login page.

use askama::Template;

use super::{Field, Shell, Typed};

/// The login page.
#[derive(Template)]
#[template(path = "login.html")]
pub(crate) struct LoginPage {
    /// The frame.
    pub(crate) shell: Shell,
    /// Where the login leads.
    pub(crate) return_to: String,
    /// Why the last attempt failed.
    pub(crate) problem: Option<String>,
    /// Why the last session ended, where that is known.
    pub(crate) news: Option<&'static str>,
    /// Address of the registration, where there is one.
    pub(crate) register_url: Option<String>,
    /// The inputs.
    pub(crate) fields: Vec<Field>,
}

impl LoginPage {
    /// The inputs, with the name that was typed before.
    pub(crate) fn fields(typed: &Typed) -> Vec<Field> {
        vec![
            Field::identifier(typed),
            Field::password("password", "Password", typed),
        ]
    }
}

#[cfg(test)]
impl LoginPage {
    pub(crate) fn samples(shell: &Shell) -> Vec<Self> {
        let typed = Typed {
            values: [("identifier", "ada@example.com\"><b>".to_owned())].into(),
            ..Typed::default()
        };
        let plain = Self {
            shell: shell.clone(),
            return_to: "/dashboard?tab=1".into(),
            problem: None,
            news: Some("You were away for a while, so your session has ended. Log in again."),
            register_url: Some("/auth/register?return_to=%2Fdashboard".into()),
            fields: Self::fields(&Typed::default()),
        };
        let refused = Self {
            shell: shell.clone(),
            return_to: "/".into(),
            problem: Some("The name or the password is wrong.".into()),
            news: None,
            register_url: None,
            fields: Self::fields(&typed),
        };
        vec![plain, refused]
    }
}
