//! Storing a session: one transaction decides whether it may be stored and what it ends.

use cloakroom_core::EndReason;
use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{Created, NewSession, Seq};
use sqlx::{Row, SqliteConnection};

use super::row::TABLE;
use super::{end, feed};
use crate::sqlite::fields::Fields;
use crate::sqlite::{failed, taken};

/// `$4` is the name of the login at the provider, or empty.
const REFUSAL: &str = "
    SELECT reason FROM not_before
    WHERE at >= $1 AND NOT (spared <> '' AND spared = $4) AND (
        scope = 'everybody'
        OR (scope = 'principal' AND provider = $2 AND name = $3)
        OR (scope = 'login' AND provider = $2 AND name = $4 AND $4 <> ''))
    ORDER BY at DESC LIMIT 1";

const COUNT: &str = "
    SELECT count(*) AS live FROM sessions
    WHERE provider = $1 AND subject = $2 AND ended_at IS NULL AND idle_until > $3 AND absolute_until > $3";

const OLDEST: &str = "
    SELECT handle FROM sessions
    WHERE provider = $1 AND subject = $2 AND ended_at IS NULL AND idle_until > $3 AND absolute_until > $3
    ORDER BY created, handle LIMIT $4";

const INSERT: &str = "
    INSERT INTO sessions (id, handle, verifier, provider, subject, issuer, issuer_sid, user_agent, ip, began,
        created, last_seen, idle_until, absolute_until, access_expires, tokens, seq)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
    ON CONFLICT DO NOTHING";

pub(super) async fn create(
    db: &mut SqliteConnection,
    new: NewSession,
) -> Result<Created, StoreError> {
    if let Some(reason) = refusal(db, &new).await? {
        return Ok(Created::Refused(reason));
    }
    let now = new.record.created;
    if let Some(old) = &new.replaces {
        end::one(db, old, EndReason::Replaced, now).await?;
    }
    end_surplus(db, &new).await?;
    let seq = feed::announce(db, &new.record.handle).await?;
    insert(db, &new, seq).await?;
    Ok(Created::Done)
}

async fn refusal(
    db: &mut SqliteConnection,
    new: &NewSession,
) -> Result<Option<EndReason>, StoreError> {
    let record = &new.record;
    let row = sqlx::query(REFUSAL)
        .bind(new.began.as_micros())
        .bind(record.principal.provider.as_str())
        .bind(record.principal.subject.as_str())
        .bind(record.issuer_sid.as_deref().unwrap_or_default())
        .fetch_optional(db)
        .await
        .map_err(failed)?;
    row.map(|row| Fields::of("not_before", &row).code("reason", EndReason::parse))
        .transpose()
}

async fn end_surplus(db: &mut SqliteConnection, new: &NewSession) -> Result<(), StoreError> {
    let principal = &new.record.principal;
    let now = new.record.created;
    let live: i64 = sqlx::query(COUNT)
        .bind(principal.provider.as_str())
        .bind(principal.subject.as_str())
        .bind(now.as_micros())
        .fetch_one(&mut *db)
        .await
        .and_then(|row| row.try_get("live"))
        .map_err(failed)?;
    let surplus = live + 1 - i64::from(new.limit);
    if surplus <= 0 {
        return Ok(());
    }
    let rows = sqlx::query(OLDEST)
        .bind(principal.provider.as_str())
        .bind(principal.subject.as_str())
        .bind(now.as_micros())
        .bind(surplus)
        .fetch_all(&mut *db)
        .await
        .map_err(failed)?;
    for row in &rows {
        let oldest = Fields::of(TABLE, row).code("handle", cloakroom_core::Handle::parse)?;
        end::one(db, &oldest, EndReason::RevokedByUser, now).await?;
    }
    Ok(())
}

async fn insert(db: &mut SqliteConnection, new: &NewSession, seq: Seq) -> Result<(), StoreError> {
    let record = &new.record;
    let done = sqlx::query(INSERT)
        .bind(&record.id.as_bytes()[..])
        .bind(record.handle.as_str())
        .bind(&record.verifier.as_bytes()[..])
        .bind(record.principal.provider.as_str())
        .bind(record.principal.subject.as_str())
        .bind(&record.issuer)
        .bind(record.issuer_sid.as_deref())
        .bind(&record.device.user_agent)
        .bind(&record.device.ip)
        .bind(new.began.as_micros())
        .bind(record.created.as_micros())
        .bind(record.last_seen.as_micros())
        .bind(record.idle_until.as_micros())
        .bind(record.absolute_until.as_micros())
        .bind(record.tokens.access_expires.as_micros())
        .bind(&record.tokens.blob[..])
        .bind(seq.0)
        .execute(db)
        .await
        .map_err(failed)?;
    if done.rows_affected() == 1 {
        Ok(())
    } else {
        Err(taken(TABLE, "id"))
    }
}
