//! Starts that are refused: a port in use, a data directory that cannot be used, keys that others can read.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::program::{CONFIG, Server, run, taken_port};

#[test]
fn a_port_in_use_ends_with_code_3_and_one_line_with_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    let (_taken, port) = taken_port();
    let text = CONFIG.replacen("127.0.0.1:0", &format!("127.0.0.1:{port}"), 1);
    fs::write(folder.path().join("cloakroom.toml"), text).unwrap();
    let outcome = run(folder.path(), &["serve"]);
    assert_eq!(outcome.code, Some(3), "{}", outcome.err);
    assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
    assert!(
        outcome.err.contains(&format!("port {port} is in use")),
        "{}",
        outcome.err
    );
    assert!(outcome.err.contains("[server] listen"), "{}", outcome.err);
}

#[test]
fn a_demo_whose_port_is_taken_ends_with_code_3() {
    let folder = tempfile::tempdir().unwrap();
    let (_taken, port) = taken_port();
    let outcome = run(folder.path(), &["demo", "--port", &port.to_string()]);
    assert_eq!(outcome.code, Some(3), "{}", outcome.err);
    assert!(outcome.err.contains("--port"), "{}", outcome.err);
}

#[test]
fn a_data_directory_that_cannot_be_written_ends_with_code_4_and_one_line() {
    let folder = tempfile::tempdir().unwrap();
    // A file where the folder should be: unwritable for everybody, root included.
    fs::write(folder.path().join("data"), "").unwrap();
    fs::write(folder.path().join("cloakroom.toml"), CONFIG).unwrap();
    for arguments in [&["serve"][..], &["user", "list"], &["keys", "rotate"]] {
        let outcome = run(folder.path(), arguments);
        assert_eq!(outcome.code, Some(4), "{arguments:?}: {}", outcome.err);
        assert_eq!(outcome.err.lines().count(), 1, "{}", outcome.err);
        assert!(
            outcome.err.contains("cannot write to the data directory"),
            "{}",
            outcome.err
        );
    }
}

#[test]
fn a_data_directory_in_use_ends_with_code_4() {
    let folder = tempfile::tempdir().unwrap();
    let _first = Server::start(folder.path());
    let outcome = run(folder.path(), &["serve"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.err);
    assert!(
        outcome.err.contains("in use by another running cloakroom"),
        "{}",
        outcome.err
    );
}

// CF-06
#[test]
fn a_key_file_that_others_can_read_ends_with_code_4_and_the_cure() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("cloakroom.toml"), CONFIG).unwrap();
    assert_eq!(run(folder.path(), &["keys", "rotate"]).code, Some(0));
    let keys = folder.path().join("data/keys.json");
    fs::set_permissions(&keys, fs::Permissions::from_mode(0o644)).unwrap();
    let outcome = run(folder.path(), &["serve"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.err);
    assert!(outcome.err.contains("chmod 600"), "{}", outcome.err);
}
