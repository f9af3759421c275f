//! `GET` and `POST {base}/login`: the login page, and the login itself.
//!
//! 1. A GET never begins a session (LG-14); a POST has proven its origin before it comes here.
//! 2. Unknown user, wrong password and disabled account are one answer (LG-11): the provider says no more.
//! 3. A live session is replaced, never taken over: an id from before the login opens nothing after it (CK-11).
//! 4. The page keeps the name that was typed, never the password, and leads on with 303 (LG-10) to a path of
//!    this site (LG-09).

use axum::response::Response;
use cloakroom_core::ports::Credentials;
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
use crate::pages::{LoginPage, Shell, Typed};
use crate::refusal::{Refusal, told};
use crate::session::Visitor;
use crate::way_in::{own_url, with_query};

/// The names under which the user's name is accepted.
const IDENTIFIER: [&str; 3] = ["identifier", "email", "username"];

/// Shows the page, or leads on whoever is logged in.
pub(super) async fn show(ask: Ask) -> Result<Response, Refusal> {
    let way_back = ask.asked_way_back();
    if ask.session_if_any()?.is_some() {
        return see_other(ask.after_login(way_back).as_str());
    }
    if let Some(own) = &ask.context().config.pages.login {
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

/// Logs in.
pub(super) async fn submit(ask: Ask, mut posted: Posted) -> Result<Response, Refusal> {
    let way_back = ask.posted_way_back(&posted);
    let identifier = posted
        .first_of(&IDENTIFIER)
        .unwrap_or_default()
        .trim()
        .to_owned();
    let outcome = attempt(&ask, &mut posted, &identifier).await;
    let counted = outcome
        .as_ref()
        .map_or_else(|refusal| refusal.code().as_str(), |_| "ok");
    metrics::counter!("cloakroom_login_total", "outcome" => counted).increment(1);
    match outcome {
        Ok(begun) => {
            audit::logged_in(&ask.caller, &begun.session.principal, &begun.session.handle);
            let answer = match posted.shape() {
                Shape::Json => {
                    json_answer(StatusCode::OK, &json!({ "user": begun.session.profile }))
                }
                Shape::Form | Shape::Empty => see_other(ask.after_login(way_back).as_str())?,
            };
            Ok(changing(answer, begun.change))
        }
        Err(refusal) => {
            audit::login_failed(&ask.caller, &identifier, &refusal);
            failed(&ask, &posted, way_back.as_ref(), identifier, refusal)
        }
    }
}

async fn attempt(ask: &Ask, posted: &mut Posted, identifier: &str) -> Result<Begun, Refusal> {
    let began = ask.now();
    // Whether there is a session to replace has to be known before the provider is asked for a new one.
    ask.session_if_any()?;
    let password = posted.take_secret("password");
    let mut complaints = Complaints::default();
    complaints.want(
        "identifier",
        identifier,
        "Enter your e-mail address or your user name.",
    );
    complaints.want_password("password", &password);
    complaints.settle()?;
    let client = Client::of(ask);
    let credentials = Credentials {
        identifier: identifier.to_owned(),
        password,
        client: client.context.clone(),
    };
    let provider = &ask.context().provider;
    let grant = provider.login(credentials).await;
    let grant = grant.map_err(|error| refused::login(error, provider.id()))?;
    begin(ask, grant, began, client).await
}

/// The page once more, or the app's own one with the code; programs get the refusal itself.
fn failed(
    ask: &Ask,
    posted: &Posted,
    way_back: Option<&ReturnTo>,
    identifier: String,
    refusal: Refusal,
) -> Result<Response, Refusal> {
    if posted.shape() != Shape::Form {
        return Err(refusal);
    }
    if let Some(own) = &ask.context().config.pages.login {
        let mut parameters = vec![("error", refusal.code().as_str())];
        parameters.extend(way_back.map(|way_back| ("return_to", way_back.as_str())));
        return see_other(&with_query(own.as_str(), &parameters));
    }
    let values = [("identifier", identifier)].into();
    let (typed, problem) = Objection::of(&refusal, &["identifier", "password"]).at(values);
    refused_page(&refusal, &page(ask, way_back, &typed, problem))
}

fn page(
    ask: &Ask,
    way_back: Option<&ReturnTo>,
    typed: &Typed,
    problem: Option<String>,
) -> LoginPage {
    let context = ask.context();
    let news = match &ask.caller.visitor {
        Visitor::Anonymous(anonymous) => anonymous.reason.map(told),
        Visitor::Known(_) | Visitor::Unavailable => None,
    };
    let can_register = context.provider.accounts().is_some();
    LoginPage {
        shell: Shell::of(&context.config),
        return_to: ask.after_login(way_back.cloned()).as_str().to_owned(),
        problem,
        news,
        register_url: can_register.then(|| own_url(&context.config, "/register", way_back)),
        fields: LoginPage::fields(typed),
    }
}
