//! The gateway: the only crate that sees a browser.
//!
//! Every request takes one path, `ingress → route → session → csrf → guard → refresh → forward`; each word is
//! a module here. [`Gateway::handle`] is that path.

mod access;
mod assertion;
mod body;
mod call;
pub mod config;
mod connect;
mod context;
mod csrf;
mod endpoints;
mod forward;
mod gateway;
mod guard;
mod harden;
mod ingress;
mod meter;
mod pages;
mod pipeline;
mod refresh;
mod refusal;
mod return_to;
mod route;
mod session;
mod shard;
mod streams;
mod way_in;

pub use access::AccessLog;
pub use assertion::generate_key as generate_assertion_key;
pub use body::Body;
pub use call::Peer;
pub use config::Config;
pub use connect::{Connect, Connection, TcpConnect};
pub use gateway::{Gateway, GatewayError, GatewayKeys, Parts};
