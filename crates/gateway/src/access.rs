//! The access log: one line of JSON a request, written when its answer is over.
//!
//! 1. A line never holds a query, a header's value, a cookie, a token or a body: only what is listed in
//!    [`Note`].
//! 2. What a client chose (its path) is escaped, so that it cannot forge a line or a field (AU-03).
//! 3. A sink that does not keep up loses lines, which are counted; it never holds a request up (AU-07).

use std::io::Write;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use cloakroom_core::Timestamp;
use cloakroom_core::ports::Clock;
use http::{HeaderValue, Method, Uri};
use tokio_util::sync::CancellationToken;

use crate::call::RequestId;
use crate::meter::{Meter, Stage};
use crate::shard::Sharded;

/// How much a thread may have waiting before lines are lost.
const MAX_WAITING: usize = 256 * 1024;
/// How often waiting lines are written.
const EVERY: Duration = Duration::from_millis(200);

/// Where access lines go. Lines wait in a buffer of the thread that made them and are written together.
pub struct AccessLog {
    waiting: Sharded<Vec<u8>>,
    sink: Option<Mutex<Box<dyn Write + Send>>>,
}

impl AccessLog {
    /// Writes lines to `sink`.
    pub fn new(sink: Box<dyn Write + Send>) -> Self {
        Self {
            waiting: Sharded::new(),
            sink: Some(Mutex::new(sink)),
        }
    }

    /// Writes none.
    pub fn off() -> Self {
        Self {
            waiting: Sharded::new(),
            sink: None,
        }
    }

    /// Writes what is waiting.
    pub(crate) fn flush(&self) {
        let Some(sink) = &self.sink else { return };
        let mut lines = Vec::new();
        for mut waiting in self.waiting.each() {
            lines.append(&mut waiting);
        }
        if lines.is_empty() {
            return;
        }
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        if sink.write_all(&lines).and_then(|()| sink.flush()).is_err() {
            metrics::counter!("cloakroom_access_lines_lost_total").increment(1);
        }
    }

    /// Writes what is waiting, five times a second, until `stop`.
    pub(crate) async fn run(self: &Arc<Self>, clock: &dyn Clock, stop: CancellationToken) {
        while stop.run_until_cancelled(clock.sleep(EVERY)).await.is_some() {
            let log = Arc::clone(self);
            // A pipe whose reader is slow blocks: not a thread that answers requests.
            if tokio::task::spawn_blocking(move || log.flush())
                .await
                .is_err()
            {
                metrics::counter!("cloakroom_access_lines_lost_total").increment(1);
            }
        }
        self.flush();
    }

    fn push(&self, write: impl FnOnce(&mut Vec<u8>)) {
        if self.sink.is_none() {
            return;
        }
        if let Some(mut waiting) = self.waiting.mine() {
            if waiting.len() < MAX_WAITING {
                write(&mut waiting);
            } else {
                metrics::counter!("cloakroom_access_lines_lost_total").increment(1);
            }
        }
    }
}

/// What one request's line says. Dropping it writes the line and counts the request.
pub(crate) struct Note {
    pub(crate) log: Arc<AccessLog>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) id: RequestId,
    pub(crate) now: Timestamp,
    pub(crate) since: Duration,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    /// The client's address as text.
    pub(crate) client: HeaderValue,
    /// The stage that decided.
    pub(crate) stage: Stage,
    /// Its decision: `ok`, or the code of the refusal.
    pub(crate) outcome: &'static str,
    /// Why, where there is more to say: the reason a session ended.
    pub(crate) reason: &'static str,
    /// The pattern of the rule.
    pub(crate) route: Option<Arc<str>>,
    /// The session's public name.
    pub(crate) session: Option<HeaderValue>,
    pub(crate) status: u16,
    sent: u64,
    broken: bool,
}

/// The beginning of a note, made when a request arrives.
pub(crate) struct Arrival {
    pub(crate) id: RequestId,
    pub(crate) now: Timestamp,
    pub(crate) since: Duration,
    pub(crate) method: Method,
    pub(crate) uri: Uri,
    pub(crate) client: HeaderValue,
}

