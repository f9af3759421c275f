//! The words everybody knows: domain types, pure state machines and the ports between the crates.
//!
//! Nothing here does I/O, reads a clock or draws randomness; time and entropy are arguments.

pub mod code;
pub mod family;
pub mod hex;
pub mod ids;
pub mod keys;
pub mod ports;
pub mod reason;
pub mod secret;
pub mod session;
pub mod time;
pub mod token;
pub mod user;

pub use code::ErrorCode;
pub use ids::{Handle, LookupId, Principal, ProviderId, Subject};
pub use reason::EndReason;
pub use secret::{Digest, SecretBytes, SecretString};
pub use time::Timestamp;
