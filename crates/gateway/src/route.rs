//! The stage `route`: which rule applies to a path. No rule, no access.
//!
//! 1. A path is checked, not rewritten: what is judged is byte for byte what is forwarded ([`CheckedPath`]).
//! 2. Rules see the path alone: no query, no header, no host.
//! 3. The most specific rule wins, whatever the order; letters compare without case, escapes by what they stand
//!    for, and a trailing slash means nothing, so that an upstream that is lenient about any of these cannot be
//!    reached around a rule.
//!
//! Refusal: 400 `bad_path`, 308 to the one spelling, 404 `no_route`, 405. A deployment defeats this by an
//! upstream that rewrites paths by rules of its own.

mod path;
mod pattern;
mod table;

pub(crate) use path::{CheckedPath, check};
pub use pattern::{Pattern, PatternError};
pub(crate) use table::RouteTable;
pub use table::TableError;
