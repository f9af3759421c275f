//! The source files of the repository, and where in each of them the tests begin.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::root;

/// Folders that hold no source of ours. Hidden ones are left out too.
const NOT_OURS: &[&str] = &["target", "node_modules", "cloakroom-data", "out"];

/// One file, its path relative to the repository.
pub(crate) struct Source {
    pub(crate) path: PathBuf,
    pub(crate) text: String,
}

impl Source {
    /// The number of the first line (from 0) that is a test's: all lines of a test file, the
    /// `#[cfg(test)]` module that ends a Rust file; the number of lines where there is none.
    pub(crate) fn tests_begin(&self) -> usize {
        if is_test_file(&self.path) {
            return 0;
        }
        let lines: Vec<&str> = self.text.lines().collect();
        let opens = |pair: &[&str]| match pair {
            [attribute, module] => {
                *attribute == "#[cfg(test)]" && module.starts_with("mod ") && module.ends_with('{')
            }
            _ => false,
        };
        lines.windows(2).position(opens).unwrap_or(lines.len())
    }
}

/// All files of the repository with one of these endings, sorted by path.
pub(crate) fn with_endings(endings: &[&str]) -> Result<Vec<Source>> {
    let root = root::path();
    let mut sources = Vec::new();
    for file in walk(&root)? {
        let ending = file
            .extension()
            .and_then(|ending| ending.to_str())
            .unwrap_or_default();
        if endings.contains(&ending) {
            let text =
                fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
            let path = file.strip_prefix(&root).unwrap_or(&file).to_path_buf();
            sources.push(Source { path, text });
        }
    }
    Ok(sources)
}

/// All files below a folder, sorted, without what is not ours.
pub(crate) fn walk(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        let entries =
            fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?;
        for entry in entries {
            let entry = entry?;
            let name = entry.file_name();
            let name = name.to_string_lossy();
            if name.starts_with('.') || NOT_OURS.contains(&name.as_ref()) {
                continue;
            }
            // Links are not followed: what they point to is either ours already or not ours.
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(entry.path());
            } else if kind.is_file() {
                files.push(entry.path());
            }
        }
    }
    files.sort();
    Ok(files)
}

fn is_test_file(path: &Path) -> bool {
    let in_test_folder = path
        .iter()
        .any(|part| part == "tests" || part == "e2e" || part == "__tests__");
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    in_test_folder || name == "tests.rs" || name.contains(".test.") || name.starts_with("test_")
}

#[cfg(test)]
mod tests;
