//! `check`, the exit code of a bad configuration, and what the program prints of itself.

use std::fs;

use crate::program::{self, CONFIG, run};

#[test]
fn a_configuration_in_order_is_shown_with_its_routes() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cloakroom.toml"), CONFIG).unwrap();
    let outcome = run(folder.path(), &["check"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    assert!(outcome.out.contains("/auth/**"), "{}", outcome.out);
    assert!(
        outcome.out.contains("cloakroom.toml is in order"),
        "{}",
        outcome.out
    );
    assert!(!folder.path().join("data").exists(), "check makes nothing");
}

// CF-01
#[test]
fn a_broken_configuration_ends_with_code_2_and_shows_file_line_column_and_cure() {
    let folder = tempfile::tempdir().unwrap();
    let text = CONFIG.replace("public_url", "publik_url");
    fs::write(folder.path().join("cloakroom.toml"), text).unwrap();
    for command in ["check", "serve"] {
        let outcome = run(folder.path(), &[command]);
        assert_eq!(outcome.code, Some(2), "{command}");
        for part in [
            "cloakroom.toml:5:1",
            "publik_url = ",
            "did you mean `public_url`?",
        ] {
            assert!(outcome.err.contains(part), "{part}:\n{}", outcome.err);
        }
    }
    assert!(!folder.path().join("data").exists(), "nothing was started");
}

#[test]
fn a_file_that_is_not_there_ends_with_code_2_and_says_how_to_start_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["serve"]);
    assert_eq!(outcome.code, Some(2));
    assert!(
        outcome.err.contains("cloakroom serve --app"),
        "{}",
        outcome.err
    );
}

#[test]
fn a_mistake_in_a_flag_ends_with_code_2() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["serve", "--app", "localhost:3000", "--provider", "builtin"];
    let outcome = run(folder.path(), &arguments);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("in the flag --app"), "{}", outcome.err);
    assert_eq!(
        run(folder.path(), &["serve", "--protect", "/x"]).code,
        Some(2)
    );
}

#[test]
fn the_environment_is_laid_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cloakroom.toml"), CONFIG).unwrap();
    let mut command = program::command(folder.path(), &["check"]);
    let output = command
        .env("CLOAKROOM__SESSION__IDLE_TIMEOUT", "soon")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let err = String::from_utf8(output.stderr).unwrap();
    assert!(err.contains("CLOAKROOM__SESSION__IDLE_TIMEOUT"), "{err}");
}

#[test]
fn the_program_prints_its_version_its_openapi_document_and_its_reference() {
    let folder = tempfile::tempdir().unwrap();
    let version = run(folder.path(), &["--version"]);
    assert_eq!(
        version.out.trim(),
        concat!("cloakroom ", env!("CARGO_PKG_VERSION"))
    );
    let document: serde_json::Value =
        serde_json::from_str(&run(folder.path(), &["openapi"]).out).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(
        run(folder.path(), &["reference"])
            .out
            .starts_with("# Configuration")
    );
}
