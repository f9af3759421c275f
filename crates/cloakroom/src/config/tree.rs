//! The configuration as a tree of values that remember where they were written.
//!
//! A TOML file, environment variables and flags all become the same tree, so that one reader serves them all.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Findings, Place, Problem};

/// A value and its place.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Where the value was written.
    pub(crate) place: Place,
    /// Where its key was written.
    pub(crate) key: Place,
    /// The value.
    pub(crate) value: Value,
}

/// What can stand in a configuration.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    /// A string.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// `true` or `false`.
    Boolean(bool),
    /// A list.
    List(Vec<Item>),
    /// A table.
    Table(Table),
    /// Something that no key of ours takes, by its name in TOML.
    Foreign(&'static str),
}

/// A table; its keys in alphabetical order.
pub(crate) type Table = BTreeMap<String, Item>;

impl Item {
    /// A value from a flag.
    pub(crate) fn from_flag(flag: &'static str, value: Value) -> Self {
        Self {
            place: Place::Flag(flag),
            key: Place::Flag(flag),
            value,
        }
    }

    /// What the value is, for messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match &self.value {
            Value::Text(_) => "text",
            Value::Integer(_) => "a number",
            Value::Boolean(_) => "true or false",
            Value::List(_) => "a list",
            Value::Table(_) => "a table",
            Value::Foreign(kind) => kind,
        }
    }
}

/// Reads TOML. Syntax errors are all reported; what could be read is returned.
pub(crate) fn parse(text: &str, findings: &Findings) -> Table {
    let (table, errors) = DeTable::parse_recoverable(text);
    for error in &errors {
        let place = error.span().map_or(Place::Nowhere, Place::File);
        findings.add(
            Problem::new(&place, "this is not TOML")
                .expected(error.message())
                .cure("see https://toml.io for the format of the file"),
        );
    }
    entries(table.get_ref())
}

/// The value of an environment variable: a list, a number or a boolean where it looks like one in TOML, and
/// otherwise plain text, without quotes.
pub(crate) fn parse_variable(name: &str, text: &str) -> Item {
    let place = Place::Variable(name.to_owned());
    let value = match DeValue::parse(text) {
        Ok(parsed) if !parsed.get_ref().is_table() && !parsed.get_ref().is_datetime() => {
            scalar(parsed.get_ref())
        }
        _ => Value::Text(text.to_owned()),
    };
    let mut item = Item {
        place: place.clone(),
        key: place.clone(),
        value,
    };
    move_to(&mut item, &place);
    item
}

/// The ranges inside a variable's value mean nothing to the reader: the variable itself is the place.
fn move_to(item: &mut Item, place: &Place) {
    item.place = place.clone();
    item.key = place.clone();
    if let Value::List(list) = &mut item.value {
        for inner in list {
            move_to(inner, place);
        }
    }
}

fn entries(table: &DeTable<'_>) -> Table {
    let entry = |(key, value): (&Spanned<_>, &Spanned<DeValue<'_>>)| {
        let key: &Spanned<std::borrow::Cow<'_, str>> = key;
        let item = Item {
            place: Place::File(value.span()),
            key: Place::File(key.span()),
            value: scalar(value.get_ref()),
        };
        (key.get_ref().clone().into_owned(), item)
    };
    table.iter().map(entry).collect()
}

fn scalar(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::Text(text.clone().into_owned()),
        DeValue::Boolean(yes) => Value::Boolean(*yes),
        DeValue::Integer(digits) => {
            let parsed = i64::from_str_radix(digits.as_str(), digits.radix());
            parsed.map_or(Value::Foreign("a number out of range"), Value::Integer)
        }
        DeValue::Float(_) => Value::Foreign("a number with a fraction"),
        DeValue::Datetime(_) => Value::Foreign("a date"),
        DeValue::Array(list) => Value::List(list.iter().map(element).collect()),
        DeValue::Table(table) => Value::Table(entries(table)),
    }
}

fn element(value: &Spanned<DeValue<'_>>) -> Item {
    let place = Place::File(value.span());
    Item {
        key: place.clone(),
        place,
        value: scalar(value.get_ref()),
    }
}
