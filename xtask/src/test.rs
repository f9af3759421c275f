//! `cargo xtask test`: the tests of all crates, then the real program in a real browser.
//!
//! The browser's tests are Node's own test runner on `e2e/**/*.test.*`; `CLOAKROOM_BIN` tells them
//! which program to start.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use xshell::Shell;

use crate::install::{self, Tool};
use crate::root::{self, cargo};
use crate::sources;
use crate::steps::Steps;

const TOOLS: &[Tool] = &[
    Tool {
        program: "node",
        package: "nodejs",
    },
    Tool {
        program: "npm",
        package: "npm",
    },
    Tool {
        program: "chromium",
        package: "chromium",
    },
];

pub(crate) fn run(sh: &Shell, steps: &mut Steps) {
    let equipped = steps.run("browser and npm packages", || equip(sh));
    steps.run("tests of the crates", || {
        Ok(cargo(sh, "test")
            .args(["--workspace", "--no-fail-fast"])
            .run()?)
    });
    let built = steps.run("build", || {
        Ok(cargo(sh, "build")
            .args(["--package", "cloakroom", "--bin", "cloakroom"])
            .run()?)
    });
    if equipped && built {
        steps.run("tests in the browser", || browser_tests(sh));
    } else {
        steps.skip("tests in the browser");
    }
}

/// Programs from Debian, packages from npm; a second run finds both and takes no time.
fn equip(sh: &Shell) -> Result<()> {
    let e2e = folder()?;
    install::require(sh, TOOLS)?;
    let lock = e2e.join("package-lock.json");
    if !lock.is_file() {
        if e2e.join("package.json").is_file() {
            bail!("e2e/package-lock.json is missing; run `npm install` in e2e/ and check it in");
        }
        return Ok(());
    }
    if changed(&e2e.join("node_modules/.package-lock.json")) >= changed(&lock) {
        return Ok(());
    }
    let _in_e2e = sh.push_dir(&e2e);
    let npm = sh.cmd("npm").args(["ci", "--no-audit", "--no-fund"]);
    // The browser is Debian's: npm packages must not fetch one of their own.
    let npm = npm.env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1");
    npm.run()
        .context("npm cannot install the packages of e2e/; is its registry in reach?")
}

fn browser_tests(sh: &Shell) -> Result<()> {
    let e2e = folder()?;
    let files: Vec<PathBuf> = sources::walk(&e2e)?
        .into_iter()
        .filter(|file| file.to_string_lossy().contains(".test."))
        .collect();
    // Node's runner calls a run without any test a success.
    if files.is_empty() {
        bail!("e2e/ has no file named *.test.*: nothing would be tested");
    }
    let program = target_folder(sh)?.join("debug/cloakroom");
    let _in_e2e = sh.push_dir(&e2e);
    let node = sh
        .cmd("node")
        .args(["--test", "--test-reporter=spec"])
        .args(files);
    Ok(node.env("CLOAKROOM_BIN", program).run()?)
}

fn folder() -> Result<PathBuf> {
    let e2e = root::path().join("e2e");
    if !e2e.is_dir() {
        bail!("e2e/ is missing: the tests in the browser belong there");
    }
    Ok(e2e)
}

fn changed(file: &Path) -> Option<SystemTime> {
    file.metadata()
        .and_then(|metadata| metadata.modified())
        .ok()
}

/// Where cargo builds: not always `target/` (`CARGO_TARGET_DIR`, a user's own configuration).
pub(crate) fn target_folder(sh: &Shell) -> Result<PathBuf> {
    let metadata = cargo_metadata::MetadataCommand::new()
        .current_dir(sh.current_dir())
        .no_deps()
        .exec()
        .context("cargo metadata")?;
    Ok(metadata.target_directory.into_std_path_buf())
}
