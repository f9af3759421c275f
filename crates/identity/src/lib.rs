//! The identity service: users, passwords, signing keys and refresh-token families behind a small HTTP API.
//!
//! It is the only crate that sees a password hash or a key that signs users' tokens, and it has no pages: whoever
//! logs in talks to it over HTTP ([`Identity::router`]), an operator through [`Admin`]. Storage, time and randomness
//! come through the ports of `cloakroom-core`.
//!
//! To read it by the life of a request: `endpoints` assembles the routes, one file each; `caller` says who asks;
//! `fields` reads the body; `credentials` weighs a password within the limits of `attempts`; `grant` begins and
//! renews families; `access` and `signer` make and check access tokens; `problem` is the one place that turns a
//! refusal into an answer.

mod access;
mod admin;
mod attempts;
mod audit;
mod bearer;
mod caller;
mod config;
mod cookie;
mod credentials;
mod endpoints;
mod fields;
mod grant;
mod housekeeping;
mod meter;
mod names;
mod network;
mod password;
mod problem;
mod refresh_token;
mod relay;
mod service;
mod sha256;
mod signer;
mod user_body;

pub use admin::{Account, Admin, AdminError, Created, NewAccount};
pub use caller::Peer;
pub use config::{Algorithm, Argon, Config, ConfigError, Limits, PasswordPolicy};
pub use names::FieldError;
pub use password::PolicyError;
pub use service::{Identity, IdentityKeys, Parts};

#[cfg(test)]
mod tests;
