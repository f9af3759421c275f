//! Durable stores behind the ports of the core: the only crate that sees SQL.
//!
//! Sessions and the identity service's data live in two files, so that either can be moved to a place of its
//! own. What a method answered is on the disk; what failed has left no trace.
//!
//! To add an engine, implement `SessionStore`, `UserStore` and `FamilyStore` beside [`SqliteSessions`] and
//! [`SqliteIdentity`], and run the conformance macros of the testkit on it.

mod open;
mod sqlite;

pub use open::{Open, OpenError, Purpose};
pub use sqlite::{SqliteIdentity, SqliteSessions};
