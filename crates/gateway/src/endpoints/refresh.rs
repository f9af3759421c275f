//! `POST` and `GET {base}/refresh`: renewing the session's token on demand.
//!
//! 1. POST renews now, for scripts. Within 5 s of the last renewal it answers with that one: tabs that ask
//!    together cost the provider one refresh.
//! 2. GET renews on the way to a page whose app found its token too old, and leads back there. It is the one
//!    GET that acts, so it is for navigations only and changes nothing that anybody could want to forge.
//! 3. An app that sends the browser here again and again does not accept fresh tokens: the second time within
//!    a minute for the same path ends at a page that says so, not in a loop.

mod renewals;

use std::sync::Arc;
use std::time::Duration;

use axum::response::Response;
use http::StatusCode;
use serde_json::json;

use super::answer::{changing, html, json as json_answer, see_other};
use super::ask::Ask;
use crate::call::Class;
use crate::pages::{Action, ProblemPage, Shell};
use crate::refresh::{Need, Unfresh};
use crate::refusal::Refusal;
use crate::session::{Session, SessionChange, Unattended};
use crate::way_in::login_url;

pub(super) use self::renewals::Renewals;

/// How recent a renewal has to be to count as one that was asked for now.
const JUST_NOW: Duration = Duration::from_secs(5);

/// Renews now.
pub(super) async fn renew(ask: Ask) -> Result<Response, Refusal> {
    let session = ask.session()?;
    let renewed = if ask.now().since(session.tokens.received) < JUST_NOW {
        // Just renewed is not always good for long: a token may live for less.
        fresh(&ask, session).await?
    } else {
        renewed(&ask, session).await?
    };
    let left = renewed.tokens.access_expires.until(ask.now());
    let mut answer = json_answer(StatusCode::OK, &json!({ "expires_in": left.as_secs() }));
    answer.extensions_mut().insert(Unattended);
    Ok(answer)
}

/// Renews once on the way to a page.
pub(super) async fn on_the_way(ask: Ask) -> Result<Response, Refusal> {
    if ask.caller.class != Class::Page {
        return Err(Refusal::BadRequest(
            "This address is for opening pages. Scripts renew with POST.",
        ));
    }
    let way_back = ask.asked_way_back();
    let login = login_url(&ask.context().config, way_back.as_ref());
    let target = ask.after_login(way_back);
    let Some(session) = ask.session_if_any()? else {
        return see_other(&login);
    };
    let path = target.as_str().split(['?', '#']).next().unwrap_or_default();
    if !ask
        .own
        .renewals
        .is_first(&session.handle, path, ask.context().clock.ticks())
    {
        return html(
            StatusCode::BAD_GATEWAY,
            &going_in_circles(&ask, target.as_str()),
        );
    }
    match renewed(&ask, session).await {
        Ok(_) => see_other(target.as_str()),
        Err(Refusal::Unauthenticated(_)) => Ok(changing(see_other(&login)?, SessionChange::End)),
        Err(refusal) => Err(refusal),
    }
}

/// The session with a token that can be used now.
pub(super) async fn fresh(ask: &Ask, session: &Arc<Session>) -> Result<Arc<Session>, Refusal> {
    obtain(ask, session, Need::IfDue).await
}

/// The session with another token than the one it has.
pub(super) async fn renewed(ask: &Ask, session: &Arc<Session>) -> Result<Arc<Session>, Refusal> {
    obtain(
        ask,
        session,
        Need::Forced {
            refused: Arc::clone(session),
        },
    )
    .await
}

async fn obtain(ask: &Ask, session: &Arc<Session>, need: Need) -> Result<Arc<Session>, Refusal> {
    let outcome = ask
        .context()
        .refresher
        .fresh(Arc::clone(session), need)
        .await;
    outcome.map_err(|why| match why {
        Unfresh::Ended(reason) => Refusal::Unauthenticated(Some(reason)),
        Unfresh::Unavailable => Refusal::RefreshUnavailable,
        Unfresh::StoreUnavailable => Refusal::StoreUnavailable,
    })
}

fn going_in_circles(ask: &Ask, target: &str) -> ProblemPage {
    ProblemPage {
        shell: Shell::of(&ask.context().config),
        status: StatusCode::BAD_GATEWAY.as_u16(),
        heading: "This page keeps sending you back".into(),
        text: "You are logged in and your session was renewed a moment ago, but the application does not \
               accept it. Whoever runs this site can find the cause:"
            .into(),
        causes: vec![
            "The application's clock is wrong: a token that is valid here has expired there.",
            "It checks tokens with another issuer, audience or key set than the one that makes them.",
            "It reads the token somewhere else than where its route puts it (see inject), or keeps an old one.",
            "The route to it is not one that carries the session: see the routes that are printed at start.",
        ],
        reload_after: None,
        actions: vec![
            Action { label: "Try the page again", href: target.to_owned() },
            Action::home(),
        ],
        request_id: ask.caller.id.to_string(),
    }
}
