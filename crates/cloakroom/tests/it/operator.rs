//! What an operator does on the command line while the server runs, and that the server hears of it.

use std::path::Path;

use crate::program::{Server, run, run_with_input};

const PASSWORD: &str = "seven grey herons over Malmo";

/// A running server, a user of it, and the cookie of their session.
fn logged_in(folder: &Path) -> (Server, String) {
    let server = Server::start(folder);
    let add = [
        "user",
        "add",
        "grace",
        "--email",
        "grace@example.com",
        "--password-stdin",
    ];
    assert_eq!(run_with_input(folder, &add, PASSWORD).code, Some(0));
    let body = format!(r#"{{"identifier":"grace","password":"{PASSWORD}"}}"#);
    let headers = "X-Requested-With: test\r\nContent-Type: application/json\r\n";
    let answer = server.send("POST /auth/login", headers, &body);
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let cookie = answer.split("set-cookie: cloakroom=").nth(1).unwrap();
    let cookie = format!(
        "Cookie: cloakroom={}\r\n",
        cookie.split(';').next().unwrap()
    );
    assert!(session(&server, &cookie).contains("\"authenticated\":true"));
    (server, cookie)
}

fn session(server: &Server, cookie: &str) -> String {
    server.send("GET /auth/session", cookie, "")
}

/// Asks again until the answer is as it should become. What never becomes so fails the test.
fn until(what: &str, mut ask: impl FnMut() -> bool) {
    assert!(
        std::iter::repeat_with(&mut ask)
            .take(100_000)
            .any(|yes| yes),
        "{what}"
    );
}

#[test]
fn sessions_that_are_ended_on_the_command_line_end_in_the_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let (server, cookie) = logged_in(folder.path());
    let listed = run(folder.path(), &["session", "list", "--user", "grace"]);
    assert_eq!(listed.out.lines().count(), 1, "{}", listed.err);
    let handle = listed.out.split(' ').next().unwrap();
    let ended = run(folder.path(), &["session", "revoke", "--", handle]);
    assert_eq!(ended.out, "ended 1\n", "{}", ended.err);
    until("the session ends", || {
        session(&server, &cookie).contains("revoked_by_admin")
    });
}

#[test]
fn a_user_who_is_disabled_on_the_command_line_is_logged_out_of_the_running_server() {
    let folder = tempfile::tempdir().unwrap();
    let (server, cookie) = logged_in(folder.path());
    let outcome = run(folder.path(), &["user", "disable", "grace"]);
    assert_eq!(outcome.code, Some(0), "{}", outcome.err);
    until("the session ends", || {
        session(&server, &cookie).contains("\"reason\":\"disabled\"")
    });
}

#[test]
fn rotated_keys_are_published_by_the_running_server_and_end_no_session() {
    let folder = tempfile::tempdir().unwrap();
    let (server, cookie) = logged_in(folder.path());
    let published = || server.get("/auth/jwks.json").matches("\"kid\"").count();
    assert_eq!(published(), 1);
    assert_eq!(run(folder.path(), &["keys", "rotate"]).code, Some(0));
    until("the new key is published", || published() == 2);
    assert!(session(&server, &cookie).contains("\"authenticated\":true"));
}