impl Note {
    /// A note of a request that nobody has decided about yet.
    pub(crate) fn new(
        arrival: Arrival,
        log: Arc<AccessLog>,
        meter: Arc<Meter>,
        clock: Arc<dyn Clock>,
    ) -> Box<Self> {
        Box::new(Self {
            log,
            meter,
            clock,
            id: arrival.id,
            now: arrival.now,
            since: arrival.since,
            method: arrival.method,
            uri: arrival.uri,
            client: arrival.client,
            stage: Stage::Ingress,
            outcome: "ok",
            reason: "",
            route: None,
            session: None,
            status: 0,
            sent: 0,
            broken: false,
        })
    }

    /// Counts bytes of the body.
    pub(crate) fn sent(&mut self, bytes: usize) {
        self.sent = self.sent.saturating_add(bytes as u64);
    }

    /// Remembers that the body did not arrive in one piece.
    pub(crate) fn broken(&mut self) {
        self.broken = true;
    }
}

impl Drop for Note {
    fn drop(&mut self) {
        let took = self.clock.ticks().saturating_sub(self.since);
        self.meter.count(self.stage, self.outcome, took);
        self.log.push(|line| write_line(line, self, took));
    }
}

/// Methods are tokens (RFC 9110 §5.6.2), handles and addresses ours: none has a character that JSON escapes.
fn write_line(line: &mut Vec<u8>, note: &Note, took: Duration) {
    let mut number = itoa::Buffer::new();
    line.extend_from_slice(br#"{"ts":"#);
    line.extend_from_slice(number.format(note.now.as_micros() / 1000).as_bytes());
    line.extend_from_slice(br#","id":""#);
    line.extend_from_slice(note.id.as_bytes());
    line.extend_from_slice(br#"","method":""#);
    line.extend_from_slice(note.method.as_str().as_bytes());
    line.extend_from_slice(br#"","path":""#);
    escape(line, note.uri.path().as_bytes());
    line.extend_from_slice(br#"","status":"#);
    line.extend_from_slice(number.format(note.status).as_bytes());
    line.extend_from_slice(br#","stage":""#);
    line.extend_from_slice(note.stage.as_str().as_bytes());
    line.extend_from_slice(br#"","decision":""#);
    line.extend_from_slice(note.outcome.as_bytes());
    line.push(b'"');
    if !note.reason.is_empty() {
        line.extend_from_slice(br#","reason":""#);
        line.extend_from_slice(note.reason.as_bytes());
        line.push(b'"');
    }
    if let Some(route) = &note.route {
        line.extend_from_slice(br#","route":""#);
        escape(line, route.as_bytes());
        line.push(b'"');
    }
    if let Some(session) = &note.session {
        line.extend_from_slice(br#","session":""#);
        line.extend_from_slice(session.as_bytes());
        line.push(b'"');
    }
    line.extend_from_slice(br#","ip":""#);
    line.extend_from_slice(note.client.as_bytes());
    line.extend_from_slice(br#"","bytes":"#);
    line.extend_from_slice(number.format(note.sent).as_bytes());
    line.extend_from_slice(br#","us":"#);
    let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    line.extend_from_slice(number.format(micros).as_bytes());
    if note.broken {
        line.extend_from_slice(br#","cut":true"#);
    }
    line.extend_from_slice(b"}\n");
}

/// Writes text as the inside of a JSON string. Bytes beyond ASCII cannot be in a request target.
fn escape(line: &mut Vec<u8>, text: &[u8]) {
    const fn is_plain(byte: u8) -> bool {
        matches!(byte, 0x20..0x7f) && byte != b'"' && byte != b'\\'
    }
    // Without a way out of the loop the compiler looks at many bytes at once.
    if text
        .iter()
        .fold(true, |plain, &byte| plain & is_plain(byte))
    {
        line.extend_from_slice(text);
        return;
    }
    for &byte in text {
        match byte {
            b'"' | b'\\' => line.extend_from_slice(&[b'\\', byte]),
            _ if is_plain(byte) => line.push(byte),
            // Writing to a Vec cannot fail.
            _ => drop(write!(line, "\\u{:04x}", u32::from(byte))),
        }
    }
}

#[cfg(test)]
mod tests;
