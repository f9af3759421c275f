//! One word per stage: the order in ARCHITECTURE.md and the files of the gateway are the same words.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// The stages in the order in which a request meets them.
const STAGES: &[&str] = &[
    "ingress", "route", "session", "csrf", "guard", "refresh", "forward",
];

/// What is missing in this repository. Without ARCHITECTURE.md only the files are looked at.
pub(super) fn violations(root: &Path) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for stage in STAGES {
        let file = format!("crates/gateway/src/{stage}.rs");
        if !root.join(&file).is_file() {
            found.push(format!("{file} is missing: a stage is found by its word"));
        }
    }
    let picture = root.join("ARCHITECTURE.md");
    if picture.is_file() {
        let text = fs::read_to_string(&picture).context("reading ARCHITECTURE.md")?;
        if !tells_the_order(&text) {
            let order = STAGES.join(" → ");
            found.push(format!(
                "ARCHITECTURE.md has no line with the stages in order: {order}"
            ));
        }
    }
    Ok(found)
}

/// Whether one line of the text names all stages, in their order.
pub(super) fn tells_the_order(text: &str) -> bool {
    text.lines().any(|line| {
        let mut rest = line;
        STAGES.iter().all(|stage| match rest.split_once(stage) {
            Some((_, after)) => {
                rest = after;
                true
            }
            None => false,
        })
    })
}
