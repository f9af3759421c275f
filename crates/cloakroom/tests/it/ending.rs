//! A running server: what it answers, what it keeps to itself, and how it ends.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::program::Server;

#[test]
fn a_server_answers_until_it_is_asked_to_end_and_then_ends_with_code_0() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let answer = server.get("/auth/session");
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("\"authenticated\":false"), "{answer}");
    server.terminate();
    let (code, log) = server.wait();
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("\"message\":\"stopped\""), "{log}");
}

#[test]
fn a_request_whose_body_is_still_arriving_is_answered_after_the_signal() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut stream = TcpStream::connect(server.address()).unwrap();
    let body = r#"{"identifier":"nobody","password":"nothing"}"#;
    let (first, second) = body.split_at(10);
    let head = "POST /auth/login HTTP/1.1\r\nHost: localhost:8080\r\nX-Requested-With: test\r\n\
                Content-Type: application/json\r\nExpect: 100-continue\r\n";
    stream
        .write_all(format!("{head}Content-Length: {}\r\n\r\n", body.len()).as_bytes())
        .unwrap();
    // "Continue" says that the handler has begun to read: the request is under way.
    let mut begun = [0; 25];
    stream.read_exact(&mut begun).unwrap();
    stream.write_all(first.as_bytes()).unwrap();
    server.terminate();
    let refused = std::iter::repeat_with(|| TcpStream::connect(server.address()).is_err());
    assert!(
        refused.take(10_000_000).any(|refused| refused),
        "the listener closes"
    );
    stream.write_all(second.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 401"), "{answer}");
    assert_eq!(server.wait().0, Some(0));
}

#[test]
fn a_second_start_finds_what_the_first_one_made() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("data/keys.json");
    let server = Server::start(folder.path());
    let first = std::fs::read_to_string(&keys).unwrap();
    server.terminate();
    assert_eq!(server.wait().0, Some(0));
    let _second = Server::start(folder.path());
    assert_eq!(std::fs::read_to_string(&keys).unwrap(), first);
}

// CF-05
#[test]
fn the_public_listener_has_no_health_and_no_metrics() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    for path in ["/metrics", "/livez", "/readyz"] {
        let answer = server.get(path);
        assert!(answer.starts_with("HTTP/1.1 401"), "{path}: {answer}");
    }
}

// CF-05
#[test]
fn the_admin_listener_tells_health_and_metrics_and_nothing_about_the_program() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    server.get("/auth/session");
    for path in ["/livez", "/readyz"] {
        let answer = server.ask_admin(path);
        assert!(
            answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok\n"),
            "{path}: {answer}"
        );
        assert!(
            !answer.contains(env!("CARGO_PKG_VERSION")),
            "{path}: {answer}"
        );
    }
    let metrics = server.ask_admin("/metrics");
    assert!(metrics.contains("cloakroom_requests_total"), "{metrics}");
    assert!(
        metrics.contains("cloakroom_request_seconds_bucket"),
        "{metrics}"
    );
    assert!(server.ask_admin("/").starts_with("HTTP/1.1 404"));
}
