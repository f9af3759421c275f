//! Attacks on the wire, each beside its accepted twin: what an upstream sees of requests that could mean two things.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;

use crate::program::{CONFIG, Server};

/// An upstream that answers with the head that reached it, once the whole body has.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || answer(stream.unwrap()));
        }
    });
    port
}

fn answer(mut stream: TcpStream) {
    let mut seen = Vec::new();
    let mut byte = [0];
    let ended = |seen: &[u8]| {
        let chunked = seen.windows(7).any(|part| part == b"chunked");
        seen.ends_with(if chunked {
            b"\r\n0\r\n\r\n"
        } else {
            b"\r\n\r\n"
        })
    };
    while !ended(&seen) {
        match stream.read(&mut byte) {
            Ok(1) => seen.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8(seen).unwrap();
    let head = head.split("\r\n\r\n").next().unwrap_or_default();
    let switch = head.contains("upgrade: websocket");
    let status = if switch {
        "101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: websocket".to_owned()
    } else {
        format!("200 OK\r\nContent-Length: {}", head.len())
    };
    let body = if switch { "" } else { head };
    let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n{body}");
    // A gateway that has given up on the request is one way for a test to end.
    let _ = stream.write_all(answer.as_bytes());
}

/// A gateway in front of it, for everybody.
fn gateway(folder: &tempfile::TempDir) -> Server {
    let text = CONFIG
        .replace("127.0.0.1:9\"", &format!("127.0.0.1:{}\"", echo()))
        .replace("\"required\"", "\"optional\"");
    Server::start_with(folder.path(), &text)
}

/// Sends bytes as they are, and reads the answer up to its status line.
fn status(server: &Server, request: &str) -> String {
    let mut stream = TcpStream::connect(server.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut line = [0; 12];
    stream.read_exact(&mut line).unwrap();
    String::from_utf8(line.to_vec()).unwrap()
}

const HOST: &str = "Host: localhost:8080\r\nX-Requested-With: a-test\r\n";

#[test]
fn a_body_that_is_malformed_is_its_senders_fault_and_not_the_upstreams() {
    // PX-06
    let folder = tempfile::tempdir().unwrap();
    let server = gateway(&folder);
    let post = |body: &str| {
        let chunked = "Transfer-Encoding: chunked\r\n\r\n";
        status(
            &server,
            &format!("POST /x HTTP/1.1\r\n{HOST}{chunked}{body}"),
        )
    };
    assert_eq!(post("5\r\nhello\r\n0\r\n\r\n"), "HTTP/1.1 200");
    for malformed in [
        "5\r\nhelloXX0\r\n\r\n",
        "-5\r\nhello\r\n",
        "fffffffffffffffff\r\n",
    ] {
        assert_eq!(post(malformed), "HTTP/1.1 400", "{malformed:?}");
    }
}

#[test]
fn http2_is_never_spoken_through_a_tunnel() {
    // PX-15: requests in it would be judged by no rule
    let folder = tempfile::tempdir().unwrap();
    let server = gateway(&folder);
    let switch = |protocol: &str| {
        let asked = format!("Connection: Upgrade, HTTP2-Settings\r\nUpgrade: {protocol}\r\n");
        let origin = "Origin: http://localhost:8080\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n";
        status(
            &server,
            &format!("GET /x HTTP/1.1\r\n{HOST}{asked}{origin}\r\n"),
        )
    };
    assert_eq!(switch("websocket"), "HTTP/1.1 101");
    assert_eq!(switch("h2c"), "HTTP/1.1 200");
    let seen = server.send("GET /x", "Connection: Upgrade\r\nUpgrade: h2c\r\n", "");
    assert!(!seen.contains("h2c"), "{seen}");
}
