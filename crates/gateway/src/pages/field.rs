//! One labelled input with its hint and its error, tied together for screen readers.

use std::collections::BTreeMap;

/// What somebody typed into a form's text fields, by name, and what is wrong with it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Typed {
    /// What was typed. Never a password.
    pub(crate) values: BTreeMap<&'static str, String>,
    /// What is wrong: name of the field to a sentence.
    pub(crate) errors: BTreeMap<String, String>,
}

impl Typed {
    fn value(&self, name: &str) -> String {
        self.values.get(name).cloned().unwrap_or_default()
    }

    fn error(&self, name: &str) -> Option<String> {
        self.errors.get(name).cloned()
    }
}

/// One labelled input.
#[derive(Clone, Debug)]
pub(crate) struct Field {
    /// Its name in the form, and its id on the page.
    pub(crate) name: &'static str,
    /// What it asks for.
    pub(crate) label: &'static str,
    /// The input's type.
    pub(crate) kind: &'static str,
    /// What password managers and browsers may fill in (HTML, autofill).
    pub(crate) autocomplete: &'static str,
    /// What to know before typing.
    pub(crate) hint: Option<&'static str>,
    /// What stands in it.
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) error: Option<String>,
}

impl Field {
    /// The one input of the login that names the user.
    pub(crate) fn identifier(typed: &Typed) -> Self {
        Self::text("identifier", "E-mail or user name", "username", typed)
    }

    /// The name to greet with.
    pub(crate) fn name(typed: &Typed) -> Self {
        Self::text("name", "Your name", "name", typed)
    }

    /// The name to log in with.
    pub(crate) fn username(typed: &Typed) -> Self {
        Self::text("username", "User name", "username", typed)
    }

    /// The e-mail address.
    pub(crate) fn email(typed: &Typed) -> Self {
        Self {
            kind: "email",
            ..Self::text("email", "E-mail", "email", typed)
        }
    }

    /// The password there is.
    pub(crate) fn password(name: &'static str, label: &'static str, typed: &Typed) -> Self {
        Self {
            kind: "password",
            value: String::new(),
            ..Self::text(name, label, "current-password", typed)
        }
    }

    /// The password to come.
    pub(crate) fn new_password(name: &'static str, label: &'static str, typed: &Typed) -> Self {
        Self {
            autocomplete: "new-password",
            hint: Some("At least 8 characters; a few words that do not belong together are best."),
            ..Self::password(name, label, typed)
        }
    }

    fn text(
        name: &'static str,
        label: &'static str,
        autocomplete: &'static str,
        typed: &Typed,
    ) -> Self {
        Self {
            name,
            label,
            kind: "text",
            autocomplete,
            hint: None,
            value: typed.value(name),
            error: typed.error(name),
        }
    }

    /// Whether a keyboard must leave alone what is typed.
    pub(crate) fn is_verbatim(&self) -> bool {
        self.autocomplete != "name"
    }

    /// The ids of what describes the input.
    pub(crate) fn described_by(&self) -> Option<String> {
        let hint = self.hint.map(|_| format!("{}-hint", self.name));
        let error = self.error.as_ref().map(|_| format!("{}-error", self.name));
        match (hint, error) {
            (Some(hint), Some(error)) => Some(format!("{hint} {error}")),
            (one, other) => one.or(other),
        }
    }
}
