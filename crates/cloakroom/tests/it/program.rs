//! Runs the built binary: to its end, or as a server that is ended with the test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};

/// What a command left behind.
pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

/// The binary with nothing of this process's environment that it would listen to.
pub(crate) fn command(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloakroom"));
    command
        .current_dir(folder)
        .args(arguments)
        .stdin(Stdio::null());
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CLOAKROOM") || name == "RUST_LOG" {
            command.env_remove(name);
        }
    }
    command
}

/// Runs a command to its end.
pub(crate) fn run(folder: &Path, arguments: &[&str]) -> Outcome {
    outcome(command(folder, arguments).output().unwrap())
}

/// The same with something on standard input.
pub(crate) fn run_with_input(folder: &Path, arguments: &[&str], input: &str) -> Outcome {
    let mut command = command(folder, arguments);
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    outcome(child.wait_with_output().unwrap())
}

fn outcome(output: std::process::Output) -> Outcome {
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Outcome {
        code: output.status.code(),
        out: text(output.stdout),
        err: text(output.stderr),
    }
}

/// A running server.
pub(crate) struct Server {
    child: Child,
    log: BufReader<ChildStderr>,
    /// Where the gateway listens.
    pub(crate) port: u16,
    /// Where health and metrics are.
    pub(crate) admin_port: u16,
}

impl Server {
    /// Starts `serve` with a configuration whose ports are any free ones, and waits until it listens.
    pub(crate) fn start(folder: &Path) -> Self {
        Self::start_with(folder, CONFIG)
    }

    /// The same with another configuration.
    pub(crate) fn start_with(folder: &Path, config: &str) -> Self {
        std::fs::write(folder.join("cloakroom.toml"), config).unwrap();
        let mut command = command(folder, &["serve"]);
        let piped = command.stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = piped.spawn().unwrap();
        let log = BufReader::new(child.stderr.take().unwrap());
        let mut server = Self {
            child,
            log,
            port: 0,
            admin_port: 0,
        };
        server.wait_until_it_listens();
        server
    }

    fn wait_until_it_listens(&mut self) {
        let mut seen = String::new();
        while !seen.contains("\"message\":\"listening\"") {
            let read = self.log.read_line(&mut seen).unwrap();
            assert!(read > 0, "the server ended before it listened:\n{seen}");
        }
        let line: serde_json::Value = serde_json::from_str(seen.lines().last().unwrap()).unwrap();
        let port = |field: &str| u16::try_from(line[field].as_u64().unwrap()).unwrap();
        (self.port, self.admin_port) = (port("port"), port("admin_port"));
    }

    pub(crate) fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    /// Asks the configured site for a page and returns the whole answer.
    pub(crate) fn get(&self, path: &str) -> String {
        self.send(&format!("GET {path}"), "", "")
    }

    /// Asks the admin listener.
    pub(crate) fn ask_admin(&self, path: &str) -> String {
        send_to(
            SocketAddr::from(([127, 0, 0, 1], self.admin_port)),
            &format!("GET {path}"),
            "",
            "",
        )
    }

    /// Sends a request with further header lines and a body, and returns the whole answer.
    pub(crate) fn send(&self, what: &str, headers: &str, body: &str) -> String {
        send_to(self.address(), what, headers, body)
    }

    /// Sends the signal by which service managers end a process.
    pub(crate) fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args(["-TERM", &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for the end; the exit code and what was logged since the start.
    pub(crate) fn wait(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.log.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

fn send_to(address: SocketAddr, what: &str, headers: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    let request = format!(
        "{what} HTTP/1.1\r\nHost: localhost:8080\r\nConnection: close\r\n\
             Content-Length: {length}\r\n{headers}\r\n{body}"
    );
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

impl Drop for Server {
    fn drop(&mut self) {
        // Gone already, where the test waited for it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Listens on any free ports and forwards to nobody; the public URL is only compared with the Host header.
pub(crate) const CONFIG: &str = r#"
data_dir = "data"
[server]
listen = "127.0.0.1:0"
public_url = "http://localhost:8080"
[provider]
kind = "builtin"
[identity]
listen = "127.0.0.1:0"
[admin]
listen = "127.0.0.1:0"
[[upstream]]
name = "app"
url = "http://127.0.0.1:9"
[[route]]
path = "/**"
access = "required"
"#;

/// A port that somebody else has for as long as the listener lives.
pub(crate) fn taken_port() -> (TcpListener, u16) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (listener, port)
}
