use std::path::PathBuf;

use super::{Source, is_test_file};

fn source(path: &str, lines: &[&str]) -> Source {
    Source {
        path: PathBuf::from(path),
        text: lines.join("\n"),
    }
}

#[test]
fn the_test_module_at_the_end_of_a_file_is_apart() {
    let file = source(
        "crates/a/src/b.rs",
        &["fn b() {}", "", "#[cfg(test)]", "mod tests {", "}"],
    );
    assert_eq!(file.tests_begin(), 2);
}

#[test]
fn a_test_module_in_a_file_of_its_own_cuts_nothing_off() {
    let file = source(
        "crates/a/src/b.rs",
        &["#[cfg(test)]", "mod tests;", "fn b() {}"],
    );
    assert_eq!(file.tests_begin(), 3);
}

#[test]
fn a_test_file_is_all_test() {
    let file = source("crates/a/src/b/tests.rs", &["fn b() {}"]);
    assert_eq!(file.tests_begin(), 0);
}

#[test]
fn folders_and_names_tell_test_files_from_the_product() {
    for path in [
        "crates/a/tests/world/main.rs",
        "e2e/flows.test.mjs",
        "sdk/python/test_verify.py",
    ] {
        assert!(is_test_file(&PathBuf::from(path)), "{path}");
    }
    for path in [
        "crates/testkit/src/lib.rs",
        "crates/gateway/src/route.rs",
        "xtask/src/test.rs",
    ] {
        assert!(!is_test_file(&PathBuf::from(path)), "{path}");
    }
}
