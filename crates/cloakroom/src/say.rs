//! The one place that writes to stdout and stderr for people. Logs and access lines have writers of their own.
//!
//! A reader that has gone away (`cloakroom user list | head`) is no error: what was said to nobody is dropped.

use std::io::{self, Write};

/// A line for whoever asked.
pub(crate) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// Text as it is, for output that is a file's content.
pub(crate) fn raw(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// A line about what went wrong.
pub(crate) fn error(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
