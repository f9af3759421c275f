//! `POST {base}/account/password`: the owner changes their password.
//!
//! 1. The current password is asked for, whatever the session (ID-06).
//! 2. All other sessions end as `password_changed` unless the owner says otherwise (LO-07): here at once, and
//!    the provider ends their refresh tokens.
//!
//! Deliberately the session that asks keeps its cookie. CK-11 asks for a new id where privileges change: this
//! session gains none, it proved the old password a moment ago, and a new one could only come from a new login
//! at the provider. Whoever fears that their cookie was stolen logs out, which ends it.

use std::sync::Arc;

use axum::response::Response;
use cloakroom_core::EndReason;
use cloakroom_core::ports::{AccountError, PasswordChange};

use super::profile::ends_the_page;
use super::{Shown, accounts, after, page, prove_form, refusal};
use crate::endpoints::answer::{no_content, refused as refused_page};
use crate::endpoints::ask::Ask;
use crate::endpoints::audit;
use crate::endpoints::client::Client;
use crate::endpoints::fields::{Complaints, Objection};
use crate::endpoints::posted::{Posted, Shape};
use crate::endpoints::refresh::fresh;
use crate::endpoints::sessions::end_all_but_this;
use crate::pages::Notice;
use crate::refusal::Refusal;
use crate::session::Session;

const FIELDS: [&str; 2] = ["current_password", "new_password"];

/// Changes the password.
pub(in crate::endpoints) async fn submit(
    ask: Ask,
    mut posted: Posted,
) -> Result<Response, Refusal> {
    let session = Arc::clone(ask.session()?);
    prove_form(&posted, &session)?;
    let end_others = end_others(&posted)?;
    match change(&ask, &session, &mut posted, end_others).await {
        Ok(()) if posted.shape() == Shape::Json => Ok(no_content()),
        Ok(()) => after(&ask, Notice::Password),
        Err(refusal) if posted.shape() == Shape::Form && !ends_the_page(&refusal) => {
            let objected = Objection::of(&refusal, &FIELDS).at([].into());
            let shown = Shown {
                password: Some(objected),
                keep_others: !end_others,
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
    posted: &mut Posted,
    end_others: bool,
) -> Result<(), Refusal> {
    let accounts = accounts(ask)?;
    let change = PasswordChange {
        current: posted.take_secret("current_password"),
        new: posted.take_secret("new_password"),
        end_others,
    };
    let mut complaints = Complaints::default();
    complaints.want_password("current_password", &change.current);
    complaints.want_new_password("new_password", &change.new);
    complaints.settle()?;
    let session = fresh(ask, session).await?;
    let client = Client::as_known(ask);
    if let Err(error) = accounts
        .change_password(&session.tokens.access, change, &client)
        .await
    {
        if error == AccountError::WrongPassword {
            audit::password_refused(&ask.caller, &session.principal, &session.handle);
        }
        return Err(refusal(ask, &session, error).await);
    }
    audit::password_changed(&ask.caller, &session.principal, &session.handle);
    if end_others {
        end_all_but_this(ask, &session, EndReason::PasswordChanged).await?;
    }
    Ok(())
}

/// On unless it is said to be off.
fn end_others(posted: &Posted) -> Result<bool, Refusal> {
    match posted.field("end_others") {
        None | Some("true" | "on" | "1") => Ok(true),
        Some("false" | "off" | "0") => Ok(false),
        Some(_) => Err(Refusal::BadRequest("end_others is true or false.")),
    }
}
