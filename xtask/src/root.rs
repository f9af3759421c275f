//! Where the repository is, and how its tasks call cargo.

use std::path::{Path, PathBuf};

use xshell::{Cmd, Shell};

/// The folder of the workspace, known when the task was compiled.
pub(crate) fn path() -> PathBuf {
    let xtask = Path::new(env!("CARGO_MANIFEST_DIR"));
    xtask.parent().unwrap_or(xtask).to_path_buf()
}

/// `cargo <subcommand>`. In continuous integration the lock file is what is tested: a run that
/// would have to change it fails.
pub(crate) fn cargo<'a>(sh: &'a Shell, subcommand: &str) -> Cmd<'a> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let command = sh.cmd(cargo).arg(subcommand);
    if std::env::var_os("CI").is_some() {
        command.arg("--locked")
    } else {
        command
    }
}
