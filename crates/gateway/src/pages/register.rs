//! The registration page.

use askama::Template;

use super::{Field, Shell, Typed};

/// The registration page.
#[derive(Template)]
#[template(path = "register.html")]
pub(crate) struct RegisterPage {
    /// The frame.
    pub(crate) shell: Shell,
    /// Where the registration leads.
    pub(crate) return_to: String,
    /// Why the last attempt failed as a whole.
    pub(crate) problem: Option<String>,
    /// Address of the login.
    pub(crate) login_url: String,
    /// The inputs.
    pub(crate) fields: Vec<Field>,
}

impl RegisterPage {
    /// The inputs, with what was typed before.
    pub(crate) fn fields(typed: &Typed) -> Vec<Field> {
        vec![
            Field::name(typed),
            Field::username(typed),
            Field::email(typed),
            Field::new_password("password", "Password", typed),
        ]
    }
}

#[cfg(test)]
impl RegisterPage {
    pub(crate) fn samples(shell: &Shell) -> Vec<Self> {
        let typed = Typed {
            values: [
                ("name", "Ada <script>alert(1)</script>".to_owned()),
                ("username", "ada".to_owned()),
                ("email", "ada@example".to_owned()),
            ]
            .into(),
            errors: [
                (
                    "username".to_owned(),
                    "This user name is taken. Choose another one.".to_owned(),
                ),
                (
                    "email".to_owned(),
                    "Enter one e-mail address, such as ada@example.com.".to_owned(),
                ),
                (
                    "password".to_owned(),
                    "Use at least 8 characters.".to_owned(),
                ),
            ]
            .into(),
        };
        let page = |typed: &Typed, problem: Option<&str>| Self {
            shell: shell.clone(),
            return_to: "/".into(),
            problem: problem.map(str::to_owned),
            login_url: "/auth/login?return_to=%2F".into(),
            fields: Self::fields(typed),
        };
        vec![
            page(&Typed::default(), None),
            page(&typed, Some("Some fields need another look.")),
        ]
    }
}
