//! Which keys there are, and the refusal of all others with the one that was meant.

mod keys;

use keys::LATER;
pub(crate) use keys::SECTIONS;

use super::problem::{Findings, Place, Problem};
use super::suggest;
use super::tree::{Item, Table, Value};

/// One key.
pub(crate) struct Key {
    /// Its name.
    pub(crate) name: &'static str,
    /// What may be written.
    pub(crate) takes: &'static str,
    /// What holds where it is absent; empty where it must be written.
    pub(crate) default: &'static str,
    /// What it does.
    pub(crate) about: &'static str,
}

/// One table of keys.
pub(crate) struct Section {
    /// Its name, with dots where it lies in another.
    pub(crate) name: &'static str,
    /// Whether it may stand several times (`[[name]]`).
    pub(crate) repeated: bool,
    /// What it is for.
    pub(crate) about: &'static str,
    /// Its keys.
    pub(crate) keys: &'static [Key],
}

/// The section with this name.
pub(crate) fn section(name: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.name == name)
}

/// Reports every key and table that does not exist.
pub(crate) fn check(root: &Table, findings: &Findings) {
    check_table("", root, findings);
}

fn check_table(name: &str, table: &Table, findings: &Findings) {
    for (key, item) in table {
        let path = join(name, key);
        if LATER.contains(&path.as_str()) {
            let title = format!("`{path}` is not supported by this version");
            findings.add(
                Problem::new(&item.key, title)
                    .expected("take it out")
                    .cure("docs/reference/configuration.md lists what this version knows"),
            );
        } else if let Some(inner) = section(&path).filter(|_| !key.is_empty()) {
            check_section(inner, item, findings);
        } else if !section(name).is_some_and(|own| own.keys.iter().any(|known| known.name == key)) {
            findings.add(unknown(name, key, &item.key));
        }
    }
}

fn check_section(section: &Section, item: &Item, findings: &Findings) {
    match &item.value {
        Value::Table(table) if !section.repeated => check_table(section.name, table, findings),
        Value::List(list) if section.repeated => {
            for one in list {
                match &one.value {
                    Value::Table(table) => check_table(section.name, table, findings),
                    _ => findings.add(not_a_table(section, one)),
                }
            }
        }
        _ => findings.add(not_a_table(section, item)),
    }
}

fn not_a_table(section: &Section, item: &Item) -> Problem {
    let name = section.name;
    let form = if section.repeated {
        format!("[[{name}]]")
    } else {
        format!("[{name}]")
    };
    let cure = match &item.place {
        Place::Variable(_) if section.repeated => {
            "lists of tables can only be written in the file".into()
        }
        _ => format!("write {form} on a line of its own, and its keys below"),
    };
    Problem::new(&item.place, format!("`{name}` is {}", item.kind()))
        .expected(format!("a table: {form}"))
        .cure(cure)
}

fn unknown(name: &str, key: &str, place: &Place) -> Problem {
    let keys = section(name)
        .into_iter()
        .flat_map(|own| own.keys)
        .map(|known| known.name);
    let tables = SECTIONS.iter().filter_map(|section| {
        let (parent, last) = section.name.rsplit_once('.').unwrap_or(("", section.name));
        (parent == name && !last.is_empty()).then_some(last)
    });
    let known: Vec<&str> = keys.chain(tables).collect();
    let cure = match suggest::closest(key, known.iter().copied()) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    let title = format!("unknown key `{}`", join(name, key));
    Problem::new(place, title)
        .expected("there is no such key")
        .cure(cure)
}

fn join(name: &str, key: &str) -> String {
    if name.is_empty() {
        key.to_owned()
    } else {
        format!("{name}.{key}")
    }
}
