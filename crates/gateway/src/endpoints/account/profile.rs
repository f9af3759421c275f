//! `POST {base}/account/profile`: name, user name and e-mail address; a field that is not sent stays.
//!
//! Afterwards the session is renewed, so that the app and the API are told the new name at once.

use std::sync::Arc;

use axum::response::Response;
use cloakroom_core::ports::ProfileChange;
use http::StatusCode;
use serde_json::json;

use super::{Shown, accounts, after, page, prove_form, refusal};
use crate::endpoints::answer::{json as json_answer, refused as refused_page};
use crate::endpoints::ask::Ask;
use crate::endpoints::audit;
use crate::endpoints::fields::{Complaints, Objection};
use crate::endpoints::posted::{Posted, Shape};
use crate::endpoints::refresh::{fresh, renewed};
use crate::pages::Notice;
use crate::refusal::Refusal;
use crate::session::Session;

const FIELDS: [&str; 3] = ["name", "username", "email"];

/// Changes the profile.
pub(in crate::endpoints) async fn submit(ask: Ask, posted: Posted) -> Result<Response, Refusal> {
    let session = Arc::clone(ask.session()?);
    prove_form(&posted, &session)?;
    match change(&ask, &session, &posted).await {
        Ok(renewed) if posted.shape() == Shape::Json => Ok(json_answer(
            StatusCode::OK,
            &json!({ "user": renewed.profile }),
        )),
        Ok(_) => after(&ask, Notice::Profile),
        Err(refusal) if posted.shape() == Shape::Form && !ends_the_page(&refusal) => {
            let kept = FIELDS.map(|name| (name, posted.trimmed(name)));
            let objected = Objection::of(&refusal, &FIELDS).at(kept.into());
            let shown = Shown {
                profile: Some(objected),
                ..Shown::default()
            };
            refused_page(&refusal, &page(&ask, &session, shown).await?)
        }
        Err(refusal) => Err(refusal),
    }
}

async fn change(
    ask: &Ask,
    session: &Arc<Session>,
    posted: &Posted,
) -> Result<Arc<Session>, Refusal> {
    let accounts = accounts(ask)?;
    let wanted = wanted(posted)?;
    let session = fresh(ask, session).await?;
    if let Err(error) = accounts
        .change_profile(&session.tokens.access, wanted)
        .await
    {
        return Err(refusal(ask, &session, error).await);
    }
    audit::profile_changed(&ask.caller, &session.principal, &session.handle);
    // The change holds whether or not the tokens follow now; they do at the next refresh.
    Ok(renewed(ask, &session).await.unwrap_or(session))
}

/// What is to change; a field that was sent must not be empty.
fn wanted(posted: &Posted) -> Result<ProfileChange, Refusal> {
    let sent = |name: &str| posted.field(name).map(|_| posted.trimmed(name));
    let change = ProfileChange {
        name: sent("name"),
        username: sent("username"),
        email: sent("email"),
    };
    let mut complaints = Complaints::default();
    if let Some(name) = &change.name {
        complaints.want("name", name, "Enter your name.");
    }
    if let Some(username) = &change.username {
        complaints.want("username", username, "Choose a user name.");
    }
    if let Some(email) = &change.email {
        complaints.want_email("email", email);
    }
    complaints.settle()?;
    Ok(change)
}

/// Whether there is no page to show the refusal on.
pub(super) const fn ends_the_page(refusal: &Refusal) -> bool {
    matches!(
        refusal,
        Refusal::Unauthenticated(_) | Refusal::NotFound | Refusal::StoreUnavailable
    )
}
