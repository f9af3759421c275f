//! The program as its users meet it: the built binary, its exit codes and its words.
//!
//! The modules are marked as tests, which this whole file is, so that the lints treat what helps them as such too.

#[cfg(test)]
mod commands;
#[cfg(test)]
mod configuration;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod ending;
#[cfg(test)]
mod framing;
#[cfg(test)]
mod operator;
#[cfg(test)]
mod program;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod world;
