//! The pattern of a rule: literal segments, `*` for one segment, and `**` at the end for the rest.

use std::cmp::Ordering;
use std::fmt;

use http::Uri;
use percent_encoding::percent_decode_str;

/// Which paths a rule covers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    text: String,
    segments: Vec<Segment>,
}

/// One segment of a pattern. The order is from the most to the least specific.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    /// This segment, without escapes and in lower case.
    Literal(Vec<u8>),
    /// Any one segment.
    One,
    /// Any number of segments, none included.
    Rest,
}

/// Why a text is no pattern.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It does not begin with a slash.
    #[error("must begin with a slash, such as /dashboard/**")]
    NoSlash,
    /// `**` stands somewhere else than at the end.
    #[error("** may stand only at the end, such as /dashboard/**")]
    RestNotLast,
    /// A star is part of a segment.
    #[error("* stands for one whole segment; patterns such as /a*b do not exist")]
    PartialStar,
    /// A path that matches it would be refused or redirected, so that the rule could never apply.
    #[error("is not a canonical path; no request would ever match it")]
    NotCanonical,
}

impl Pattern {
    /// Reads a pattern.
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let rest = text.strip_prefix('/').ok_or(PatternError::NoSlash)?;
        let rest = rest.strip_suffix('/').unwrap_or(rest);
        let mut segments = Vec::new();
        let mut parts = rest.split('/').filter(|_| !rest.is_empty()).peekable();
        while let Some(part) = parts.next() {
            segments.push(match part {
                "**" if parts.peek().is_none() => Segment::Rest,
                "**" => return Err(PatternError::RestNotLast),
                "*" => Segment::One,
                part if part.contains('*') => return Err(PatternError::PartialStar),
                part => Segment::Literal(meaning(part).collect()),
            });
        }
        let probe: Uri = text
            .replace('*', "x")
            .parse()
            .map_err(|_| PatternError::NotCanonical)?;
        super::check(&probe, false, true).map_err(|_| PatternError::NotCanonical)?;
        Ok(Self {
            text: text.to_owned(),
            segments,
        })
    }

    /// Whether it covers this path. A trailing slash of the path means nothing.
    pub(crate) fn covers(&self, path: super::CheckedPath<'_>) -> bool {
        let mut rest = path.as_str().strip_prefix('/').unwrap_or_default();
        for segment in &self.segments {
            if matches!(segment, Segment::Rest) {
                return true;
            }
            if rest.is_empty() {
                return false;
            }
            let (head, tail) = rest.split_once('/').unwrap_or((rest, ""));
            match segment {
                Segment::Literal(literal) if !spells(head, literal) => return false,
                Segment::Literal(_) | Segment::One | Segment::Rest => rest = tail,
            }
        }
        rest.is_empty()
    }

    /// Whether `prefix` is a literal beginning of it, up to the end of a segment.
    pub fn begins_with(&self, prefix: &str) -> bool {
        let wanted = prefix.strip_prefix('/').unwrap_or(prefix);
        let mut literals = self.segments.iter();
        wanted.split('/').all(|part| {
            matches!(literals.next(), Some(Segment::Literal(literal)) if spells(part, literal))
        })
    }

    /// The pattern as it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The more specific of two patterns comes first: the first segment in which they differ decides, and
    /// a literal comes before `*`, which comes before the end, which comes before `**`.
    pub(crate) fn specificity(&self, other: &Self) -> Ordering {
        let mut ours = self.segments.iter();
        let mut theirs = other.segments.iter();
        loop {
            let by_kind = match (ours.next(), theirs.next()) {
                (None, None) => return Ordering::Equal,
                (None, Some(Segment::Rest)) => Ordering::Less,
                (Some(Segment::Rest), None) | (None, Some(_)) => Ordering::Greater,
                (Some(_), None) => Ordering::Less,
                (Some(a), Some(b)) => a.cmp(b),
            };
            if by_kind != Ordering::Equal {
                return by_kind;
            }
        }
    }
}

/// Whether a segment of a path means this literal. An escape means what it stands for, such as `%40` an `@`: an
/// upstream that undoes escapes before it routes cannot be reached around a rule by writing one.
fn spells(segment: &str, literal: &[u8]) -> bool {
    // An escape is longer than what it means, and most segments differ in their first letter already.
    let first = segment.as_bytes().first().map(u8::to_ascii_lowercase);
    if segment.len() < literal.len() || (first != Some(b'%') && first != literal.first().copied()) {
        return false;
    }
    if memchr::memchr(b'%', segment.as_bytes()).is_none() {
        return segment.as_bytes().eq_ignore_ascii_case(literal);
    }
    meaning(segment).eq(literal.iter().copied())
}

/// The bytes that a segment stands for, in lower case. What would become structure is refused before.
fn meaning(segment: &str) -> impl Iterator<Item = u8> {
    percent_decode_str(segment).map(|byte| byte.to_ascii_lowercase())
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
