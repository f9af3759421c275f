//! The page that asks before it logs out: a GET never does.

use askama::Template;

use super::Shell;

/// The page that asks before it logs out.
#[derive(Template)]
#[template(path = "logout.html")]
pub(crate) struct LogoutPage {
    /// The frame.
    pub(crate) shell: Shell,
    /// Who is logged in, if anybody is.
    pub(crate) owner: Option<String>,
}

#[cfg(test)]
impl LogoutPage {
    pub(crate) fn samples(shell: &Shell) -> Vec<Self> {
        vec![
            Self {
                shell: shell.clone(),
                owner: Some("Ada Lovelace".into()),
            },
            Self {
                shell: shell.clone(),
                owner: None,
            },
        ]
    }
}
