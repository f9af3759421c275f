//! The outbox: endings that the gateways still have to hear of, written in the transaction that ends.

use cloakroom_core::ports::{OutboxEvent, StoreError, Whose};
use cloakroom_core::{EndReason, Subject, Timestamp};
use sqlx::{SqliteConnection, SqlitePool};

use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

const TELL: &str = "
    INSERT INTO outbox (sid, subject, except_sid, reason, at) VALUES ($1, $2, $3, $4, $5)";

const READ: &str = "
    SELECT seq, sid, subject, except_sid, reason, at FROM outbox ORDER BY seq LIMIT $1";

const FORGET: &str = "DELETE FROM outbox WHERE seq <= $1";

pub(super) async fn tell(
    db: &mut SqliteConnection,
    whose: &Whose,
    reason: EndReason,
    at: Timestamp,
) -> Result<(), StoreError> {
    let (sid, subject, except) = match whose {
        Whose::Login(sid) => (Some(sid.as_str()), None, None),
        Whose::Subject { subject, except } => (None, Some(subject.as_str()), except.as_deref()),
    };
    sqlx::query(TELL)
        .bind(sid)
        .bind(subject)
        .bind(except)
        .bind(reason.as_str())
        .bind(at.as_micros())
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn read(db: &SqlitePool, limit: u32) -> Result<Vec<OutboxEvent>, StoreError> {
    let rows = sqlx::query(READ)
        .bind(i64::from(limit))
        .fetch_all(db)
        .await
        .map_err(failed)?;
    rows.iter()
        .map(|row| Fields::of("outbox", row).try_into())
        .collect()
}

pub(super) async fn forget(db: &mut SqliteConnection, seq: i64) -> Result<(), StoreError> {
    sqlx::query(FORGET)
        .bind(seq)
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}

impl TryFrom<Fields<'_>> for OutboxEvent {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        let subject: Option<String> = fields.get("subject")?;
        let whose = match (fields.get("sid")?, subject) {
            (Some(sid), None) => Whose::Login(sid),
            (None, Some(subject)) => Whose::Subject {
                subject: Subject::from(subject),
                except: fields.get("except_sid")?,
            },
            _ => return Err(fields.inconsistent("sid", "neither a login nor a subject")),
        };
        Ok(Self {
            seq: fields.get("seq")?,
            whose,
            reason: fields.code("reason", EndReason::parse)?,
            at: fields.time("at")?,
        })
    }
}
