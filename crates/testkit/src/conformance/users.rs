//! The cases of a store of users.

mod accounts;
mod credentials;
mod devices;
mod outbox;

pub use accounts::*;
pub use credentials::*;
pub use devices::*;
pub use outbox::*;
