//! A refusal as a page: the one place that gives each of them a heading and a way on.

use askama::Template;

use super::{Action, ProblemPage, Shell};
use crate::config::Brand;
use crate::refusal::Refusal;

/// What a refusal's page needs beside the refusal.
pub(crate) struct RefusalContext<'a> {
    /// The request's name.
    pub(crate) request_id: &'a str,
    /// Address of the login page, with the way back.
    pub(crate) login_url: &'a str,
    /// Where our own endpoints live.
    pub(crate) base_path: &'a str,
    /// Whose pages they are.
    pub(crate) brand: &'a Brand,
}

/// How often the page of an application that is not there yet asks again, in seconds.
const RELOAD_AFTER: u32 = 3;

/// The page for a refusal, rendered. The cause stays in the log (AU-05).
pub(crate) fn refusal(refusal: &Refusal, context: &RefusalContext<'_>) -> String {
    let shell = Shell::new(context.brand, context.base_path);
    // Nothing in this page can fail to be formatted; an empty one would still carry the right status.
    page(refusal, shell, context.request_id, context.login_url)
        .render()
        .unwrap_or_default()
}

pub(super) fn page(
    refusal: &Refusal,
    shell: Shell,
    request_id: &str,
    login_url: &str,
) -> ProblemPage {
    ProblemPage {
        shell,
        status: refusal.code().status(),
        heading: heading(refusal),
        text: refusal.message().into_owned(),
        causes: Vec::new(),
        reload_after: matches!(refusal, Refusal::UpstreamUnavailable(_)).then_some(RELOAD_AFTER),
        actions: actions(refusal, login_url),
        request_id: request_id.to_owned(),
    }
}

fn heading(refusal: &Refusal) -> String {
    let text = match refusal {
        Refusal::UpstreamUnavailable(name) => return format!("Waiting for {name}"),
        Refusal::BadRequest(_) => "That request could not be read",
        Refusal::BadPath | Refusal::Respell(_) => "That address is not quite right",
        Refusal::UnknownHost => "This site is not served here",
        Refusal::TargetTooLong => "That address is too long",
        Refusal::HeadersTooLarge => "That request is too large",
        Refusal::NoRoute | Refusal::NotFound => "There is nothing here",
        Refusal::MethodNotAllowed(_) => "That cannot be done here",
        Refusal::Unauthenticated(None) => "Please log in",
        Refusal::Unauthenticated(Some(_)) => "Please log in again",
        Refusal::InvalidCredentials => "That did not work",
        Refusal::Forbidden => "You may not open this page",
        Refusal::Csrf(_) => "That request was stopped",
        Refusal::UsernameTaken => "That user name is taken",
        Refusal::EmailTaken => "You have an account already",
        Refusal::InvalidFields(_) => "Something is missing",
        Refusal::BodyTooLarge => "That is too large",
        Refusal::UnsupportedMediaType => "That format is not read here",
        Refusal::RateLimited(_) => "Too many attempts",
        Refusal::StoreUnavailable | Refusal::RefreshUnavailable | Refusal::ProviderUnavailable => {
            "One moment, please"
        }
        Refusal::UpstreamTimeout(_) => "That took too long",
        Refusal::BadUpstream(_) | Refusal::Internal => "Something went wrong",
    };
    text.to_owned()
}

fn actions(refusal: &Refusal, login_url: &str) -> Vec<Action> {
    match refusal {
        Refusal::Unauthenticated(_) | Refusal::InvalidCredentials | Refusal::EmailTaken => {
            vec![Action::log_in(login_url), Action::home()]
        }
        Refusal::RateLimited(_)
        | Refusal::StoreUnavailable
        | Refusal::RefreshUnavailable
        | Refusal::ProviderUnavailable
        | Refusal::UpstreamUnavailable(_)
        | Refusal::UpstreamTimeout(_)
        | Refusal::BadUpstream(_)
        | Refusal::Internal => vec![Action::again(), Action::home()],
        Refusal::BadRequest(_)
        | Refusal::BadPath
        | Refusal::Respell(_)
        | Refusal::UnknownHost
        | Refusal::TargetTooLong
        | Refusal::HeadersTooLarge
        | Refusal::NoRoute
        | Refusal::NotFound
        | Refusal::MethodNotAllowed(_)
        | Refusal::Forbidden
        | Refusal::Csrf(_)
        | Refusal::UsernameTaken
        | Refusal::InvalidFields(_)
        | Refusal::BodyTooLarge
        | Refusal::UnsupportedMediaType => vec![Action::home()],
    }
}
