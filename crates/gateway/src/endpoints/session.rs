//! `GET {base}/session`: who is logged in, for scripts. Never a token (LG-01), and asking does not count as
//! activity.

use axum::response::Response;
use cloakroom_core::{EndReason, Timestamp};
use http::StatusCode;
use serde_json::{Value, json};

use super::answer::json as json_answer;
use super::ask::Ask;
use crate::pages::NO_SESSION;
use crate::refusal::Refusal;
use crate::session::{Session, Unattended, Visitor};
use crate::way_in::{login_url, referer};

/// Always 200, unless it cannot be known.
pub(super) async fn show(ask: Ask) -> Result<Response, Refusal> {
    let answer = match &ask.caller.visitor {
        Visitor::Known(session) => known(session, ask.now()),
        Visitor::Anonymous(anonymous) => {
            let config = &ask.context().config;
            let way_back = referer(config, &ask.headers);
            unknown(anonymous.reason, &login_url(config, way_back.as_ref()))
        }
        Visitor::Unavailable => return Err(Refusal::StoreUnavailable),
    };
    let mut answer = json_answer(StatusCode::OK, &answer);
    answer.extensions_mut().insert(Unattended);
    Ok(answer)
}

fn known(session: &Session, now: Timestamp) -> Value {
    let left = |until: Timestamp| until.until(now).as_secs();
    json!({
        "authenticated": true,
        "user": session.profile,
        "sid": session.handle,
        "expires_in": left(session.tokens.access_expires),
        "idle_expires_in": left(session.idle_until()),
        "absolute_expires_in": left(session.absolute_until),
    })
}

fn unknown(reason: Option<EndReason>, login_url: &str) -> Value {
    json!({
        "authenticated": false,
        "reason": reason.map_or(NO_SESSION, EndReason::as_str),
        "login_url": login_url,
    })
}
