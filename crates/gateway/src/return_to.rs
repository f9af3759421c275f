//! Where to go after a login: a path on this origin, and nothing else can be constructed.
//!
//! A [`ReturnTo`] exists only for text that (1) begins with exactly one slash, (2) is at most 2 KiB, (3) has
//! no byte that browsers drop or turn into a slash (controls, white space, `\`), (4) is ASCII, so that no
//! normalisation can change it, (5) does not lead under our own endpoints, where it would loop. Everything
//! else is answered with the default page; there is no error to probe.

use std::fmt;

/// A path on this origin, with its query (LG-09).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReturnTo(String);

impl ReturnTo {
    /// The longest accepted text, in bytes.
    pub const MAX_LEN: usize = 2048;

    /// The front page.
    pub fn root() -> Self {
        Self("/".to_owned())
    }

    /// Accepts a path on this origin that does not lead under `base_path`.
    pub fn parse(text: &str, base_path: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let safe = bytes
            .iter()
            .all(|&b| (0x21..0x7f).contains(&b) && b != b'\\');
        let local = bytes.first() == Some(&b'/') && bytes.get(1) != Some(&b'/');
        if !safe || !local || bytes.len() > Self::MAX_LEN {
            return None;
        }
        let path = text.split(['?', '#']).next().unwrap_or_default();
        // Dot segments and escapes are undone by browsers before they ask: judge what they will ask for.
        let plain = !path.split('/').any(is_dot_segment);
        (plain && !is_under(path, base_path)).then(|| Self(text.to_owned()))
    }

    /// The path and query.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ReturnTo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_dot_segment(segment: &str) -> bool {
    let undone = segment.replace("%2e", ".").replace("%2E", ".");
    undone == "." || undone == ".."
}

fn is_under(path: &str, base: &str) -> bool {
    let lower = path.to_ascii_lowercase();
    lower
        .strip_prefix(base)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests;
