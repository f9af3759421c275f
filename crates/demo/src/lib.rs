//! The goals app that stands behind the gateway: pages and an API that know who calls, and nothing of how
//! anybody logged in.
//!
//! It is written as a stranger would write it: the crate `cloakroom-axum` tells who calls, and there is no
//! cookie, no password and no refresh token here. The pages trust the gateway's assertion
//! (`X-Cloakroom-Session`), the API trusts the access token (`Authorization: Bearer`); both reach the same
//! goals, because both name the same subject.

mod api;
mod app;
mod assets;
mod callers;
mod config;
mod goals;
mod health;
mod pages;
mod renewals;

pub use app::{App, OpenError};
pub use callers::Callers;
pub use config::Config;
pub use goals::GoalFileError;
