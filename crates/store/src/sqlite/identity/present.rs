//! Presenting a refresh token: judged by the core and carried out in one transaction. What this file guarantees:
//!
//! 1. However many present a token at once, one of them rotates it: the family's generation is compared in the
//!    statement that raises it, and so is its life.
//! 2. A revocation and a rotation never both win: a revoked family has no usable token, not even a new one.
//! 3. The word about a theft is in the outbox as soon as the family is revoked, and not otherwise.
//!
//! Refusal looks like an [`Outcome`]; only a store that cannot answer is an error.

use cloakroom_core::Timestamp;
use cloakroom_core::family::{
    Family, Presented, RevokeReason, Token, Verdict, present as judge, successor_expires,
};
use cloakroom_core::ports::{Attempt, Candidate, Outcome, StoreError};
use sqlx::{Row, SqliteConnection};

use super::{revoke, tokens};
use crate::sqlite::failed;

const RAISE: &str = "
    UPDATE families SET generation = generation + 1
    WHERE family = $1 AND generation = $2 AND revoked_at IS NULL
    RETURNING generation";

const SPEND: &str = "
    UPDATE refresh_tokens SET rotated_at = $2, idempotency_key_hash = $3
    WHERE refresh_token_id = $1 AND rotated_at IS NULL";

pub(super) async fn present(
    db: &mut SqliteConnection,
    attempt: Attempt,
) -> Result<Outcome, StoreError> {
    let Some((family, token)) = tokens::member(db, &attempt.hash).await? else {
        return Ok(Outcome::Unknown);
    };
    match judge(&family, &token, &attempt.how) {
        Verdict::Rotate => rotate(db, family, &token, &attempt.how, attempt.next).await,
        Verdict::Repeat => {
            let same = tokens::successor(db, family.id, &token).await?;
            Ok(Outcome::Repeated(Box::new(family), same))
        }
        Verdict::Stale => Ok(Outcome::Stale),
        Verdict::Reuse => reused(db, family, attempt.how.now).await,
        Verdict::Refuse(why) => Ok(Outcome::Refused(why)),
    }
}

async fn rotate(
    db: &mut SqliteConnection,
    mut family: Family,
    live: &Token,
    how: &Presented,
    next: Candidate,
) -> Result<Outcome, StoreError> {
    let raised = sqlx::query(RAISE)
        .bind(family.id.0)
        .bind(i64::from(live.generation))
        .fetch_optional(&mut *db)
        .await
        .map_err(failed)?;
    let raised: Option<i64> = raised
        .map(|row| row.try_get("generation"))
        .transpose()
        .map_err(failed)?;
    family.generation = raised
        .and_then(|generation| u32::try_from(generation).ok())
        .ok_or_else(|| contradiction("the live token is not of the family's generation"))?;
    let spent = sqlx::query(SPEND)
        .bind(live.jti)
        .bind(how.now.as_micros())
        .bind(how.idempotency.as_ref().map(|key| &key.as_bytes()[..]))
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    if spent.rows_affected() != 1 {
        return Err(contradiction("the live token is spent"));
    }
    let token = Token {
        jti: next.jti,
        generation: family.generation,
        hash: next.hash,
        spent_with: None,
        kid: next.kid,
        salt: next.salt,
        issued: how.now,
        expires: successor_expires(&family, how.now, next.idle),
        rotated: None,
    };
    tokens::store(db, family.id, &token).await?;
    Ok(Outcome::Rotated(Box::new(family), token))
}

async fn reused(
    db: &mut SqliteConnection,
    mut family: Family,
    now: Timestamp,
) -> Result<Outcome, StoreError> {
    let which = cloakroom_core::ports::Revoke::Family(family.id);
    revoke::revoke(db, which, RevokeReason::Reuse, now).await?;
    family.revoked = Some((now, RevokeReason::Reuse));
    Ok(Outcome::Reused(Box::new(family)))
}

fn contradiction(what: &str) -> StoreError {
    StoreError::Inconsistent {
        table: tokens::FAMILIES,
        column: "generation",
        what: what.to_owned(),
    }
}
