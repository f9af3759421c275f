//! Sliding the idle timers, many at once.

use cloakroom_core::ports::StoreError;
use cloakroom_core::session::Slide;
use sqlx::SqliteConnection;

use crate::sqlite::failed;

/// Never backwards, never past the absolute end, and never of a session that was over when it happened.
const SLIDE: &str = "
    UPDATE sessions SET
        last_seen = CASE WHEN $2 > last_seen THEN $2 ELSE last_seen END,
        idle_until = CASE
            WHEN $3 <= idle_until THEN idle_until
            WHEN $3 > absolute_until THEN absolute_until
            ELSE $3
        END
    WHERE id = $1 AND ended_at IS NULL AND idle_until > $2 AND absolute_until > $2";

pub(super) async fn touch(db: &mut SqliteConnection, slides: Vec<Slide>) -> Result<(), StoreError> {
    for slide in slides {
        sqlx::query(SLIDE)
            .bind(&slide.id.as_bytes()[..])
            .bind(slide.seen.as_micros())
            .bind(slide.idle_until.as_micros())
            .execute(&mut *db)
            .await
            .map_err(failed)?;
    }
    Ok(())
}
