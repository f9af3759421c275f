//! What is wrong with the fields of a form: found here before anything is sent to the provider, or told by it.

use std::collections::BTreeMap;

use cloakroom_core::SecretString;
use cloakroom_core::secret::ExposeSecret;

use crate::pages::Typed;
use crate::refusal::Refusal;

/// What every provider asks of a password at least (NIST SP 800-63B-4 §3.1.1).
const PASSWORD_MIN_CHARS: usize = 8;
/// The most that is hashed for anybody (ID-02).
const PASSWORD_MAX_BYTES: usize = 1024;
/// RFC 5321 §4.5.3.1, less the angle brackets.
const EMAIL_MAX_BYTES: usize = 254;

/// What is wrong, by field.
#[derive(Debug, Default)]
pub(super) struct Complaints(BTreeMap<String, String>);

impl Complaints {
    /// Asks for some text.
    pub(super) fn want(&mut self, name: &str, value: &str, sentence: &str) {
        if value.is_empty() {
            self.add(name, sentence);
        }
    }

    /// Asks for the shape of an e-mail address; whether it can be reached only its owner knows.
    pub(super) fn want_email(&mut self, name: &str, value: &str) {
        if !looks_like_email(value) {
            self.add(name, "Enter one e-mail address, such as ada@example.com.");
        }
    }

    /// Asks for a password that can be set. How good it is the provider judges.
    pub(super) fn want_new_password(&mut self, name: &str, password: &SecretString) {
        let password = password.expose_secret();
        if password.chars().count() < PASSWORD_MIN_CHARS {
            self.add(name, "Use at least 8 characters.");
        } else if password.len() > PASSWORD_MAX_BYTES {
            self.add(name, "Use at most 1024 bytes.");
        }
    }

    /// Asks for a password that is only compared.
    pub(super) fn want_password(&mut self, name: &str, password: &SecretString) {
        let password = password.expose_secret();
        if password.is_empty() {
            self.add(name, "Enter your password.");
        } else if password.len() > PASSWORD_MAX_BYTES {
            self.add(name, "This is longer than any password.");
        }
    }

    /// Refuses if there was anything.
    pub(super) fn settle(self) -> Result<(), Refusal> {
        if self.0.is_empty() {
            Ok(())
        } else {
            Err(Refusal::InvalidFields(self.0))
        }
    }

    fn add(&mut self, name: &str, sentence: &str) {
        self.0.insert(name.to_owned(), sentence.to_owned());
    }
}

/// A refusal as a form shows it: at its fields, and above them what belongs to none of these.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Objection {
    /// At the fields.
    pub(super) errors: BTreeMap<String, String>,
    /// Above them.
    pub(super) problem: Option<String>,
}

impl Objection {
    /// The refusal on a form with these fields.
    pub(super) fn of(refusal: &Refusal, fields: &[&str]) -> Self {
        let message = refusal.message().into_owned();
        let (errors, strays): (BTreeMap<_, _>, BTreeMap<_, _>) = match refusal {
            Refusal::InvalidFields(errors) => errors
                .clone()
                .into_iter()
                .partition(|(name, _)| fields.contains(&name.as_str())),
            Refusal::UsernameTaken => {
                ([("username".to_owned(), message.clone())].into(), [].into())
            }
            Refusal::EmailTaken => ([("email".to_owned(), message.clone())].into(), [].into()),
            _ => {
                return Self {
                    errors: BTreeMap::new(),
                    problem: Some(message),
                };
            }
        };
        let problem = match strays.into_values().next() {
            Some(stray) => Some(stray),
            None if errors.is_empty() => Some(message),
            None => None,
        };
        Self { errors, problem }
    }

    /// What was typed, with the errors at it.
    pub(super) fn at(self, values: BTreeMap<&'static str, String>) -> (Typed, Option<String>) {
        (
            Typed {
                values,
                errors: self.errors,
            },
            self.problem,
        )
    }
}

fn looks_like_email(text: &str) -> bool {
    let plain = !text
        .chars()
        .any(|c| c.is_whitespace() || c.is_control() || ",;<>()\"".contains(c));
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    plain
        && text.len() <= EMAIL_MAX_BYTES
        && !local.is_empty()
        && !domain.contains('@')
        && domain.split('.').count() > 1
        && domain.split('.').all(|label| !label.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_at_sign_and_a_domain_of_several_labels() {
        // ID-08
        for good in ["ada@example.com", "a.b+c@mail.example.co.uk"] {
            assert!(looks_like_email(good), "{good}");
        }
        for bad in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@example",
            "ada@@example.com",
            "a@b@example.com",
            "ada@example..com",
            "ada@.com",
            "ada @example.com",
            "a@example.com,b@example.com",
            "<ada@example.com>",
            "ada@example.com\n",
            "ada＠example.com",
        ] {
            assert!(!looks_like_email(bad), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_counted_in_characters_and_capped_in_bytes() {
        // ID-02
        let refused = |text: String| {
            let mut complaints = Complaints::default();
            complaints.want_new_password("password", &SecretString::from(text));
            complaints.settle().is_err()
        };
        assert!(refused("ääääääa".into()) && !refused("ääääääää".into()));
        assert!(!refused("a".repeat(1024)) && refused("a".repeat(1025)));
    }

    #[test]
    fn an_error_of_a_field_that_the_form_lacks_stands_above_it() {
        let errors = [("email", "E."), ("phone", "P.")].map(|(n, s)| (n.to_owned(), s.to_owned()));
        let objection = Objection::of(&Refusal::InvalidFields(errors.into()), &["email"]);
        assert_eq!(objection.errors.len(), 1);
        assert_eq!(objection.problem.as_deref(), Some("P."));
    }

    #[test]
    fn a_taken_name_stands_at_its_field_and_a_fault_above_the_form() {
        let taken = Objection::of(&Refusal::UsernameTaken, &["username"]);
        assert!(taken.errors.contains_key("username") && taken.problem.is_none());
        let fault = Objection::of(&Refusal::StoreUnavailable, &["username"]);
        assert!(fault.errors.is_empty() && fault.problem.is_some());
    }
}
