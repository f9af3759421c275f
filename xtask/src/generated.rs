//! The files which the program itself writes, and which are checked in so that a change of them is
//! seen in review: `cargo xtask generate` writes them, `cargo xtask check` refuses old ones.

use anyhow::{Result, bail};
use xshell::Shell;

use crate::root::cargo;
use crate::say;

/// One generated file and the subcommand of `cloakroom` that prints it.
struct Generated {
    file: &'static str,
    subcommand: &'static str,
}

const FILES: &[Generated] = &[
    Generated {
        file: "docs/reference/identity.openapi.json",
        subcommand: "openapi",
    },
    Generated {
        file: "docs/reference/configuration.md",
        subcommand: "reference",
    },
];

/// Fails if a file is not what the program would write today.
pub(crate) fn check(sh: &Shell) -> Result<()> {
    let mut old = Vec::new();
    for generated in FILES {
        let now = generated.print(sh)?;
        if sh.read_file(generated.file).ok().as_deref() != Some(now.as_str()) {
            old.push(generated.file);
        }
    }
    if !old.is_empty() {
        bail!(
            "not up to date: {}; run `cargo xtask generate`",
            old.join(", ")
        );
    }
    Ok(())
}

/// Writes them all.
pub(crate) fn write(sh: &Shell) -> Result<()> {
    for generated in FILES {
        sh.write_file(generated.file, generated.print(sh)?)?;
        say::line(&format!("wrote {}", generated.file));
    }
    Ok(())
}

impl Generated {
    /// The text as it belongs into the file: with one line end at its end.
    fn print(&self, sh: &Shell) -> Result<String> {
        let program = cargo(sh, "run").args(["--quiet", "--package", "cloakroom", "--"]);
        let text = program.arg(self.subcommand).read()?;
        Ok(format!("{}\n", text.trim_end()))
    }
}
