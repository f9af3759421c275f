//! The change feed. Its order is the order of commits, because one transaction writes at a time.

use cloakroom_core::Handle;
use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{Changes, Seq};
use sqlx::{SqliteConnection, SqlitePool};

use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

const ANNOUNCE: &str = "INSERT INTO changes (handle) VALUES ($1) RETURNING seq";

const BOUNDS: &str = "
    SELECT pruned, coalesce((SELECT max(seq) FROM changes), pruned) AS upto FROM feed WHERE one = 1";

const SINCE: &str = "SELECT handle FROM changes WHERE seq > $1 AND seq <= $2 ORDER BY seq";

/// Writes down that a session changed, in the transaction that changes it.
pub(super) async fn announce(
    db: &mut SqliteConnection,
    handle: &Handle,
) -> Result<Seq, StoreError> {
    let row = sqlx::query(ANNOUNCE)
        .bind(handle.as_str())
        .fetch_one(db)
        .await
        .map_err(failed)?;
    Fields::of("changes", &row).get("seq").map(Seq)
}

pub(super) async fn changes(readers: &SqlitePool, after: Seq) -> Result<Changes, StoreError> {
    // One transaction: both queries see the same moment.
    let mut db = readers.begin().await.map_err(failed)?;
    let row = sqlx::query(BOUNDS)
        .fetch_one(&mut *db)
        .await
        .map_err(failed)?;
    let bounds = Fields::of("feed", &row);
    let (pruned, upto) = (Seq(bounds.get("pruned")?), Seq(bounds.get("upto")?));
    if after < pruned || after > upto {
        return Ok(Changes::Behind { upto });
    }
    let rows = sqlx::query(SINCE)
        .bind(after.0)
        .bind(upto.0)
        .fetch_all(&mut *db)
        .await
        .map_err(failed)?;
    let handles = rows
        .iter()
        .map(|row| Fields::of("changes", row).code("handle", Handle::parse))
        .collect::<Result<_, _>>()?;
    Ok(Changes::Since { upto, handles })
}
