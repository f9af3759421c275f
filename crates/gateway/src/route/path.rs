//! The canonical form of a path, and the only type by which the other stages know one.

use http::Uri;

use crate::refusal::Refusal;

/// A path in canonical form: it means one thing to everybody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct CheckedPath<'a>(&'a str);

impl<'a> CheckedPath<'a> {
    /// The path as it was sent, and as it will be forwarded.
    pub(crate) const fn as_str(self) -> &'a str {
        self.0
    }
}

/// What is wrong with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fault {
    /// Another spelling of the same path: mended by [`respell`].
    Spelling,
    /// It could mean two things.
    Ambiguous,
}

/// Accepts the path of `uri` if it is canonical. `mendable` is whether a redirect may be the answer (GET and
/// HEAD); `encoded_slash` lifts the rule against `%2F`.
pub(crate) fn check(
    uri: &Uri,
    mendable: bool,
    encoded_slash: bool,
) -> Result<CheckedPath<'_>, Refusal> {
    let path = uri.path();
    match fault(path.as_bytes(), encoded_slash) {
        None => Ok(CheckedPath(path)),
        Some(Fault::Spelling) if mendable => {
            let mended = respell(path);
            // A mended path has to be canonical in one step, or it is not just another spelling.
            if fault(mended.as_bytes(), encoded_slash).is_some() {
                return Err(Refusal::BadPath);
            }
            let query = uri
                .query()
                .map(|query| format!("?{query}"))
                .unwrap_or_default();
            Err(Refusal::Respell(mended + &query))
        }
        Some(Fault::Spelling | Fault::Ambiguous) => Err(Refusal::BadPath),
    }
}

/// Finds the worst fault of a path; most paths have none and cost one pass.
fn fault(path: &[u8], encoded_slash: bool) -> Option<Fault> {
    if path.first() != Some(&b'/') {
        return Some(Fault::Ambiguous);
    }
    let mut worst = None;
    let mut rest = path;
    let mut segment_start = true;
    while let Some((&byte, tail)) = rest.split_first() {
        if segment_start && is_dot_segment(rest) {
            return Some(Fault::Ambiguous);
        }
        segment_start = false;
        rest = tail;
        match byte {
            b'/' => {
                if tail.first() == Some(&b'/') {
                    worst = Some(Fault::Spelling);
                }
                segment_start = true;
            }
            b'%' => {
                let (Some(high), Some(low)) = (tail.first(), tail.get(1)) else {
                    return Some(Fault::Ambiguous);
                };
                match escape(*high, *low, encoded_slash) {
                    // Whoever undoes an escaped slash sees a segment begin behind it.
                    Ok(()) => segment_start = (*high, *low) == (b'2', b'F'),
                    Err(Fault::Spelling) => worst = Some(Fault::Spelling),
                    Err(Fault::Ambiguous) => return Some(Fault::Ambiguous),
                }
                rest = tail.get(2..).unwrap_or_default();
            }
            b'\\' | b';' | 0..=0x20 | 0x7f.. => return Some(Fault::Ambiguous),
            _ => {}
        }
    }
    worst
}

/// Whether the segment at the start of `rest` is `.` or `..`, in whatever spelling.
fn is_dot_segment(rest: &[u8]) -> bool {
    let mut dots = 0;
    let mut rest = rest;
    while dots < 3 {
        match rest {
            [b'.', tail @ ..] | [b'%', b'2', b'e' | b'E', tail @ ..] => {
                dots += 1;
                rest = tail;
            }
            [b'/', ..] | [b'%', b'2', b'F' | b'f', ..] | [] => return dots > 0,
            _ => return false,
        }
    }
    false
}

fn escape(high: u8, low: u8, encoded_slash: bool) -> Result<(), Fault> {
    let (Some(h), Some(l)) = (hex(high), hex(low)) else {
        return Err(Fault::Ambiguous);
    };
    match h << 4 | l {
        b'/' if encoded_slash => {}
        // Somebody behind us may decode once more than we do: these would then become structure.
        b'/' | b'\\' | b'%' | b';' | 0..=0x1f | 0x7f => return Err(Fault::Ambiguous),
        b'-' | b'.' | b'_' | b'~' | b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => {
            return Err(Fault::Spelling);
        }
        _ => {}
    }
    if high.is_ascii_lowercase() || low.is_ascii_lowercase() {
        return Err(Fault::Spelling);
    }
    Ok(())
}

const fn hex(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}

/// The canonical spelling: upper-case hexadecimal, nothing encoded that need not be, single slashes
/// (RFC 3986 §6.2.2).
fn respell(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    let mut bytes = path.bytes();
    while let Some(byte) = bytes.next() {
        let mended = match byte {
            b'%' => {
                let high = bytes.next().and_then(hex).unwrap_or(0);
                let low = bytes.next().and_then(hex).unwrap_or(0);
                let value = high << 4 | low;
                if !(value.is_ascii_alphanumeric() || b"-._~".contains(&value)) {
                    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
                    out.push('%');
                    for nibble in [high, low] {
                        out.push(
                            DIGITS
                                .get(usize::from(nibble))
                                .copied()
                                .unwrap_or(b'0')
                                .into(),
                        );
                    }
                    continue;
                }
                value
            }
            b'/' if out.ends_with('/') => continue,
            other => other,
        };
        out.push(mended.into());
    }
    out
}

#[cfg(test)]
mod tests;
