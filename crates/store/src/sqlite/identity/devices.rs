//! The devices a user has logged in on: the newest ten.

use cloakroom_core::Timestamp;
use cloakroom_core::ports::StoreError;
use cloakroom_core::secret::Digest;
use sqlx::{SqliteConnection, SqlitePool};
use uuid::Uuid;

use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

const KEPT: i64 = 10;

/// `WHERE` also keeps the parser from taking `ON CONFLICT` for a join.
const KNOW: &str = "
    INSERT INTO user_devices (user_id, device, seen_at) SELECT id, $2, $3 FROM users WHERE id = $1
    ON CONFLICT (user_id, device) DO UPDATE SET seen_at = excluded.seen_at";

const FORGET: &str = "
    DELETE FROM user_devices WHERE user_id = $1 AND device NOT IN (
        SELECT device FROM user_devices WHERE user_id = $1 ORDER BY seen_at DESC LIMIT $2)";

const KNOWS: &str = "
    SELECT EXISTS (SELECT 1 FROM user_devices WHERE user_id = $1 AND device = $2) AS found";

pub(super) async fn know(
    db: &mut SqliteConnection,
    id: Uuid,
    device: Digest,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(KNOW)
        .bind(id)
        .bind(&device.as_bytes()[..])
        .bind(now.as_micros())
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    sqlx::query(FORGET)
        .bind(id)
        .bind(KEPT)
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn knows(db: &SqlitePool, id: Uuid, device: &Digest) -> Result<bool, StoreError> {
    let row = sqlx::query(KNOWS)
        .bind(id)
        .bind(&device.as_bytes()[..])
        .fetch_one(db)
        .await
        .map_err(failed)?;
    Fields::of("user_devices", &row).get("found")
}
