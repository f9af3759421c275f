//! The fields of a goal as types that only hold what is allowed, and the messages for what is not.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a field was refused, in words that can stand next to it.
pub(crate) type Complaint = &'static str;

/// One line that says what the goal is: 1 to 120 characters.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Title(String);

impl Title {
    pub(crate) const MAX_CHARS: usize = 120;

    pub(crate) fn parse(text: &str) -> Result<Self, Complaint> {
        let text = text.trim();
        if text.is_empty() {
            return Err("Give your goal a name.");
        }
        if text.chars().count() > Self::MAX_CHARS {
            return Err("Keep the name to 120 characters.");
        }
        if text.chars().any(char::is_control) {
            return Err("Write the name on one line, without control characters.");
        }
        Ok(Self(text.to_owned()))
    }
}

/// What else there is to say: up to 1000 characters, line breaks allowed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Description(String);

impl Description {
    pub(crate) const MAX_CHARS: usize = 1000;

    pub(crate) fn parse(text: &str) -> Result<Self, Complaint> {
        // Browsers send the line breaks of a textarea as CR LF (HTML Standard, form submission).
        let text = text.replace("\r\n", "\n");
        let text = text.trim();
        if text.chars().count() > Self::MAX_CHARS {
            return Err("Keep the description to 1000 characters.");
        }
        if text
            .chars()
            .any(|c| c.is_control() && c != '\n' && c != '\t')
        {
            return Err("Leave control characters out of the description.");
        }
        Ok(Self(text.to_owned()))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// How far along a goal is: 0 to 100.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub(crate) struct Percent(u8);

impl Percent {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ALMOST: Self = Self(99);
    pub(crate) const FULL: Self = Self(100);
    const COMPLAINT: Complaint = "Progress is a whole number from 0 to 100.";

    /// Text as typed into a form; an empty field means that nothing is done yet.
    pub(crate) fn parse(text: &str) -> Result<Self, Complaint> {
        match text.trim() {
            "" => Ok(Self::NONE),
            text => text
                .parse::<i64>()
                .map_err(|_| Self::COMPLAINT)
                .and_then(Self::try_from),
        }
    }

    pub(crate) fn value(self) -> u8 {
        self.0
    }
}

impl TryFrom<i64> for Percent {
    type Error = Complaint;

    fn try_from(number: i64) -> Result<Self, Complaint> {
        u8::try_from(number)
            .ok()
            .filter(|number| *number <= Self::FULL.0)
            .map(Self)
            .ok_or(Self::COMPLAINT)
    }
}

impl From<Percent> for u8 {
    fn from(percent: Percent) -> Self {
        percent.0
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

macro_rules! text {
    ($type:ident) => {
        impl TryFrom<String> for $type {
            type Error = Complaint;

            fn try_from(text: String) -> Result<Self, Complaint> {
                Self::parse(&text)
            }
        }

        impl From<$type> for String {
            fn from(field: $type) -> Self {
                field.0
            }
        }

        impl fmt::Display for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

text!(Title);
text!(Description);

/// Every field that was refused, each with its message: people want to mend a form in one go.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(crate) struct FieldErrors(BTreeMap<String, Complaint>);

impl FieldErrors {
    /// What is wrong with one field only.
    pub(crate) fn one(field: &str, complaint: Complaint) -> Self {
        let mut errors = Self::default();
        errors.add(field, complaint);
        errors
    }

    /// The message for a field, for the template.
    pub(crate) fn of(&self, field: &str) -> Option<Complaint> {
        self.0.get(field).copied()
    }

    pub(crate) fn add(&mut self, field: &str, complaint: Complaint) {
        self.0.insert(field.to_owned(), complaint);
    }

    /// Notes the complaint, or hands the value on.
    pub(super) fn keep<T>(&mut self, field: &str, parsed: Result<T, Complaint>) -> Option<T> {
        parsed.map_err(|complaint| self.add(field, complaint)).ok()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
