//! `GET` and `POST {base}/register`: creating an account, which also logs it in.
//!
//! 1. Exactly four fields are read: nobody registers with a role, an id or a verified address (ID-11).
//! 2. What is plainly wrong is refused before anything is sent; what the provider refuses stands at its field.
//! 3. Where users are managed elsewhere there is no such page.

use axum::response::Response;
use cloakroom_core::ports::{AccountError, NewAccount};
use http::StatusCode;
use serde_json::json;

use super::answer::{changing, html, json as json_answer, refused as refused_page, see_other};
use super::ask::Ask;
use super::begin::{Begun, begin};
use super::client::Client;
use super::fields::{Complaints, Objection};
use super::posted::{Posted, Shape};
use super::{audit, refused};
use crate::config::ReturnTo;
use crate::pages::{RegisterPage, Shell, Typed};
use crate::refusal::Refusal;
use crate::way_in::{login_url, with_query};

const FIELDS: [&str; 4] = ["name", "username", "email", "password"];

/// Shows the page, or leads on whoever is logged in.
pub(super) async fn show(ask: Ask) -> Result<Response, Refusal> {
    let context = ask.context();
    if context.provider.accounts().is_none() {
        return Err(Refusal::NotFound);
    }
    let way_back = ask.asked_way_back();
    if ask.session_if_any()?.is_some() {
        return see_other(ask.after_login(way_back).as_str());
    }
    if let Some(own) = &context.config.pages.register {
        let parameters = way_back
            .as_ref()
            .map(|way_back| ("return_to", way_back.as_str()));
        return see_other(&with_query(own.as_str(), parameters.as_slice()));
    }
    html(
        StatusCode::OK,
        &page(&ask, way_back.as_ref(), &Typed::default(), None),
    )
}

/// Creates the account.
pub(super) async fn submit(ask: Ask, mut posted: Posted) -> Result<Response, Refusal> {
    let way_back = ask.posted_way_back(&posted);
    match attempt(&ask, &mut posted).await {
        Ok(begun) => {
            audit::registered(&ask.caller, &begun.session.principal, &begun.session.handle);
            let answer = match posted.shape() {
                Shape::Json => json_answer(
                    StatusCode::CREATED,
                    &json!({ "user": begun.session.profile }),
                ),
                Shape::Form | Shape::Empty => see_other(ask.after_login(way_back).as_str())?,
            };
            Ok(changing(answer, begun.change))
        }
        Err(refusal) => failed(&ask, &posted, way_back.as_ref(), refusal),
    }
}

async fn attempt(ask: &Ask, posted: &mut Posted) -> Result<Begun, Refusal> {
    let provider = &ask.context().provider;
    let accounts = provider.accounts().ok_or(Refusal::NotFound)?;
    let began = ask.now();
    ask.session_if_any()?;
    let client = Client::of(ask);
    let new = NewAccount {
        name: posted.trimmed("name"),
        username: posted.trimmed("username"),
        email: posted.trimmed("email"),
        password: posted.take_secret("password"),
        client: client.context.clone(),
    };
    check(&new)?;
    let grant = accounts.register(new).await.map_err(|error| match error {
        // The provider names the field of a password change, which is not on this form.
        AccountError::WrongPassword => Refusal::InvalidCredentials,
        error => refused::account(error, provider.id()),
    })?;
    begin(ask, grant, began, client).await
}

fn check(new: &NewAccount) -> Result<(), Refusal> {
    let mut complaints = Complaints::default();
    complaints.want("name", &new.name, "Enter your name.");
    complaints.want("username", &new.username, "Choose a user name.");
    complaints.want_email("email", &new.email);
    complaints.want_new_password("password", &new.password);
    complaints.settle()
}

fn failed(
    ask: &Ask,
    posted: &Posted,
    way_back: Option<&ReturnTo>,
    refusal: Refusal,
) -> Result<Response, Refusal> {
    if posted.shape() != Shape::Form || refusal == Refusal::NotFound {
        return Err(refusal);
    }
    if let Some(own) = &ask.context().config.pages.register {
        let mut parameters = vec![("error", refusal.code().as_str())];
        parameters.extend(way_back.map(|way_back| ("return_to", way_back.as_str())));
        return see_other(&with_query(own.as_str(), &parameters));
    }
    let kept = ["name", "username", "email"].map(|name| (name, posted.trimmed(name)));
    let (typed, problem) = Objection::of(&refusal, &FIELDS).at(kept.into());
    refused_page(&refusal, &page(ask, way_back, &typed, problem))
}

fn page(
    ask: &Ask,
    way_back: Option<&ReturnTo>,
    typed: &Typed,
    problem: Option<String>,
) -> RegisterPage {
    let config = &ask.context().config;
    RegisterPage {
        shell: Shell::of(config),
        return_to: ask.after_login(way_back.cloned()).as_str().to_owned(),
        problem,
        login_url: login_url(config, way_back),
        fields: RegisterPage::fields(typed),
    }
}
