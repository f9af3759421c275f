//! The pages people see: typed contexts for the templates, and nothing that decides anything.
//!
//! 1. Every text is escaped by the template engine, whoever it comes from: the user, the provider, the
//!    configuration (LG-16).
//! 2. There is no script and no inline style, so that the content security policy needs no exception.
//! 3. What was typed comes back into the form, except a password: no context has room for one.
//!
//! They work without JavaScript and with a keyboard alone; each context has samples, and a test renders all.

mod account;
mod assets;
mod brand;
mod device;
mod field;
mod json;
mod login;
mod logout;
mod moment;
mod problem;
mod refusal;
mod register;
mod shell;

use askama::Template;

pub(crate) use account::{AccountForms, AccountPage, Fact, Notice};
pub(crate) use assets::asset;
pub(crate) use brand::stylesheet as brand_stylesheet;
pub(crate) use device::DeviceRow;
pub(crate) use field::{Field, Typed};
pub(crate) use json::{NO_SESSION, json_error};
pub(crate) use login::LoginPage;
pub(crate) use logout::LogoutPage;
pub(crate) use moment::rfc3339;
pub(crate) use problem::{Action, ProblemPage};
pub(crate) use refusal::{RefusalContext, refusal};
pub(crate) use register::RegisterPage;
pub(crate) use shell::Shell;

use crate::refusal::Refusal;

/// Renders a page. It fails only where a value cannot be formatted, which is a fault of ours.
pub(crate) fn render(page: &impl Template) -> Result<String, Refusal> {
    page.render().map_err(|cause| {
        tracing::error!(%cause, "a page could not be rendered");
        Refusal::Internal
    })
}

#[cfg(test)]
mod tests;
