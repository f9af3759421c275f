//! The binary's inside: configuration, command line, wiring, listeners, keys, logs and shutdown.
//!
//! It knows all the other crates, and they do not know each other: `wire` is the one file that names their concrete
//! types and joins them. To read it by the life of a process: `cli` says what is asked for, `config` turns a file or
//! flags into a [`config::Deployment`], `keys` and `data_dir` open what is kept, [`wire::assemble`] joins the parts,
//! `run` starts the listeners and waits for the signal to end.

mod admin;
mod cli;
mod clock;
pub mod config;
mod data_dir;
mod demo;
mod entropy;
mod failure;
pub mod keys;
pub mod listen;
mod outbound;
mod run;
mod say;
mod shutdown;
mod telemetry;
pub mod wire;

pub use cli::main;
