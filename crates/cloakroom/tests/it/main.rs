//! The program as its users meet it: the built binary, its exit codes and its words.

mod commands;
mod configuration;
mod demo;
mod ending;
mod program;
mod refusals;
