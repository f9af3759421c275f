//! `cargo xtask sizes`: how long the files are, the tests apart.
//!
//! A file that one reads in one go is understood; the limit is where no reader does any more.

use anyhow::{Result, bail};

use crate::sources::{self, Source};
use crate::{say, table};

/// No file of the product may have more lines than this.
const LIMIT: usize = 600;
/// What 95 of 100 files should stay under; the others are named.
const AIM: usize = 400;

const KINDS: &[(&str, &[&str])] = &[
    ("Rust", &["rs"]),
    ("TypeScript", &["ts", "tsx", "js", "mjs"]),
    ("Python", &["py"]),
    ("CSS", &["css"]),
    ("HTML", &["html"]),
];

pub(crate) fn check() -> Result<()> {
    let heading = ["", "files", "lines", "median", "p95", "max", "longest"];
    let mut rows = vec![heading.map(str::to_owned).to_vec()];
    let mut long = Vec::new();
    for (kind, endings) in KINDS {
        let sources = sources::with_endings(endings)?;
        let product = Lengths::of(&sources, Source::tests_begin);
        let tests = Lengths::of(&sources, |source| {
            source.text.lines().count() - source.tests_begin()
        });
        long.extend(product.over(AIM));
        rows.extend(product.row(kind));
        rows.extend(tests.row(&format!("{kind}, tests")));
    }
    for line in table::lines(&rows) {
        say::line(&line);
    }
    long.sort();
    for (lines, path) in &long {
        say::line(&format!("over {AIM}: {path} has {lines} lines"));
    }
    let too_long = long.iter().filter(|(lines, _)| *lines > LIMIT).count();
    if too_long > 0 {
        bail!("{too_long} files have more than {LIMIT} lines; split them by stage or noun");
    }
    Ok(())
}

/// Lengths with their paths, shortest first, without empty ones.
struct Lengths(Vec<(usize, String)>);

impl Lengths {
    fn of(sources: &[Source], lines: impl Fn(&Source) -> usize) -> Self {
        let measured = sources
            .iter()
            .map(|file| (lines(file), file.path.display().to_string()));
        let mut lengths: Vec<_> = measured.filter(|(lines, _)| *lines > 0).collect();
        lengths.sort();
        Self(lengths)
    }

    fn over(&self, limit: usize) -> impl Iterator<Item = (usize, String)> {
        self.0
            .iter()
            .filter(move |(lines, _)| *lines > limit)
            .cloned()
    }

    /// The smallest length that `percent` of the files do not exceed.
    fn percentile(&self, percent: usize) -> usize {
        let rank = (self.0.len() * percent).div_ceil(100).saturating_sub(1);
        self.0.get(rank).map_or(0, |(lines, _)| *lines)
    }

    /// `None` where there is no such file.
    fn row(&self, name: &str) -> Option<Vec<String>> {
        let (max, longest) = self.0.last()?;
        let sum: usize = self.0.iter().map(|(lines, _)| lines).sum();
        let numbers = [
            self.0.len(),
            sum,
            self.percentile(50),
            self.percentile(95),
            *max,
        ];
        let mut row = vec![name.to_owned()];
        row.extend(numbers.map(|number| number.to_string()));
        row.push(longest.clone());
        Some(row)
    }
}

#[cfg(test)]
mod tests {
    use super::Lengths;

    fn lengths(lines: &[usize]) -> Lengths {
        Lengths(
            lines
                .iter()
                .map(|lines| (*lines, format!("{lines}.rs")))
                .collect(),
        )
    }

    #[test]
    fn percentiles_are_lengths_of_files_that_exist() {
        let lengths = lengths(&[10, 20, 30, 40, 700]);
        assert_eq!(lengths.percentile(50), 30);
        assert_eq!(lengths.percentile(95), 700);
    }

    #[test]
    fn a_file_at_the_limit_is_not_over_it() {
        assert_eq!(lengths(&[600]).over(600).count(), 0);
        assert_eq!(lengths(&[601]).over(600).count(), 1);
    }
}
