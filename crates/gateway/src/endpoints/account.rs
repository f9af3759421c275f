//! `GET {base}/account`: the profile, the password and the devices of whoever is logged in.
//!
//! The page's forms carry a token that is bound to the session (CS-04); a JSON body needs none, for no other
//! site can send one without being asked for permission first. Where users are managed elsewhere, the profile
//! is only shown.

pub(super) mod password;
pub(super) mod profile;

use std::sync::Arc;

use axum::response::Response;
use cloakroom_core::ports::{AccountError, Accounts};
use cloakroom_core::user::Profile;
use http::StatusCode;

use super::answer::{html, see_other};
use super::ask::Ask;
use super::posted::{Posted, Shape};
use super::refresh::{fresh, renewed};
use super::{refused, sessions};
use crate::csrf::token::FormTokens;
use crate::pages::{AccountForms, AccountPage, DeviceRow, Fact, Notice, Shell, Typed};
use crate::refusal::{CsrfMissing, Refusal};
use crate::session::Session;
use crate::way_in::with_query;

/// The hidden field of a form that proves whose it is.
const FORM_TOKEN: &str = "form_token";

/// Shows the page.
pub(super) async fn show(ask: Ask) -> Result<Response, Refusal> {
    let session = Arc::clone(ask.session()?);
    let notice = ask.query("done").and_then(|word| Notice::parse(&word));
    let page = page(
        &ask,
        &session,
        Shown {
            notice,
            ..Shown::default()
        },
    )
    .await?;
    html(StatusCode::OK, &page)
}

/// What the page shows beside what is known of the user: a notice, or the form that was refused.
#[derive(Default)]
pub(super) struct Shown {
    notice: Option<Notice>,
    profile: Option<(Typed, Option<String>)>,
    password: Option<(Typed, Option<String>)>,
    keep_others: bool,
}

/// Back to the page, with word of what was done.
pub(super) fn after(ask: &Ask, notice: Notice) -> Result<Response, Refusal> {
    let page = format!("{}/account", ask.context().config.base_path);
    see_other(&with_query(&page, &[("done", notice.as_str())]))
}

/// Refuses a form that was not made for this session. A JSON body is no form.
pub(super) fn prove_form(posted: &Posted, session: &Session) -> Result<(), Refusal> {
    if posted.shape() == Shape::Json {
        return Ok(());
    }
    let token = posted
        .field(FORM_TOKEN)
        .ok_or(Refusal::Csrf(CsrfMissing::Token))?;
    FormTokens::of(&session.secret, &session.handle)
        .verify(token)
        .map_err(Refusal::Csrf)
}

/// The provider's account port; there is nothing to change where it has none.
fn accounts(ask: &Ask) -> Result<&dyn Accounts, Refusal> {
    ask.context().provider.accounts().ok_or(Refusal::NotFound)
}

/// What a failed account operation means. A fresh token that the provider refuses may mean that the login is
/// over: its refresh says so for certain.
async fn refusal(ask: &Ask, session: &Arc<Session>, error: AccountError) -> Refusal {
    if error == AccountError::Unauthorized
        && let Err(refusal) = renewed(ask, session).await
    {
        return refusal;
    }
    refused::account(error, ask.context().provider.id())
}

async fn page(ask: &Ask, session: &Arc<Session>, shown: Shown) -> Result<AccountPage, Refusal> {
    let context = ask.context();
    let devices = sessions::all(ask, session).await?;
    let profile = present_profile(ask, session).await;
    let now = ask.now();
    Ok(AccountPage {
        shell: Shell::of(&context.config),
        notice: shown.notice,
        facts: facts(&profile),
        forms: context.provider.accounts().map(|_| forms(&profile, shown)),
        devices: devices
            .iter()
            .map(|one| DeviceRow::of(one, &session.handle, now))
            .collect(),
        token: FormTokens::of(&session.secret, &session.handle).issue(&*context.entropy),
    })
}

/// The profile as it is now; where the provider does not tell, as of the last refresh.
async fn present_profile(ask: &Ask, session: &Arc<Session>) -> Profile {
    if let Some(accounts) = ask.context().provider.accounts()
        && let Ok(session) = fresh(ask, session).await
        && let Ok(profile) = accounts.profile(&session.tokens.access).await
    {
        return profile;
    }
    session.profile.clone()
}

fn facts(profile: &Profile) -> Vec<Fact> {
    let fact = |label, value: Option<&String>| {
        value.map(|value| Fact {
            label,
            value: value.clone(),
        })
    };
    [
        fact("Name", Some(&profile.name)),
        fact("User name", profile.username.as_ref()),
        fact("E-mail", profile.email.as_ref()),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn forms(profile: &Profile, shown: Shown) -> AccountForms {
    let known = Typed {
        values: [
            ("name", profile.name.clone()),
            ("username", profile.username.clone().unwrap_or_default()),
            ("email", profile.email.clone().unwrap_or_default()),
        ]
        .into(),
        errors: [].into(),
    };
    let (typed, profile_problem) = shown.profile.unwrap_or((known, None));
    let (password, password_problem) = shown.password.unwrap_or_default();
    let login_name = profile.username.as_ref().or(profile.email.as_ref());
    AccountForms {
        profile: AccountForms::profile(&typed),
        profile_problem,
        password: AccountForms::password(&password),
        password_problem,
        keep_others: shown.keep_others,
        login_name: login_name.cloned().unwrap_or_default(),
    }
}
