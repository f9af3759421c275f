//! The demo's data, as the other commands meet it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::program::{CONFIG, command, run};

/// Starts a demo on free ports, reads its screen and ends it.
fn screen(folder: &std::path::Path) -> String {
    screen_of(command(folder, &["demo", "--port", "0"]))
}

fn screen_of(mut demo: std::process::Command) -> String {
    let mut child = demo
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut text = String::new();
    for line in BufReader::new(child.stdout.take().unwrap()).lines() {
        let line = line.unwrap();
        text.push_str(&line);
        text.push('\n');
        if line.contains("Ctrl-C") {
            break;
        }
    }
    child.kill().unwrap();
    child.wait().unwrap();
    text
}

#[test]
fn the_demo_says_where_to_go_and_as_whom_and_a_second_start_keeps_its_users() {
    let folder = tempfile::tempdir().unwrap();
    let first = screen(folder.path());
    assert!(first.contains("http://localhost:"), "{first}");
    assert!(first.contains("password: "), "{first}");
    let data = ["--data", "cloakroom-data"];
    let users = || run(folder.path(), &[&["user", "list"][..], &data].concat()).out;
    let before = users();
    assert!(
        before.contains("ada@example.com") && before.contains("bob@example.com"),
        "{before}"
    );
    let keys = std::fs::read(folder.path().join("cloakroom-data/keys.json")).unwrap();
    let second = screen(folder.path());
    assert_eq!(users(), before);
    assert_eq!(
        std::fs::read(folder.path().join("cloakroom-data/keys.json")).unwrap(),
        keys
    );
    let password = |text: &str| {
        text.split("password: ")
            .nth(1)
            .map(|rest| rest.lines().next().unwrap().to_owned())
    };
    assert_ne!(
        password(&first),
        password(&second),
        "each start has a password of its own"
    );
    let ignored = std::fs::read_to_string(folder.path().join("cloakroom-data/.gitignore")).unwrap();
    assert_eq!(ignored, "*\n");
}

#[test]
fn the_demos_password_is_the_operators_choice_however_weak() {
    let folder = tempfile::tempdir().unwrap();
    for password in ["secret", "another"] {
        let mut demo = command(folder.path(), &["demo", "--port", "0"]);
        demo.env("CLOAKROOM_DEMO_PASSWORD", password);
        let screen = screen_of(demo);
        assert!(
            screen.contains(&format!("password: {password}")),
            "{screen}"
        );
    }
}

#[test]
fn serve_refuses_the_data_of_a_demo() {
    let folder = tempfile::tempdir().unwrap();
    screen(folder.path());
    let text = CONFIG.replace("data_dir = \"data\"", "data_dir = \"cloakroom-data\"");
    std::fs::write(folder.path().join("cloakroom.toml"), text).unwrap();
    let outcome = run(folder.path(), &["serve"]);
    assert_eq!(outcome.code, Some(4), "{}", outcome.err);
    assert!(outcome.err.contains("belongs to a demo"), "{}", outcome.err);
}
