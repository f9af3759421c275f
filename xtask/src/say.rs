//! Where the tasks speak: the one module here that writes to the terminal.
//!
//! A reader who closes the pipe early (`cargo xtask sizes | head`) is no failure of the task, so
//! errors of writing are dropped.

use std::io::{self, Write};

/// One line to standard output.
pub(crate) fn line(text: &str) {
    let _ = writeln!(io::stdout().lock(), "{text}");
}

/// One line to standard error.
pub(crate) fn complaint(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
