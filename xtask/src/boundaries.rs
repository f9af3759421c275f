//! `cargo xtask boundaries`: the picture of the crates in ARCHITECTURE.md, held by a test.
//!
//! `picture` is the picture as tables, `workspace` reads what cargo knows, `stages` compares the
//! stages of the pipeline with their files. A violation is one line: what is wrong, and why it is.

use anyhow::{Result, bail};
use xshell::Shell;

use crate::{root, say};

mod picture;
mod stages;
mod workspace;

/// Fails with all violations, not with the first one.
pub(crate) fn check(sh: &Shell) -> Result<()> {
    let mut violations = picture::violations(&workspace::read(sh)?);
    violations.extend(stages::violations(&root::path())?);
    for violation in &violations {
        say::complaint(violation);
    }
    if !violations.is_empty() {
        bail!("{} boundaries are crossed", violations.len());
    }
    Ok(())
}

#[cfg(test)]
mod tests;
