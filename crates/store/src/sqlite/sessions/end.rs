//! Ending sessions, and remembering it for logins in flight.
//!
//! An ending of a principal or of everybody concerns the logins that began at or before it: told again later, it
//! changes nothing of what was begun meanwhile.

use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{Except, Selector};
use cloakroom_core::{EndReason, Handle, Timestamp};
use sqlx::SqliteConnection;

use super::feed;
use super::row::TABLE;
use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

macro_rules! ending {
    ($which:literal) => {
        concat!(
            "UPDATE sessions SET ended_at = $1, end_reason = $2 WHERE ended_at IS NULL AND ",
            $which,
            " RETURNING handle"
        )
    };
}

const BY_HANDLE: &str = ending!("handle = $3");
const OWN: &str = ending!("handle = $3 AND provider = $4 AND subject = $5");
const BY_LOGIN: &str = ending!("provider = $3 AND issuer_sid = $4");
const OF_PRINCIPAL: &str = ending!(
    "provider = $3 AND subject = $4 AND began <= $1 AND handle <> $5 \
     AND (issuer_sid IS NULL OR issuer_sid <> $6)"
);
const EVERYBODY: &str = ending!("began <= $1");

const REMEMBER: &str = "
    INSERT INTO not_before (scope, provider, name, spared, at, reason) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (scope, provider, name, spared) DO UPDATE SET at = excluded.at, reason = excluded.reason
    WHERE excluded.at >= not_before.at";

/// Ends one session, if it lives.
pub(super) async fn one(
    db: &mut SqliteConnection,
    handle: &Handle,
    why: EndReason,
    at: Timestamp,
) -> Result<u64, StoreError> {
    carry_out(db, BY_HANDLE, (why, at), &[handle.as_str()]).await
}

pub(super) async fn end(
    db: &mut SqliteConnection,
    which: Selector,
    why: EndReason,
    at: Timestamp,
) -> Result<u64, StoreError> {
    let how = (why, at);
    match which {
        Selector::Handle(handle) => one(db, &handle, why, at).await,
        Selector::Own(owner, handle) => {
            let names = [
                handle.as_str(),
                owner.provider.as_str(),
                owner.subject.as_str(),
            ];
            carry_out(db, OWN, how, &names).await
        }
        Selector::IssuerSid(provider, sid) => {
            let names = [provider.as_str(), sid.as_str()];
            remember(db, "login", names, "", how).await?;
            carry_out(db, BY_LOGIN, how, &names).await
        }
        Selector::Principal(who, except) => {
            let (handle, sid) = match &except {
                None => ("", ""),
                Some(Except::Handle(handle)) => (handle.as_str(), ""),
                Some(Except::IssuerSid(sid)) => ("", sid.as_str()),
            };
            let (provider, subject) = (who.provider.as_str(), who.subject.as_str());
            remember(db, "principal", [provider, subject], sid, how).await?;
            carry_out(db, OF_PRINCIPAL, how, &[provider, subject, handle, sid]).await
        }
        Selector::Everybody => {
            remember(db, "everybody", ["", ""], "", how).await?;
            carry_out(db, EVERYBODY, how, &[]).await
        }
    }
}

async fn carry_out(
    db: &mut SqliteConnection,
    ending: &'static str,
    (why, at): (EndReason, Timestamp),
    names: &[&str],
) -> Result<u64, StoreError> {
    let query = sqlx::query(ending).bind(at.as_micros()).bind(why.as_str());
    let query = names.iter().fold(query, |query, name| query.bind(*name));
    let ended = query.fetch_all(&mut *db).await.map_err(failed)?;
    for row in &ended {
        let handle = Fields::of(TABLE, row).code("handle", Handle::parse)?;
        feed::announce(db, &handle).await?;
    }
    Ok(u64::try_from(ended.len()).unwrap_or(u64::MAX))
}

async fn remember(
    db: &mut SqliteConnection,
    scope: &'static str,
    [provider, name]: [&str; 2],
    spared: &str,
    (why, at): (EndReason, Timestamp),
) -> Result<(), StoreError> {
    sqlx::query(REMEMBER)
        .bind(scope)
        .bind(provider)
        .bind(name)
        .bind(spared)
        .bind(at.as_micros())
        .bind(why.as_str())
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}
