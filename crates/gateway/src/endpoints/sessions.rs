//! `{base}/sessions`: the owner's sessions, listed and ended; by scripts with DELETE, by forms with POST.
//!
//! Every ending names the principal beside the handle, so that the store itself refuses to end a stranger's
//! session; one's own dead ones and a stranger's are the same 404 (ID-12). A form proves with its token that it
//! was made for this session (CS-04).

use axum::extract::Path;
use axum::extract::rejection::PathRejection;
use axum::response::Response;
use cloakroom_core::session::{Except, Listed, Selector};
use cloakroom_core::{EndReason, Handle};
use http::StatusCode;
use serde_json::{Value, json};

use super::account::{after, prove_form};
use super::answer::{changing, json as json_answer, no_content, see_other};
use super::ask::Ask;
use super::audit;
use super::posted::Posted;
use super::revoke::revoke;
use crate::pages::{Notice, rfc3339};
use crate::refusal::Refusal;
use crate::session::{Session, SessionChange};

type Id = Result<Path<String>, PathRejection>;

/// Lists them, the most recently active first.
pub(super) async fn list(ask: Ask) -> Result<Response, Refusal> {
    let session = ask.session()?;
    let listed = all(&ask, session).await?;
    let sessions: Vec<_> = listed
        .iter()
        .map(|one| describe(one, &session.handle))
        .collect();
    Ok(json_answer(
        StatusCode::OK,
        &json!({ "sessions": sessions }),
    ))
}

/// The live sessions of this session's owner.
pub(super) async fn all(ask: &Ask, session: &Session) -> Result<Vec<Listed>, Refusal> {
    ask.context()
        .sessions
        .list(&session.principal)
        .await
        .map_err(|cause| {
            tracing::warn!(%cause, "sessions could not be listed");
            Refusal::StoreUnavailable
        })
}

fn describe(listed: &Listed, current: &Handle) -> Value {
    json!({
        "id": listed.handle,
        "current": listed.handle == *current,
        "created_at": rfc3339(listed.created),
        "last_seen_at": rfc3339(listed.last_seen),
        "user_agent": listed.device.user_agent,
        "ip": listed.device.ip,
    })
}

/// Ends one of them.
pub(super) async fn end(id: Id, ask: Ask) -> Result<Response, Refusal> {
    let was_own = end_one(&ask, id).await?;
    let answer = no_content();
    Ok(if was_own {
        changing(answer, SessionChange::End)
    } else {
        answer
    })
}

/// Ends one of them, for a form.
pub(super) async fn end_by_form(id: Id, ask: Ask, posted: Posted) -> Result<Response, Refusal> {
    prove_form(&posted, ask.session()?)?;
    if end_one(&ask, id).await? {
        let answer = see_other(ask.context().config.pages.after_logout.as_str())?;
        return Ok(changing(answer, SessionChange::End));
    }
    after(&ask, Notice::Sessions)
}

/// Ends all others.
pub(super) async fn end_others(ask: Ask) -> Result<Response, Refusal> {
    end_all_but_this(&ask, ask.session()?, EndReason::RevokedByUser).await?;
    Ok(no_content())
}

/// Ends all others, for a form.
pub(super) async fn end_others_by_form(ask: Ask, posted: Posted) -> Result<Response, Refusal> {
    prove_form(&posted, ask.session()?)?;
    end_all_but_this(&ask, ask.session()?, EndReason::RevokedByUser).await?;
    after(&ask, Notice::Sessions)
}

/// Ends every session of this one's owner but this one.
pub(super) async fn end_all_but_this(
    ask: &Ask,
    session: &Session,
    why: EndReason,
) -> Result<(), Refusal> {
    let but_this = Except::Handle(session.handle.clone());
    let which = Selector::Principal(session.principal.clone(), Some(but_this));
    ended(ask, session, which, why).await.map(|_| ())
}

/// Ends the session with this handle; whether it was the one that asks.
async fn end_one(ask: &Ask, id: Id) -> Result<bool, Refusal> {
    let session = ask.session()?;
    let handle = id
        .ok()
        .and_then(|Path(text)| Handle::parse(&text))
        .ok_or(Refusal::NotFound)?;
    let was_own = handle == session.handle;
    let which = Selector::Own(session.principal.clone(), handle);
    if ended(ask, session, which, EndReason::RevokedByUser).await? == 0 {
        return Err(Refusal::NotFound);
    }
    if was_own {
        revoke(ask.context(), session.tokens.clone());
    }
    Ok(was_own)
}

async fn ended(
    ask: &Ask,
    session: &Session,
    which: Selector,
    why: EndReason,
) -> Result<u64, Refusal> {
    let count = ask
        .context()
        .sessions
        .end(which.clone(), why)
        .await
        .map_err(|cause| {
            tracing::warn!(%cause, "sessions could not be ended");
            Refusal::StoreUnavailable
        })?;
    audit::ended(&ask.caller, &session.principal, &which, why, count);
    Ok(count)
}
