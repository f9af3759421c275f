//! Whatever is logged: every event of this thread, and every access line.

use std::io::{self, Write};
use std::sync::{Arc, Mutex};

use serde_json::Value;
use tracing::level_filters::LevelFilter;
use tracing::subscriber::DefaultGuard;

/// A place where bytes are written to and looked at.
#[derive(Clone, Default)]
pub(super) struct Sink(Arc<Mutex<Vec<u8>>>);

impl Sink {
    pub(super) fn text(&self) -> String {
        String::from_utf8(self.0.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Sink {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Sees every event of this thread at every level, from when it is made until it is dropped.
pub(super) struct Witness {
    log: Sink,
    _guard: DefaultGuard,
}

impl Witness {
    pub(super) fn begin() -> Self {
        let log = Sink::default();
        let writer = log.clone();
        let subscriber = tracing_subscriber::fmt()
            .json()
            .with_max_level(LevelFilter::TRACE)
            .with_writer(move || writer.clone())
            .finish();
        Self {
            log,
            _guard: tracing::subscriber::set_default(subscriber),
        }
    }

    /// Everything.
    pub(super) fn text(&self) -> String {
        self.log.text()
    }

    /// The fields of every audit event of this name.
    pub(super) fn audited(&self, event: &str) -> Vec<Value> {
        let text = self.text();
        let lines = text
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .filter(|line| line["target"] == "audit" && line["fields"]["event"] == event)
            .map(|mut line| line["fields"].take())
            .collect()
    }
}
