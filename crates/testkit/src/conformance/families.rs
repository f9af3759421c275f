//! The cases of a store of refresh-token families.

mod beginning;
mod presenting;
mod racing;
mod revoking;

pub use beginning::*;
pub use presenting::*;
pub use racing::*;
pub use revoking::*;
