//! Forgetting sessions, endings and feed entries that nobody will ask for again.

use cloakroom_core::Timestamp;
use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{ENDING_KEPT, FEED_KEPT};
use sqlx::SqliteConnection;

use crate::sqlite::failed;

const SESSIONS: &str = "
    DELETE FROM sessions WHERE id IN (
        SELECT id FROM sessions WHERE absolute_until <= $1 ORDER BY absolute_until LIMIT $2)";

const ENDINGS: &str = "DELETE FROM not_before WHERE at <= $1";

/// Entries carry no time of their own: most changes come without one. They age from the first purge on.
const AGE: &str = "UPDATE changes SET aged_from = $1 WHERE aged_from IS NULL";

const RAISE: &str = "
    UPDATE feed SET pruned = coalesce((SELECT max(seq) FROM changes WHERE aged_from <= $1), pruned)";

const PRUNE: &str = "DELETE FROM changes WHERE seq <= (SELECT pruned FROM feed WHERE one = 1)";

pub(super) async fn purge(
    db: &mut SqliteConnection,
    before: Timestamp,
    limit: u32,
) -> Result<u64, StoreError> {
    for (sql, until) in [
        (ENDINGS, before.minus(ENDING_KEPT)),
        (AGE, before),
        (RAISE, before.minus(FEED_KEPT)),
    ] {
        sqlx::query(sql)
            .bind(until.as_micros())
            .execute(&mut *db)
            .await
            .map_err(failed)?;
    }
    sqlx::query(PRUNE).execute(&mut *db).await.map_err(failed)?;
    let gone = sqlx::query(SESSIONS)
        .bind(before.as_micros())
        .bind(i64::from(limit))
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(gone.rows_affected())
}
