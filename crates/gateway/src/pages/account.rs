//! The account page: profile, password, and the list of devices.

use askama::Template;

use super::{DeviceRow, Field, Shell, Typed};

/// The account page.
#[derive(Template)]
#[template(path = "account.html")]
pub(crate) struct AccountPage {
    /// The frame.
    pub(crate) shell: Shell,
    /// What has just been done.
    pub(crate) notice: Option<Notice>,
    /// The forms; `None` where users are managed elsewhere.
    pub(crate) forms: Option<AccountForms>,
    /// What is known of the user, shown where there are no forms.
    pub(crate) facts: Vec<Fact>,
    /// The user's sessions.
    pub(crate) devices: Vec<DeviceRow>,
    /// What proves that a form was made for this session.
    pub(crate) token: String,
}

/// The forms of the account page.
#[derive(Clone, Debug)]
pub(crate) struct AccountForms {
    /// Inputs of the profile.
    pub(crate) profile: Vec<Field>,
    /// Why the profile was not saved as a whole.
    pub(crate) profile_problem: Option<String>,
    /// Inputs of the password change.
    pub(crate) password: Vec<Field>,
    /// Why the password was not changed as a whole.
    pub(crate) password_problem: Option<String>,
    /// Whether the other devices were to stay logged in.
    pub(crate) keep_others: bool,
    /// The name that a password manager files the password under.
    pub(crate) login_name: String,
}

impl AccountForms {
    /// The inputs of the profile.
    pub(crate) fn profile(typed: &Typed) -> Vec<Field> {
        vec![
            Field::name(typed),
            Field::username(typed),
            Field::email(typed),
        ]
    }

    /// The inputs of the password change; both are always empty.
    pub(crate) fn password(typed: &Typed) -> Vec<Field> {
        vec![
            Field::password("current_password", "Current password", typed),
            Field::new_password("new_password", "New password", typed),
        ]
    }
}

/// One line about the user.
#[derive(Clone, Debug)]
pub(crate) struct Fact {
    /// What it is.
    pub(crate) label: &'static str,
    /// What it says.
    pub(crate) value: String,
}

/// What has just been done. It comes back in the query, so it is one of a few words and never a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notice {
    /// The profile was saved.
    Profile,
    /// The password was changed.
    Password,
    /// Sessions were ended.
    Sessions,
}

impl Notice {
    /// Every notice.
    pub(crate) const ALL: &[Self] = &[Self::Profile, Self::Password, Self::Sessions];

    /// The word in the query.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Profile => "profile",
            Self::Password => "password",
            Self::Sessions => "sessions",
        }
    }

    /// The notice of this word.
    pub(crate) fn parse(word: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|notice| notice.as_str() == word)
    }

    /// The sentence for the user.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Profile => "Your profile is saved.",
            Self::Password => "Your password is changed.",
            Self::Sessions => "Done. What you ended is logged out.",
        }
    }
}

#[cfg(test)]
impl AccountPage {
    pub(crate) fn samples(shell: &Shell) -> Vec<Self> {
        let typed = Typed {
            values: [
                ("name", "Ada Lovelace".to_owned()),
                ("username", "ada".to_owned()),
                ("email", "ada@example.com".to_owned()),
            ]
            .into(),
            errors: [(
                "current_password".to_owned(),
                "This is not your password.".to_owned(),
            )]
            .into(),
        };
        let forms = |typed: &Typed, keep_others| AccountForms {
            profile: AccountForms::profile(typed),
            profile_problem: None,
            password: AccountForms::password(typed),
            password_problem: None,
            keep_others,
            login_name: "ada".into(),
        };
        let calm = Typed {
            errors: [].into(),
            ..typed.clone()
        };
        let page = |forms, notice, devices: usize| Self {
            shell: shell.clone(),
            notice,
            forms,
            facts: vec![Fact {
                label: "Name",
                value: "Ada Lovelace".into(),
            }],
            devices: DeviceRow::samples().into_iter().take(devices).collect(),
            token: "dG9rZW4".into(),
        };
        vec![
            page(Some(forms(&calm, false)), Some(Notice::Profile), 3),
            page(Some(forms(&typed, true)), None, 1),
            page(None, None, 2),
        ]
    }
}

#[cfg(test)]
impl DeviceRow {
    fn samples() -> Vec<Self> {
        let row = |name: &str, ip: &str, activity: &str, is_current| Self {
            id: "b2xkIGhhbmRsZQ".into(),
            name: name.into(),
            ip: ip.into(),
            last_seen: "2026-11-20T07:00:00Z".into(),
            activity: activity.into(),
            created: "2026-11-12T07:00:00Z".into(),
            created_day: "12 November 2026".into(),
            is_current,
        };
        vec![
            row("Firefox on Linux", "203.0.113.7", "active now", true),
            row(
                "Safari on iPhone",
                "2001:db8:85a3::8a2e:370:7334",
                "active 5 hours ago",
                false,
            ),
            row(
                "<b>Edge</b> on Windows",
                "198.51.100.24",
                "active 3 days ago",
                false,
            ),
        ]
    }
}
