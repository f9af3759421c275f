//! `cargo xtask check`: everything that can be judged without running a test.

use xshell::Shell;

use crate::root::cargo;
use crate::steps::Steps;
use crate::{boundaries, generated, sizes};

pub(crate) fn run(sh: &Shell, steps: &mut Steps) {
    // `cargo fmt` knows no `--locked`; it does not resolve anything.
    steps.run("format", || {
        Ok(sh.cmd("cargo").args(["fmt", "--all", "--check"]).run()?)
    });
    steps.run("boundaries", || boundaries::check(sh));
    steps.run("sizes", sizes::check);
    steps.run("lints", || {
        let clippy = cargo(sh, "clippy").args(["--workspace", "--all-targets"]);
        Ok(clippy.args(["--", "-D", "warnings"]).run()?)
    });
    steps.run("documentation", || {
        let doc = cargo(sh, "doc").args(["--workspace", "--no-deps", "--document-private-items"]);
        Ok(doc.env("RUSTDOCFLAGS", "-D warnings").run()?)
    });
    steps.run("generated files", || generated::check(sh));
}
