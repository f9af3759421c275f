//! Revoking families, calling access tokens back, and forgetting both past their end.

use cloakroom_core::Timestamp;
use cloakroom_core::family::{FamilyId, RevokeReason};
use cloakroom_core::ports::{Revoke, StoreError};
use sqlx::query::Query;
use sqlx::sqlite::{Sqlite, SqliteArguments};
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use super::outbox;
use super::tokens::FAMILIES;
use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

macro_rules! revoke {
    ($which:literal) => {
        concat!(
            "UPDATE families SET revoked_at = $1, reason = $2 WHERE revoked_at IS NULL",
            $which,
            " RETURNING family, user_id"
        )
    };
}

const BY_TOKEN: &str = revoke!(
    " AND family IN (SELECT family FROM refresh_tokens WHERE token_hash = $3) \
     AND client_id IS NOT DISTINCT FROM $4"
);
const ONE: &str = revoke!(" AND family = $3");
const OF_USER: &str = revoke!(" AND user_id = $3 AND family IS DISTINCT FROM $4");
const ALL: &str = revoke!("");

const BLOCK: &str = "
    INSERT INTO blocked_tokens (jti, blocked_until) VALUES ($1, $2)
    ON CONFLICT (jti) DO UPDATE SET blocked_until = excluded.blocked_until
    WHERE excluded.blocked_until > blocked_tokens.blocked_until";

const IS_BLOCKED: &str = "SELECT EXISTS (SELECT 1 FROM blocked_tokens WHERE jti = $1) AS found";

/// A family that was renewed for two weeks has thousands of tokens. They go before it and count against the limit:
/// left to the foreign key, the families of one batch would keep every other writer waiting for seconds.
const PURGE_TOKENS: &str = "
    DELETE FROM refresh_tokens WHERE refresh_token_id IN (
        SELECT refresh_token_id FROM families JOIN refresh_tokens USING (family)
        WHERE absolute_expires_at <= $1 ORDER BY absolute_expires_at LIMIT $2)";

const PURGE_FAMILIES: &str = "
    DELETE FROM families WHERE family IN (
        SELECT family FROM families
        WHERE absolute_expires_at <= $1
            AND NOT EXISTS (SELECT 1 FROM refresh_tokens WHERE refresh_tokens.family = families.family)
        ORDER BY absolute_expires_at LIMIT $2)";

const PURGE_BLOCKED: &str = "
    DELETE FROM blocked_tokens WHERE jti IN (
        SELECT jti FROM blocked_tokens WHERE blocked_until <= $1 ORDER BY blocked_until LIMIT $2)";

/// A family that lived until now, and whose it was.
pub(super) struct Ended {
    family: FamilyId,
    user: Uuid,
}

pub(super) async fn revoke(
    db: &mut SqliteConnection,
    which: Revoke,
    reason: RevokeReason,
    at: Timestamp,
) -> Result<Vec<FamilyId>, StoreError> {
    let ended = match &which {
        Revoke::Token(hash, client) => {
            let query = begun(BY_TOKEN, reason, at)
                .bind(&hash.as_bytes()[..])
                .bind(client.as_ref().map(|client| client.0.as_str()));
            carry_out(db, query).await?
        }
        Revoke::Family(family) => carry_out(db, begun(ONE, reason, at).bind(family.0)).await?,
        Revoke::User(user) => of_user(db, *user, None, reason, at).await?,
        Revoke::Everybody => carry_out(db, begun(ALL, reason, at)).await?,
    };
    let lived = ended.iter().map(|ended| (ended.family, ended.user));
    for whose in which.told(lived) {
        outbox::tell(db, &whose, reason.end_reason(), at).await?;
    }
    Ok(ended.into_iter().map(|ended| ended.family).collect())
}

/// Revokes the families of one user, all but `keep`; telling the outbox is left to the caller.
pub(super) async fn of_user(
    db: &mut SqliteConnection,
    user: Uuid,
    keep: Option<FamilyId>,
    reason: RevokeReason,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let query = begun(OF_USER, reason, at)
        .bind(user)
        .bind(keep.map(|family| family.0));
    carry_out(db, query).await
}

pub(super) async fn block(
    db: &mut SqliteConnection,
    jti: String,
    until: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(BLOCK)
        .bind(jti)
        .bind(until.as_micros())
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn is_blocked(db: &SqlitePool, jti: &str) -> Result<bool, StoreError> {
    let row = sqlx::query(IS_BLOCKED)
        .bind(jti)
        .fetch_one(db)
        .await
        .map_err(failed)?;
    Fields::of("blocked_tokens", &row).get("found")
}

pub(super) async fn purge(
    db: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    let mut gone = 0;
    for sql in [PURGE_TOKENS, PURGE_FAMILIES, PURGE_BLOCKED] {
        let left = i64::from(limit) - i64::try_from(gone).unwrap_or(i64::MAX);
        let purged = sqlx::query(sql)
            .bind(before.as_micros())
            .bind(left)
            .execute(&mut *db)
            .await
            .map_err(failed)?;
        gone += purged.rows_affected();
    }
    Ok(gone)
}

fn begun<'q>(
    sql: &'static str,
    reason: RevokeReason,
    at: Timestamp,
) -> Query<'q, Sqlite, SqliteArguments> {
    sqlx::query(sql).bind(at.as_micros()).bind(reason.as_str())
}

async fn carry_out(
    db: &mut SqliteConnection,
    query: Query<'_, Sqlite, SqliteArguments>,
) -> Result<Vec<Ended>, StoreError> {
    let rows = query.fetch_all(db).await.map_err(failed)?;
    rows.iter()
        .map(|row| {
            let fields = Fields::of(FAMILIES, row);
            Ok(Ended {
                family: FamilyId(fields.get("family")?),
                user: fields.get("user_id")?,
            })
        })
        .collect()
}
