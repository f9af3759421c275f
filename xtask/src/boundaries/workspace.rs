//! What cargo knows about the workspace, in the words of the picture.

use anyhow::{Context, Result};
use cargo_metadata::{DependencyKind, MetadataCommand, Package};
use xshell::Shell;

use super::picture::{Crate, Dependency, Workspace};
use crate::root::{self, cargo};

/// Asks `cargo metadata` for what each crate declares, and `cargo tree` for what is built.
///
/// The graph of `cargo metadata` would not do for the second: it holds crates that are only named
/// by a feature `other?/feature` and never compiled.
pub(super) fn read(sh: &Shell) -> Result<Workspace> {
    let metadata = MetadataCommand::new()
        .current_dir(root::path())
        .no_deps()
        .exec()
        .context("cargo metadata")?;
    let tree = cargo(sh, "tree").args(["--workspace", "--all-features", "--target", "all"]);
    let tree = tree
        .args(["--edges", "all", "--prefix", "none", "--format", "{p}"])
        .quiet()
        .read()?;
    let built = tree
        .lines()
        .filter_map(|line| line.split(' ').next())
        .map(str::to_owned);
    Ok(Workspace {
        ours: metadata
            .workspace_packages()
            .into_iter()
            .map(of_package)
            .collect(),
        built: built.collect(),
    })
}

fn of_package(package: &Package) -> Crate {
    let dependencies = package.dependencies.iter().map(|dependency| Dependency {
        name: dependency.name.clone(),
        dev: dependency.kind == DependencyKind::Development,
    });
    Crate {
        name: package.name.to_string(),
        dependencies: dependencies.collect(),
    }
}
