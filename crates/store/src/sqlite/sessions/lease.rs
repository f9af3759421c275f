//! The refresh lease: taken, kept alive, given back, and written under.

use cloakroom_core::LookupId;
use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{Beat, Fence, Lease, Opened, Owner, SealedTokens, Swap};
use sqlx::SqliteConnection;

use super::feed;
use super::row::{TABLE, load};
use crate::sqlite::failed;

/// The fence that was read is compared again, so that the statement is right on its own.
const TAKE: &str = "
    UPDATE sessions SET lease_owner = $3, beat = beat + 1, fence = fence + 1
    WHERE id = $1 AND fence = $2 AND ended_at IS NULL";

const BEAT: &str = "
    UPDATE sessions SET beat = beat + 1
    WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL AND ended_at IS NULL";

const RELEASE: &str = "
    UPDATE sessions SET lease_owner = NULL
    WHERE id = $1 AND fence = $2 AND ended_at IS NULL";

const STORE: &str = "
    UPDATE sessions SET access_expires = $3, tokens = $4, seq = $5, lease_owner = NULL
    WHERE id = $1 AND fence = $2 AND lease_owner IS NOT NULL AND ended_at IS NULL";

/// Who asks for the lease, and what they have seen.
pub(super) struct Asked {
    pub(super) id: LookupId,
    pub(super) known: Fence,
    pub(super) stale: Option<Beat>,
    pub(super) me: Owner,
}

pub(super) async fn take(db: &mut SqliteConnection, asked: Asked) -> Result<Lease, StoreError> {
    let record = match load(&mut *db, &asked.id).await? {
        Opened::Live(record) => record,
        Opened::Ended(tombstone) => return Ok(Lease::Gone(Some(tombstone.reason))),
        Opened::Absent => return Ok(Lease::Gone(None)),
    };
    match &record.lease {
        Some(beat) if asked.stale.as_ref() != Some(beat) => return Ok(Lease::Busy(beat.clone())),
        None if record.fence != asked.known => return Ok(Lease::Moved(record)),
        Some(_) | None => {}
    }
    sqlx::query(TAKE)
        .bind(&asked.id.as_bytes()[..])
        .bind(record.fence.0)
        .bind(&*asked.me.0)
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    match load(db, &asked.id).await? {
        Opened::Live(held) if held.fence > record.fence => Ok(Lease::Held(held)),
        _ => Err(StoreError::Inconsistent {
            table: TABLE,
            column: "fence",
            what: "a lease that was taken is not held".into(),
        }),
    }
}

pub(super) async fn beat(
    db: &mut SqliteConnection,
    id: LookupId,
    fence: Fence,
) -> Result<bool, StoreError> {
    under_fence(db, BEAT, id, fence).await
}

pub(super) async fn release(
    db: &mut SqliteConnection,
    id: LookupId,
    fence: Fence,
) -> Result<(), StoreError> {
    under_fence(db, RELEASE, id, fence).await.map(|_| ())
}

pub(super) async fn store(
    db: &mut SqliteConnection,
    id: LookupId,
    fence: Fence,
    tokens: SealedTokens,
) -> Result<Swap, StoreError> {
    let record = match load(&mut *db, &id).await? {
        Opened::Live(record) => record,
        Opened::Ended(tombstone) => return Ok(Swap::Gone(Some(tombstone.reason))),
        Opened::Absent => return Ok(Swap::Gone(None)),
    };
    if record.fence != fence || record.lease.is_none() {
        return Ok(Swap::Fenced);
    }
    let seq = feed::announce(db, &record.handle).await?;
    let done = sqlx::query(STORE)
        .bind(&id.as_bytes()[..])
        .bind(fence.0)
        .bind(tokens.access_expires.as_micros())
        .bind(&tokens.blob[..])
        .bind(seq.0)
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(if done.rows_affected() == 1 {
        Swap::Done
    } else {
        Swap::Fenced
    })
}

async fn under_fence(
    db: &mut SqliteConnection,
    sql: &'static str,
    id: LookupId,
    fence: Fence,
) -> Result<bool, StoreError> {
    let done = sqlx::query(sql)
        .bind(&id.as_bytes()[..])
        .bind(fence.0)
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(done.rows_affected() == 1)
}
