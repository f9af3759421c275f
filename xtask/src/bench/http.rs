//! A client for one purpose: an exact number of requests over a given number of connections, and
//! the two calls of a login. HTTP/1.1 with declared lengths; anything else is an error here.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

/// Under callgrind a server is some fifty times slower.
const PATIENCE: Duration = Duration::from_secs(60);

/// The request that is measured: where it goes and what it brings.
#[derive(Clone)]
pub(super) struct Call {
    pub(super) port: u16,
    /// What the browser would have in its address bar; the connection goes to 127.0.0.1.
    pub(super) host: String,
    pub(super) cookie: Option<String>,
}

/// What came back.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) headers: Vec<(String, String)>,
    pub(super) body: Vec<u8>,
}

impl Call {
    pub(super) const PATH: &str = "/bench";

    /// Without a cookie.
    pub(super) fn anonymous(port: u16) -> Self {
        Self {
            port,
            host: format!("localhost:{port}"),
            cookie: None,
        }
    }

    /// The headers besides the request line, as all clients of the contest send them.
    pub(super) fn headers(&self) -> Vec<String> {
        let host = format!("Host: {}", self.host);
        let cookie = self
            .cookie
            .as_ref()
            .map(|cookie| format!("Cookie: {cookie}"));
        std::iter::once(host).chain(cookie).collect()
    }

    pub(super) fn get(&self) -> Result<Answer> {
        exchange(&mut self.connect()?, self.request().as_bytes())
    }

    pub(super) fn post_json(&self, path: &str, body: &serde_json::Value) -> Result<Answer> {
        let body = body.to_string();
        let headers = self.headers().join("\r\n");
        let request = format!(
            "POST {path} HTTP/1.1\r\n{headers}\r\nX-Requested-With: bench\r\n\
             Accept: application/json\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        exchange(&mut self.connect()?, request.as_bytes()).with_context(|| format!("POST {path}"))
    }

    /// Sends `rounds` requests over each of `connections`: in each round all are written before
    /// the first answer is read, so that the server sees as many at once.
    pub(super) fn hammer(&self, connections: u32, rounds: u32) -> Result<()> {
        let request = self.request();
        let mut open = (0..connections)
            .map(|_| self.connect())
            .collect::<Result<Vec<_>>>()?;
        for _ in 0..rounds {
            for connection in &mut open {
                connection.get_mut().write_all(request.as_bytes())?;
            }
            for connection in &mut open {
                let answer = read(connection)?;
                if answer.status != 200 {
                    bail!("status {} under load", answer.status);
                }
            }
        }
        Ok(())
    }

    fn request(&self) -> String {
        format!(
            "GET {} HTTP/1.1\r\n{}\r\n\r\n",
            Self::PATH,
            self.headers().join("\r\n")
        )
    }

    fn connect(&self) -> Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

impl Answer {
    /// The first value of a header, by its lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn exchange(connection: &mut BufReader<TcpStream>, request: &[u8]) -> Result<Answer> {
    connection.get_mut().write_all(request)?;
    read(connection)
}

fn read(connection: &mut impl BufRead) -> Result<Answer> {
    let status_line = line(connection)?;
    let status = status_line
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    let status = status.with_context(|| format!("not an HTTP answer: {status_line:?}"))?;
    let mut headers = Vec::new();
    loop {
        let line = line(connection)?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line
            .split_once(':')
            .with_context(|| format!("header {line:?}"))?;
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let mut answer = Answer {
        status,
        headers,
        body: Vec::new(),
    };
    if status != 204 {
        let length = answer
            .header("content-length")
            .context("an answer without Content-Length")?;
        answer.body = vec![0; length.parse().context("Content-Length")?];
        connection.read_exact(&mut answer.body)?;
    }
    Ok(answer)
}

fn line(connection: &mut impl BufRead) -> Result<String> {
    let mut line = String::new();
    if connection.read_line(&mut line)? == 0 {
        bail!("the server closed the connection");
    }
    Ok(line.trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn an_answer_is_read_to_its_declared_end_and_no_further() {
        let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-A: b\r\n\r\nokHTTP/1.1 ";
        let answer = read(&mut bytes).unwrap();
        assert_eq!((answer.status, answer.text().as_str()), (200, "ok"));
        assert_eq!(answer.header("x-a"), Some("b"));
        assert_eq!(bytes, b"HTTP/1.1 ");
    }

    #[test]
    fn an_answer_cut_short_is_an_error() {
        let mut bytes: &[u8] = b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nok";
        assert!(read(&mut bytes).is_err());
    }
}
