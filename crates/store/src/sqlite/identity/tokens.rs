//! The rows of families and their tokens: read, and stored for the first time.

use cloakroom_core::Timestamp;
use cloakroom_core::family::{ClientId, Family, FamilyId, RevokeReason, Scope, Token};
use cloakroom_core::ports::{Begun, NewFamily, StoreError};
use cloakroom_core::secret::Digest;
use sqlx::{SqliteConnection, SqliteExecutor};

use super::credentials::may_log_in;
use crate::sqlite::fields::Fields;
use crate::sqlite::{failed, taken};

pub(super) const FAMILIES: &str = "families";
pub(super) const TOKENS: &str = "refresh_tokens";

const FAMILY: &str = "
    SELECT family, client_id, user_id, device_id, scope, audience, generation, created_at,
        absolute_expires_at, revoked_at, reason
    FROM families WHERE family = $1";

const BEGIN: &str = "
    INSERT INTO families (family, client_id, user_id, device_id, scope, audience, generation, created_at,
        absolute_expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";

macro_rules! tokens {
    ($which:literal) => {
        concat!(
            "SELECT refresh_token_id, family, generation, token_hash, idempotency_key_hash, kid, salt, \
             issued_at, expires_at, rotated_at FROM refresh_tokens WHERE ",
            $which
        )
    };
}

const BY_HASH: &str = tokens!("token_hash = $1");
const BY_GENERATION: &str = tokens!("family = $1 AND generation = $2");

const STORE: &str = "
    INSERT INTO refresh_tokens (refresh_token_id, family, generation, token_hash, kid, salt, issued_at,
        expires_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT DO NOTHING";

pub(super) async fn begin(
    db: &mut SqliteConnection,
    new: NewFamily,
    login_began: Timestamp,
) -> Result<Begun, StoreError> {
    let NewFamily { family, token } = new;
    if !may_log_in(db, family.user, login_began).await? {
        return Ok(Begun::Refused);
    }
    let begun = sqlx::query(BEGIN)
        .bind(family.id.0)
        .bind(family.client.as_ref().map(|client| client.0.as_str()))
        .bind(family.user)
        .bind(family.device.as_deref())
        .bind(family.scope.to_string())
        .bind(&family.audience)
        .bind(i64::from(family.generation))
        .bind(family.created.as_micros())
        .bind(family.absolute_expires.as_micros())
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    if begun.rows_affected() == 0 {
        return Err(taken(FAMILIES, "family"));
    }
    store(db, family.id, &token).await?;
    Ok(Begun::Done)
}

/// Stores a token that nobody has presented yet.
pub(super) async fn store(
    db: &mut SqliteConnection,
    family: FamilyId,
    token: &Token,
) -> Result<(), StoreError> {
    let stored = sqlx::query(STORE)
        .bind(token.jti)
        .bind(family.0)
        .bind(i64::from(token.generation))
        .bind(&token.hash.as_bytes()[..])
        .bind(&token.kid)
        .bind(&token.salt[..])
        .bind(token.issued.as_micros())
        .bind(token.expires.as_micros())
        .execute(db)
        .await
        .map_err(failed)?;
    if stored.rows_affected() == 1 {
        Ok(())
    } else {
        Err(taken(TOKENS, "token_hash"))
    }
}

pub(super) async fn family(
    db: impl SqliteExecutor<'_>,
    id: FamilyId,
) -> Result<Option<Family>, StoreError> {
    let row = sqlx::query(FAMILY)
        .bind(id.0)
        .fetch_optional(db)
        .await
        .map_err(failed)?;
    row.map(|row| Fields::of(FAMILIES, &row).try_into())
        .transpose()
}

/// The token with this hash, and its family.
pub(super) async fn member(
    db: &mut SqliteConnection,
    hash: &Digest,
) -> Result<Option<(Family, Token)>, StoreError> {
    let row = sqlx::query(BY_HASH)
        .bind(&hash.as_bytes()[..])
        .fetch_optional(&mut *db)
        .await
        .map_err(failed)?;
    let Some(row) = row else { return Ok(None) };
    let fields = Fields::of(TOKENS, &row);
    let id = FamilyId(fields.get("family")?);
    let found = family(db, id).await?;
    let family = found.ok_or_else(|| fields.inconsistent("family", "there is no such family"))?;
    Ok(Some((family, fields.try_into()?)))
}

/// The token that a spent one was exchanged for.
pub(super) async fn successor(
    db: &mut SqliteConnection,
    family: FamilyId,
    spent: &Token,
) -> Result<Token, StoreError> {
    let row = sqlx::query(BY_GENERATION)
        .bind(family.0)
        .bind(i64::from(spent.generation) + 1)
        .fetch_optional(db)
        .await
        .map_err(failed)?;
    let row = row.ok_or_else(|| StoreError::Inconsistent {
        table: TOKENS,
        column: "generation",
        what: "a spent token has no successor".into(),
    })?;
    Fields::of(TOKENS, &row).try_into()
}

impl TryFrom<Fields<'_>> for Family {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        let client: Option<String> = fields.get("client_id")?;
        let revoked = match fields.time_or_none("revoked_at")? {
            None => None,
            Some(at) => Some((at, fields.code("reason", RevokeReason::parse)?)),
        };
        Ok(Self {
            id: FamilyId(fields.get("family")?),
            client: client.map(ClientId),
            user: fields.get("user_id")?,
            device: fields.get("device_id")?,
            scope: Scope::parse(fields.get("scope")?),
            audience: fields.get("audience")?,
            generation: generation(&fields)?,
            created: fields.time("created_at")?,
            absolute_expires: fields.time("absolute_expires_at")?,
            revoked,
        })
    }
}

impl TryFrom<Fields<'_>> for Token {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            jti: fields.get("refresh_token_id")?,
            generation: generation(&fields)?,
            hash: fields.digest("token_hash")?,
            spent_with: fields.digest_or_none("idempotency_key_hash")?,
            kid: fields.get("kid")?,
            salt: fields.bytes("salt")?,
            issued: fields.time("issued_at")?,
            expires: fields.time("expires_at")?,
            rotated: fields.time_or_none("rotated_at")?,
        })
    }
}

fn generation(fields: &Fields<'_>) -> Result<u32, StoreError> {
    let stored: i64 = fields.get("generation")?;
    u32::try_from(stored).map_err(|_| fields.inconsistent("generation", "out of range"))
}
