//! Cloakroom's own keys: made at first start, kept in one file, rotated by a command, believed by running servers
//! within seconds.
//!
//! 1. The file is readable for its owner alone; one that is not is refused, because somebody may have read it (CF-06).
//! 2. It is replaced as a whole: a crash leaves the old keys or the new ones.
//! 3. A rotation adds a key and takes none away: the old one is believed until what it made has ended.
//! 4. A running server that meets a broken file keeps the keys that it has.
//!
//! A deployment defeats this by a backup of the file that others can read.

mod file;
mod ring;
mod watch;

pub use file::{KeyFile, KeysError};
pub use ring::Ring;
pub use watch::Rings;
pub(crate) use watch::follow;

#[cfg(test)]
mod tests;
