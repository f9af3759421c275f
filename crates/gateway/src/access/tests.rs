//! AU-02, AU-03: what a line holds, and what cannot get into it.

use std::io;

use super::*;

#[derive(Clone, Default)]
struct Sink(Arc<Mutex<Vec<u8>>>);

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn line_of(target: &str) -> serde_json::Value {
    let sink = Sink::default();
    let log = Arc::new(AccessLog::new(Box::new(sink.clone())));
    let arrival = Arrival {
        id: RequestId::new(1, 2),
        now: Timestamp::from_secs(1_000_000),
        since: Duration::ZERO,
        method: Method::GET,
        uri: target.parse().unwrap(),
        client: HeaderValue::from_static("203.0.113.9"),
    };
    let clock = Arc::new(cloakroom_testkit::TestClock::new());
    let mut note = Note::new(arrival, Arc::clone(&log), Arc::new(Meter::new()), clock);
    note.status = 200;
    note.sent(7);
    drop(note);
    log.flush();
    let bytes = sink.0.lock().unwrap().clone();
    assert_eq!(
        String::from_utf8_lossy(&bytes).matches('\n').count(),
        1,
        "one line a request"
    );
    serde_json::from_slice(&bytes).unwrap()
}

#[test]
fn a_line_names_the_request_and_never_its_query() {
    // AU-02
    let line = line_of("/goals?code=secret-code&token=abc");
    assert_eq!(line["path"], "/goals");
    assert_eq!(line["bytes"], 7);
    assert_eq!(line["status"], 200);
    assert!(!line.to_string().contains("secret-code"));
}

#[test]
fn a_path_cannot_forge_a_field() {
    // AU-03
    let line = line_of("/x\",\"status\":\"1");
    assert_eq!(line["path"], "/x\",\"status\":\"1");
    assert_eq!(line["status"], 200);
}
