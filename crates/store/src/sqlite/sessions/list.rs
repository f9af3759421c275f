//! Lists of live sessions.

use cloakroom_core::ports::StoreError;
use cloakroom_core::session::Listed;
use cloakroom_core::{Principal, Timestamp};
use sqlx::SqlitePool;

use super::row::TABLE;
use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

macro_rules! listing {
    ($of:literal) => {
        concat!(
            "SELECT handle, provider, subject, user_agent, ip, created, last_seen, absolute_until \
             FROM sessions \
             WHERE ended_at IS NULL AND idle_until > $1 AND absolute_until > $1 ",
            $of,
            "ORDER BY last_seen DESC, handle DESC LIMIT $2"
        )
    };
}

const EVERYBODY: &str = listing!("");
const OF_PRINCIPAL: &str = listing!("AND provider = $3 AND subject = $4 ");

pub(super) async fn list(
    db: &SqlitePool,
    of: Option<&Principal>,
    now: Timestamp,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    let query = sqlx::query(of.map_or(EVERYBODY, |_| OF_PRINCIPAL))
        .bind(now.as_micros())
        .bind(i64::from(limit));
    let query = match of {
        None => query,
        Some(who) => query.bind(who.provider.as_str()).bind(who.subject.as_str()),
    };
    let rows = query.fetch_all(db).await.map_err(failed)?;
    rows.iter()
        .map(|row| Fields::of(TABLE, row).try_into())
        .collect()
}
