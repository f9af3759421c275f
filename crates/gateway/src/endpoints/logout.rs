//! `GET` and `POST {base}/logout`: ending the session that asks.
//!
//! 1. Only a POST logs out, and only one from this site: nobody is logged out by a link or an image (LO-03).
//! 2. The session ends here whatever the provider does; its tokens are revoked there beside the answer (LO-02).
//! 3. Logging out twice is logging out.
//!
//! A store that cannot be asked is a 503: a logout that might not hold is not called one. The tokens are revoked
//! even then, so that the session ends with its access token at the latest.

use axum::response::Response;
use cloakroom_core::EndReason;
use cloakroom_core::session::Selector;
use http::{HeaderName, HeaderValue, StatusCode};

use super::answer::{changing, html, no_content, see_other};
use super::ask::Ask;
use super::audit;
use super::posted::Posted;
use super::revoke::revoke;
use crate::pages::{LogoutPage, Shell};
use crate::refusal::Refusal;
use crate::session::SessionChange;

/// What a browser kept of pages behind the login goes, so that the back button shows none (LO-04). Not
/// `"storage"`: it would take what the app keeps for the person, such as drafts, and the device's name.
const CLEARED: HeaderValue = HeaderValue::from_static("\"cache\"");

/// Asks before it logs out.
pub(super) async fn confirm(ask: Ask) -> Result<Response, Refusal> {
    let owner = ask
        .session_if_any()?
        .map(|session| session.profile.name.clone());
    html(
        StatusCode::OK,
        &LogoutPage {
            shell: Shell::of(&ask.context().config),
            owner,
        },
    )
}

/// Logs out.
pub(super) async fn submit(ask: Ask, posted: Posted) -> Result<Response, Refusal> {
    let ended = end(&ask).await?;
    let mut answer = if posted.is_from_person(ask.caller.class) {
        see_other(ask.context().config.pages.after_logout.as_str())?
    } else {
        no_content()
    };
    answer
        .headers_mut()
        .insert(HeaderName::from_static("clear-site-data"), CLEARED);
    Ok(if ended {
        changing(answer, SessionChange::End)
    } else {
        answer
    })
}

/// Ends the session, if there is one.
async fn end(ask: &Ask) -> Result<bool, Refusal> {
    let Some(session) = ask.session_if_any()? else {
        return Ok(false);
    };
    revoke(ask.context(), session.tokens.clone());
    let which = Selector::Own(session.principal.clone(), session.handle.clone());
    ask.context()
        .sessions
        .end(which, EndReason::Logout)
        .await
        .map_err(|cause| {
            tracing::warn!(%cause, "a logout could not be stored");
            Refusal::StoreUnavailable
        })?;
    audit::logged_out(&ask.caller, &session.principal, &session.handle);
    Ok(true)
}
