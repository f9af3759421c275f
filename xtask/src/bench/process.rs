//! What the kernel counted for a process and all its descendants: CPU time and resident memory.
//!
//! A master with workers is one server; so is a program with threads, whose time the kernel
//! already sums up.

use std::fs;

use anyhow::{Context, Result};
use xshell::Shell;

/// The part of `/proc/<pid>/stat` that is looked at.
#[derive(Debug, PartialEq, Eq)]
struct Stat {
    parent: u32,
    /// User and system time in clock ticks.
    ticks: u64,
}

/// A process and its descendants, the process first.
pub(super) fn tree(root: u32) -> Result<Vec<u32>> {
    let mut all = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let pid = entry?
            .file_name()
            .to_str()
            .and_then(|name| name.parse::<u32>().ok());
        // A process may end while we read: then it is no longer of interest.
        if let Some((pid, stat)) = pid.and_then(|pid| Some((pid, stat(pid)?))) {
            all.push((pid, stat.parent));
        }
    }
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(&parent) = tree.get(next) {
        tree.extend(
            all.iter()
                .filter(|(_, its_parent)| *its_parent == parent)
                .map(|(pid, _)| pid),
        );
        next += 1;
    }
    Ok(tree)
}

/// Clock ticks of the whole tree.
pub(super) fn ticks(root: u32) -> Result<u64> {
    Ok(tree(root)?
        .into_iter()
        .filter_map(stat)
        .map(|stat| stat.ticks)
        .sum())
}

/// Clock ticks in a second, on this machine.
pub(super) fn ticks_per_second(sh: &Shell) -> Result<u32> {
    let ticks = sh.cmd("getconf").arg("CLK_TCK").quiet().read()?;
    ticks.parse().context("getconf CLK_TCK")
}

/// Resident memory of the whole tree in KiB.
pub(super) fn resident(root: u32) -> Result<u32> {
    Ok(tree(root)?.into_iter().filter_map(resident_of).sum())
}

fn stat(pid: u32) -> Option<Stat> {
    parse(&fs::read_to_string(format!("/proc/{pid}/stat")).ok()?)
}

/// The second field is the program's name in parentheses and may hold anything, so the fields are
/// counted from the last parenthesis on: state, parent, …, and the 12th and 13th are the times.
fn parse(line: &str) -> Option<Stat> {
    let (_, fields) = line.rsplit_once(") ")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let number = |index: usize| fields.get(index)?.parse::<u64>().ok();
    Some(Stat {
        parent: u32::try_from(number(1)?).ok()?,
        ticks: number(11)? + number(12)?,
    })
}

fn resident_of(pid: u32) -> Option<u32> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::{Stat, parse, tree};

    #[test]
    fn a_name_with_spaces_and_parentheses_shifts_no_field() {
        let line = "7 (a ) b) S 3 7 7 0 -1 4194560 1 0 0 0 120 30 0 0 20 0 1 0 5 1 2";
        assert_eq!(
            parse(line),
            Some(Stat {
                parent: 3,
                ticks: 150
            })
        );
    }

    #[test]
    fn a_tree_begins_with_its_root() {
        let this = std::process::id();
        assert_eq!(tree(this).unwrap().first(), Some(&this));
    }
}
