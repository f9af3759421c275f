//! The commands that manage users, sessions and keys.

use std::fs;
use std::path::Path;

use crate::program::{CONFIG, Outcome, run, run_with_input};

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cloakroom.toml"), CONFIG).unwrap();
    folder
}

fn succeed(folder: &Path, arguments: &[&str]) -> Outcome {
    let outcome = run(folder, arguments);
    assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.err);
    outcome
}

const ADD: [&str; 5] = ["user", "add", "grace", "--email", "grace@example.com"];

#[test]
fn a_user_is_added_with_a_password_that_is_shown_once() {
    let folder = folder();
    let added = succeed(folder.path(), &ADD);
    assert!(added.out.contains("password: "), "{}", added.out);
    let password = added.out.lines().next().unwrap().split(' ').nth(1).unwrap();
    let listed = succeed(folder.path(), &["user", "list"]);
    assert!(listed.out.contains("grace@example.com"), "{}", listed.out);
    assert!(!listed.out.contains(password));
    // CF-02
    assert!(!added.err.contains(password), "the log has no password");
}

#[test]
fn a_password_comes_from_standard_input_and_a_weak_one_is_refused() {
    let folder = folder();
    let arguments = [&ADD[..], &["--password-stdin"]].concat();
    let weak = run_with_input(folder.path(), &arguments, "password1\n");
    assert_eq!(weak.code, Some(1));
    assert!(
        weak.err.lines().last().unwrap().starts_with("error: "),
        "{}",
        weak.err
    );
    let strong = run_with_input(folder.path(), &arguments, "seven grey herons over Malmo\n");
    assert_eq!(strong.code, Some(0), "{}", strong.err);
    assert!(
        !strong.out.contains("herons"),
        "a given password is not repeated"
    );
}

#[test]
fn roles_are_granted_and_taken_away() {
    let folder = folder();
    succeed(folder.path(), &ADD);
    let has_role = || {
        succeed(folder.path(), &["user", "list"])
            .out
            .contains("editor")
    };
    succeed(folder.path(), &["user", "grant", "grace", "editor"]);
    assert!(has_role());
    succeed(
        folder.path(),
        &["user", "revoke", "grace@example.com", "editor"],
    );
    assert!(!has_role());
}

#[test]
fn an_account_is_disabled_enabled_and_deleted() {
    let folder = folder();
    succeed(folder.path(), &ADD);
    succeed(folder.path(), &["user", "disable", "grace"]);
    assert!(
        succeed(folder.path(), &["user", "list"])
            .out
            .contains("disabled")
    );
    succeed(folder.path(), &["user", "enable", "grace"]);
    assert!(
        !succeed(folder.path(), &["user", "list"])
            .out
            .contains("disabled")
    );
    succeed(folder.path(), &["user", "delete", "grace"]);
    assert_eq!(succeed(folder.path(), &["user", "list"]).out, "");
}

#[test]
fn what_is_not_there_or_is_taken_ends_with_code_1() {
    let folder = folder();
    succeed(folder.path(), &ADD);
    assert_eq!(run(folder.path(), &ADD).code, Some(1));
    assert_eq!(
        run(folder.path(), &["user", "disable", "nobody"]).code,
        Some(1)
    );
    assert_eq!(
        run(folder.path(), &["session", "revoke", "nosuchsession"]).code,
        Some(1)
    );
    assert_eq!(
        run(folder.path(), &["session", "revoke", "--user", "nobody"]).code,
        Some(1)
    );
}

#[test]
fn sessions_of_nobody_are_an_empty_list_and_ending_all_of_them_is_no_error() {
    let folder = folder();
    succeed(folder.path(), &ADD);
    assert_eq!(
        succeed(folder.path(), &["session", "list", "--user", "grace"]).out,
        ""
    );
    assert_eq!(
        succeed(folder.path(), &["session", "revoke", "--all"]).out,
        "ended 0\n"
    );
    assert_eq!(
        run(folder.path(), &["session", "revoke"]).code,
        Some(2),
        "which one has to be said"
    );
}

#[test]
fn a_rotation_adds_a_key_to_the_ring_and_no_key_is_ever_shown() {
    let folder = folder();
    succeed(folder.path(), &["keys", "rotate"]);
    let rotated = succeed(folder.path(), &["keys", "rotate", "--ring", "assertion"]);
    let lines = |ring: &str| {
        rotated
            .out
            .lines()
            .filter(|line| line.starts_with(ring))
            .count()
    };
    assert_eq!((lines("assertion"), lines("sealing")), (3, 2));
    assert!(rotated.out.contains("takes over in"), "{}", rotated.out);
    // CF-02
    let file = fs::read_to_string(folder.path().join("data/keys.json")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&file).unwrap();
    let listed = succeed(folder.path(), &["keys", "list"]);
    let mut keys = 0;
    for ring in document["rings"].as_object().unwrap().values() {
        for key in ring.as_array().unwrap() {
            let secret = key["key"].as_str().unwrap();
            assert!(!listed.out.contains(secret) && !rotated.err.contains(secret));
            keys += 1;
        }
    }
    assert_eq!(keys, 13);
}

#[test]
fn a_command_that_does_not_know_where_to_work_asks() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = run(folder.path(), &["user", "list"]);
    assert_eq!(outcome.code, Some(2));
    assert!(outcome.err.contains("--data"), "{}", outcome.err);
}
