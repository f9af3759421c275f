//! Reads the keys of one table: each method takes a value of one kind, and reports what is of another.

use std::fmt::Display;
use std::time::Duration;

use super::problem::{Findings, Place, Problem};
use super::tree::{Item, Table, Value};
use super::{schema, units};

/// A value and where it was written.
#[derive(Clone, Debug)]
pub(crate) struct Placed<T> {
    /// The value.
    pub(crate) value: T,
    /// Where it stands.
    pub(crate) place: Place,
}

/// One table of the configuration; absent ones have no keys.
#[derive(Clone, Copy)]
pub(crate) struct Reader<'a> {
    name: &'static str,
    table: Option<&'a Table>,
    findings: &'a Findings,
}

impl<'a> Reader<'a> {
    /// Reads the table of this name, with dots where it lies in another.
    pub(crate) fn new(root: &'a Table, name: &'static str, findings: &'a Findings) -> Self {
        let mut table = Some(root);
        for part in name.split('.').filter(|part| !part.is_empty()) {
            table = table.and_then(|table| table.get(part)).and_then(as_table);
        }
        Self {
            name,
            table,
            findings,
        }
    }

    /// Reads each table of a list of tables, with the place of the table itself.
    pub(crate) fn each(
        root: &'a Table,
        name: &'static str,
        findings: &'a Findings,
    ) -> Vec<(Self, Place)> {
        let Some(Item {
            value: Value::List(list),
            ..
        }) = root.get(name)
        else {
            return Vec::new();
        };
        let tables = list.iter().filter_map(|item| {
            Some((
                Self {
                    name,
                    table: Some(as_table(item)?),
                    findings,
                },
                item.place.clone(),
            ))
        });
        tables.collect()
    }

    /// Reports something about a value of this table.
    pub(crate) fn report(&self, problem: Problem) {
        self.findings.add(problem);
    }

    /// The value as it was written.
    pub(crate) fn item(&self, key: &str) -> Option<&'a Item> {
        self.table?.get(key)
    }

    /// Where the key's value stands.
    pub(crate) fn place(&self, key: &str) -> Place {
        self.item(key)
            .map_or(Place::Nowhere, |item| item.place.clone())
    }

    /// Text.
    pub(crate) fn text(&self, key: &str) -> Option<Placed<&'a str>> {
        let item = self.item(key)?;
        match &item.value {
            Value::Text(text) => Some(Placed {
                value: text,
                place: item.place.clone(),
            }),
            _ => self.refuse(key, item, "text in quotes"),
        }
    }

    /// Text that has to be there. `table` is where the absence is shown.
    pub(crate) fn required(&self, key: &str, table: &Place) -> Option<Placed<&'a str>> {
        if self.item(key).is_none() {
            let takes = takes(self.name, key);
            let title = format!("`{}.{key}` is missing", self.name);
            let problem = Problem::new(table, title).expected(format!("needs `{key} = …`"));
            self.report(problem.cure(format!("add `{key}`: {takes}")));
        }
        self.text(key)
    }

    /// Text that a parser of the value's owner understands.
    pub(crate) fn parsed<T, E: Display>(
        &self,
        key: &str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Option<Placed<T>> {
        let Placed { value, place } = self.text(key)?;
        match parse(value) {
            Ok(value) => Some(Placed { value, place }),
            Err(error) => {
                let title = format!("`{}` cannot be used", self.path(key));
                self.report(
                    Problem::new(&place, title)
                        .expected(error.to_string())
                        .cure(self.cure(key)),
                );
                None
            }
        }
    }

    /// One of a few words.
    pub(crate) fn choice<T: Copy>(&self, key: &str, known: &[(&str, T)]) -> Option<T> {
        let Placed { value, place } = self.text(key)?;
        let found = known
            .iter()
            .find(|(word, _)| *word == value)
            .map(|(_, meaning)| *meaning);
        if found.is_none() {
            let words: Vec<String> = known
                .iter()
                .map(|(word, _)| format!("\"{word}\""))
                .collect();
            let title = format!(
                "`{}` is \"{value}\", which this version does not know",
                self.path(key)
            );
            let expected = format!("{} is supported by this version", words.join(" or "));
            self.report(
                Problem::new(&place, title)
                    .expected(expected)
                    .cure(self.cure(key)),
            );
        }
        found
    }

    /// A duration.
    pub(crate) fn duration(&self, key: &str) -> Option<Duration> {
        let parse = |text: &str| {
            units::duration(text).ok_or("a whole number and s, m, h or d, such as \"15m\"")
        };
        self.parsed(key, parse).map(|placed| placed.value)
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&self, key: &str) -> Option<bool> {
        let item = self.item(key)?;
        match item.value {
            Value::Boolean(yes) => Some(yes),
            _ => self.refuse(key, item, "true or false, without quotes"),
        }
    }

    /// A whole number, not negative.
    pub(crate) fn number(&self, key: &str) -> Option<u32> {
        let item = self.item(key)?;
        match item.value {
            Value::Integer(number) if u32::try_from(number).is_ok() => u32::try_from(number).ok(),
            _ => self.refuse(key, item, "a whole number, without quotes"),
        }
    }

    /// A list of texts; empty if there is none.
    pub(crate) fn list(&self, key: &str) -> Vec<Placed<&'a str>> {
        let Some(item) = self.item(key) else {
            return Vec::new();
        };
        let Value::List(list) = &item.value else {
            self.refuse::<()>(key, item, "a list such as [\"a\", \"b\"]");
            return Vec::new();
        };
        let text = |one: &'a Item| match &one.value {
            Value::Text(text) => Some(Placed {
                value: text.as_str(),
                place: one.place.clone(),
            }),
            _ => self.refuse(key, one, "text in quotes"),
        };
        list.iter().filter_map(text).collect()
    }

    fn refuse<T>(&self, key: &str, item: &Item, expected: &str) -> Option<T> {
        let title = format!("`{}` is {}", self.path(key), item.kind());
        self.report(
            Problem::new(&item.place, title)
                .expected(expected)
                .cure(self.cure(key)),
        );
        None
    }

    /// The key with its table.
    pub(crate) fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    fn cure(&self, key: &str) -> String {
        format!("`{}` takes {}", self.path(key), takes(self.name, key))
    }
}

fn as_table(item: &Item) -> Option<&Table> {
    match &item.value {
        Value::Table(table) => Some(table),
        _ => None,
    }
}

fn takes(section: &str, key: &str) -> &'static str {
    let keys = schema::section(section).map_or(&[][..], |section| section.keys);
    keys.iter()
        .find(|known| known.name == key)
        .map_or("", |known| known.takes)
}
