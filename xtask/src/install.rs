//! Programs that a task needs and Debian has: installed where that is allowed, else named together
//! with the command that installs them.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use xshell::{Cmd, Shell};

/// A program and the Debian package that brings it.
pub(crate) struct Tool {
    pub(crate) program: &'static str,
    pub(crate) package: &'static str,
}

/// Makes sure that all of them are there.
pub(crate) fn require(sh: &Shell, tools: &[Tool]) -> Result<()> {
    let missing = missing(tools);
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing
        .iter()
        .map(|tool| tool.package)
        .collect::<Vec<_>>()
        .join(" ");
    let cure = format!("install it by hand: sudo apt-get install {packages}");
    let Some(permission) = Permission::of_this_user(sh) else {
        bail!("missing: {packages}, and this user may not install packages; {cure}");
    };
    permission
        .apt_get(sh)
        .arg("update")
        .run()
        .with_context(|| cure.clone())?;
    let install = permission
        .apt_get(sh)
        .args(["install", "-y", "--no-install-recommends"]);
    install
        .args(packages.split(' '))
        .run()
        .with_context(|| cure.clone())?;
    match self::missing(tools).first() {
        Some(tool) => bail!(
            "{} is missing although {} is installed",
            tool.program,
            tool.package
        ),
        None => Ok(()),
    }
}

/// Where a program is.
pub(crate) fn find(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    // Servers live in /usr/sbin, which is not on every user's path.
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    folders
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}

fn missing(tools: &[Tool]) -> Vec<&Tool> {
    tools
        .iter()
        .filter(|tool| find(tool.program).is_none())
        .collect()
}

/// How this user may install packages.
enum Permission {
    Root,
    Sudo,
}

impl Permission {
    /// `None` where there is no apt-get, or a password would have to be typed.
    fn of_this_user(sh: &Shell) -> Option<Self> {
        find("apt-get")?;
        if sh
            .cmd("id")
            .arg("-u")
            .quiet()
            .read()
            .is_ok_and(|user| user == "0")
        {
            return Some(Self::Root);
        }
        let sudo = sh.cmd("sudo").args(["-n", "true"]).quiet().ignore_stderr();
        sudo.run().is_ok().then_some(Self::Sudo)
    }

    fn apt_get<'a>(&self, sh: &'a Shell) -> Cmd<'a> {
        let never_ask = "DEBIAN_FRONTEND=noninteractive";
        match self {
            Self::Root => sh.cmd("env").args([never_ask, "apt-get", "-q"]),
            Self::Sudo => sh
                .cmd("sudo")
                .args(["-n", "env", never_ask, "apt-get", "-q"]),
        }
    }
}
