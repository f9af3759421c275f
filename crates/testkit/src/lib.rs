//! What tests are made of, never shipped: a clock that is moved by hand, seeded entropy, stores in memory, a
//! stub for outgoing calls, a browser's cookie jar, and the conformance suites that every store must pass.

pub mod browser;
mod clock;
pub mod conformance;
mod entropy;
pub mod memory;
mod outbound;
pub mod sample;

pub use browser::Browser;
pub use clock::TestClock;
pub use entropy::SeededEntropy;
pub use memory::{MemoryIdentity, MemorySessions};
pub use outbound::{Gate, Sent, StubOutbound};
