//! `cargo xtask prove`: which security ids this release claims, and which tests name them.
//!
//! It reads test code only (test files, the test module of a file, the conformance suites of the
//! testkit), and takes a comment or a test name that holds the id for the claim of that test. It
//! cannot judge whether the test is a good one: that is for a reader, who finds it by file and line.

use std::collections::BTreeMap;

use anyhow::Result;

use crate::say;
use crate::sources::{self, Source};

/// The ids claimed by this release: the family and its numbers. Left out are what belongs to OIDC
/// logins (LG-02 to 07, 17), to sessions kept in the cookie (CK-05, 06), to mail (ID-06, 07, 16).
const CLAIMED: &[(&str, &[u8])] = &[
    (
        "CK",
        &[1, 2, 3, 4, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19],
    ),
    ("LG", &[1, 8, 9, 10, 11, 12, 13, 14, 15, 16, 18, 19]),
    ("RF", &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("LO", &[1, 2, 3]),
    ("GD", &[1, 2, 3, 4, 5, 6, 7, 8, 9]),
    ("PX", &[5, 7, 8, 9, 10, 11, 12, 13, 14]),
    ("CS", &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]),
    ("TK", &[1, 2, 3, 4, 5, 6]),
    ("ID", &[1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 15]),
    ("CF", &[1, 2, 5, 6]),
    ("AU", &[1, 2, 3, 4, 5, 6]),
];

/// Families whose ids are listed too when a test names one that is not claimed.
const UNCLAIMED_FAMILIES: &[&str] = &["AV", "TL"];

/// Prints every claimed id with its tests, then the ids without one, then what is tested beyond.
pub(crate) fn report() -> Result<()> {
    let named = named_by_tests(&sources::with_endings(&[
        "rs", "mjs", "js", "ts", "tsx", "py",
    ])?);
    let claimed: Vec<String> = CLAIMED
        .iter()
        .flat_map(|(family, numbers)| {
            numbers
                .iter()
                .map(move |number| format!("{family}-{number:02}"))
        })
        .collect();
    let (shown, bare): (Vec<&String>, Vec<&String>) =
        claimed.iter().partition(|id| named.contains_key(*id));
    for id in &shown {
        say::line(&format!(
            "{id}  {}",
            named.get(*id).map(|at| at.join("  ")).unwrap_or_default()
        ));
    }
    for (id, places) in named.iter().filter(|(id, _)| !claimed.contains(id)) {
        say::line(&format!("{id}  (not claimed)  {}", places.join("  ")));
    }
    for id in &bare {
        say::line(&format!("{id}  no test names it"));
    }
    say::line(&format!(
        "{} of {} claimed ids are named by a test",
        shown.len(),
        claimed.len()
    ));
    Ok(())
}

/// Each id with the `file:line`s of the tests that name it.
fn named_by_tests(sources: &[Source]) -> BTreeMap<String, Vec<String>> {
    let mut named: BTreeMap<String, Vec<String>> = BTreeMap::new();
    // This folder speaks about ids without testing them.
    for source in sources
        .iter()
        .filter(|source| !source.path.starts_with("xtask"))
    {
        let conformance = source.path.starts_with("crates/testkit");
        let begin = if conformance { 0 } else { source.tests_begin() };
        for (number, line) in source.text.lines().enumerate().skip(begin) {
            for id in ids_in(line) {
                let place = format!("{}:{}", source.path.display(), number + 1);
                named.entry(id).or_default().push(place);
            }
        }
    }
    named
}

/// The ids in a line: `CK-07` in a comment or a string, `ck_07` in the name of a test.
fn ids_in(line: &str) -> Vec<String> {
    let words = line.split(|letter: char| !letter.is_ascii_alphanumeric());
    let words: Vec<&str> = words.collect();
    let mut ids: Vec<String> = words
        .windows(2)
        .filter_map(|pair| match pair {
            [family, number] => id_of(family, number),
            _ => None,
        })
        .collect();
    ids.dedup();
    ids
}

fn id_of(family: &str, number: &str) -> Option<String> {
    let family = family.to_ascii_uppercase();
    let claimed = CLAIMED.iter().map(|(name, _)| name);
    let known = claimed
        .chain(UNCLAIMED_FAMILIES)
        .any(|name| *name == family);
    let is_number = number.len() == 2 && number.bytes().all(|digit| digit.is_ascii_digit());
    (known && is_number).then(|| format!("{family}-{number}"))
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::{ids_in, named_by_tests};
    use crate::sources::Source;

    #[test]
    fn an_id_is_found_in_a_comment_and_in_the_name_of_a_test() {
        assert_eq!(
            ids_in("    // CK-07, RF-01: cut cookies"),
            ["CK-07", "RF-01"]
        );
        assert_eq!(ids_in("fn gd_04_refuses_encoded_slashes() {"), ["GD-04"]);
        assert_eq!(ids_in("let utf = \"UTF-08\"; // RFC-12, CK-7"), [""; 0]);
    }

    #[test]
    fn an_id_in_the_product_is_no_test_of_it() {
        let text = "// CK-07\nfn open() {}\n#[cfg(test)]\nmod tests {\n    // CK-15\n}";
        let source = Source {
            path: PathBuf::from("crates/gateway/src/session.rs"),
            text: text.to_owned(),
        };
        let named = named_by_tests(&[source]);
        assert_eq!(
            named.into_iter().collect::<Vec<_>>(),
            [(
                "CK-15".to_owned(),
                vec!["crates/gateway/src/session.rs:5".to_owned()]
            )]
        );
    }
}
