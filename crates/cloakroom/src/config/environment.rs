//! Environment variables: `CLOAKROOM__SECTION__KEY` is laid over the file's `section.key`.
//!
//! The variables are taken once, as a value, so that a test can bring its own.

use std::collections::BTreeMap;

use super::problem::{Findings, Place, Problem};
use super::tree::{self, Item, Table, Value};

const PREFIX: &str = "CLOAKROOM__";

/// The variables of the process, or of a test.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process. What is not text is none of ours.
    pub fn of_process() -> Self {
        let text = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
            Some((name.into_string().ok()?, value.into_string().ok()?))
        };
        Self(std::env::vars_os().filter_map(text).collect())
    }

    /// The value of one variable.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Puts each of our variables in the place of the key that it names. Unknown ones are found with the
    /// file's own unknown keys.
    pub(super) fn lay_over(&self, root: &mut Table, findings: &Findings) {
        for (name, text) in &self.0 {
            let Some(path) = name.strip_prefix(PREFIX) else {
                continue;
            };
            let path: Vec<String> = path.split("__").map(str::to_ascii_lowercase).collect();
            if !put(root, &path, tree::parse_variable(name, text)) {
                let place = Place::Variable(name.clone());
                findings.add(
                    Problem::new(
                        &place,
                        "this variable lies beneath something that is no table",
                    )
                    .expected("a name such as CLOAKROOM__SERVER__LISTEN")
                    .cure("lists of tables, such as routes, can only be written in the file"),
                );
            }
        }
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}

/// Stores `item` at the end of `path`, making the tables on the way; `false` where something else is in the way.
fn put(table: &mut Table, path: &[String], item: Item) -> bool {
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    if rest.is_empty() {
        table.insert(first.clone(), item);
        return true;
    }
    let inner = table.entry(first.clone()).or_insert_with(|| Item {
        place: item.place.clone(),
        key: item.key.clone(),
        value: Value::Table(Table::new()),
    });
    match &mut inner.value {
        Value::Table(inner) => put(inner, rest, item),
        _ => false,
    }
}
