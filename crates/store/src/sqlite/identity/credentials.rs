//! What logins depend on. What this file guarantees:
//!
//! 1. A changed password, a closed account, the end of the families and the word about it are one transaction:
//!    a crash leaves all of it or nothing.
//! 2. A login that began before a change of password cannot begin a family after it.
//! 3. A change of password that was begun in a login is void once that login has ended: nobody who was thrown out
//!    while their old password was weighed sets a new one.
//! 4. A rehash is not a change: it replaces a hash of the same password, and only the one it names.

use cloakroom_core::Subject;
use cloakroom_core::Timestamp;
use cloakroom_core::family::{FamilyId, RevokeReason};
use cloakroom_core::ports::{CredentialChange, StoreError, Whose};
use cloakroom_core::secret::{ExposeSecret, SecretString};
use sqlx::SqliteConnection;
use uuid::Uuid;

use super::{outbox, revoke};
use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

const REHASH: &str = "UPDATE users SET password_hash = $3 WHERE id = $1 AND password_hash = $2";

const PASSWORD: &str = "
    UPDATE users SET password_hash = $3, password_changed_at = $2, updated_at = $2 WHERE id = $1";

const GOES_ON: &str = "
    SELECT EXISTS (
        SELECT 1 FROM families WHERE family = $1 AND user_id = $2 AND revoked_at IS NULL) AS found";

const DISABLE: &str = "
    UPDATE users SET disabled_at = $2, updated_at = $2 WHERE id = $1 AND disabled_at IS NULL";

const ENABLE: &str = "UPDATE users SET disabled_at = NULL, updated_at = $2 WHERE id = $1";

const DELETE: &str = "DELETE FROM users WHERE id = $1";

const FORGET_DEVICES: &str = "UPDATE families SET device_id = NULL WHERE user_id = $1";

const EXISTS: &str = "SELECT EXISTS (SELECT 1 FROM users WHERE id = $1) AS found";

const MAY_LOG_IN: &str = "
    SELECT EXISTS (
        SELECT 1 FROM users WHERE id = $1 AND disabled_at IS NULL
            AND (password_changed_at IS NULL OR password_changed_at < $2)) AS found";

pub(super) async fn rehash(
    db: &mut SqliteConnection,
    id: Uuid,
    old: SecretString,
    new: SecretString,
) -> Result<(), StoreError> {
    sqlx::query(REHASH)
        .bind(id)
        .bind(old.expose_secret())
        .bind(new.expose_secret())
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}

pub(super) async fn change(
    db: &mut SqliteConnection,
    id: Uuid,
    change: CredentialChange,
    now: Timestamp,
) -> Result<bool, StoreError> {
    if !exists(db, id).await? {
        return Ok(false);
    }
    match change {
        CredentialChange::Password {
            hash,
            keep,
            keep_all,
        } => {
            if let Some(keep) = keep
                && !goes_on(db, id, keep).await?
            {
                return Ok(false);
            }
            change_password(db, id, &hash, now).await?;
            if !keep_all {
                end_logins(db, id, keep, RevokeReason::PasswordChanged, now).await?;
            }
        }
        CredentialChange::Disable => {
            if at(db, DISABLE, id, now).await? > 0 {
                end_logins(db, id, None, RevokeReason::Disabled, now).await?;
            }
        }
        CredentialChange::Enable => {
            at(db, ENABLE, id, now).await?;
        }
        CredentialChange::Delete => {
            end_logins(db, id, None, RevokeReason::Disabled, now).await?;
            for sql in [FORGET_DEVICES, DELETE] {
                let done = sqlx::query(sql).bind(id).execute(&mut *db).await;
                done.map_err(failed)?;
            }
        }
    }
    Ok(true)
}

/// Whether a login of this user that began at `login_began` may still be finished.
pub(super) async fn may_log_in(
    db: &mut SqliteConnection,
    id: Uuid,
    login_began: Timestamp,
) -> Result<bool, StoreError> {
    let row = sqlx::query(MAY_LOG_IN)
        .bind(id)
        .bind(login_began.as_micros())
        .fetch_one(db)
        .await
        .map_err(failed)?;
    Fields::of("users", &row).get("found")
}

async fn exists(db: &mut SqliteConnection, id: Uuid) -> Result<bool, StoreError> {
    let row = sqlx::query(EXISTS)
        .bind(id)
        .fetch_one(db)
        .await
        .map_err(failed)?;
    Fields::of("users", &row).get("found")
}

async fn goes_on(
    db: &mut SqliteConnection,
    id: Uuid,
    family: FamilyId,
) -> Result<bool, StoreError> {
    let row = sqlx::query(GOES_ON)
        .bind(family.0)
        .bind(id)
        .fetch_one(db)
        .await
        .map_err(failed)?;
    Fields::of("families", &row).get("found")
}

async fn change_password(
    db: &mut SqliteConnection,
    id: Uuid,
    hash: &SecretString,
    now: Timestamp,
) -> Result<(), StoreError> {
    sqlx::query(PASSWORD)
        .bind(id)
        .bind(now.as_micros())
        .bind(hash.expose_secret())
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(())
}

async fn at(
    db: &mut SqliteConnection,
    sql: &'static str,
    id: Uuid,
    now: Timestamp,
) -> Result<u64, StoreError> {
    let done = sqlx::query(sql)
        .bind(id)
        .bind(now.as_micros())
        .execute(db)
        .await
        .map_err(failed)?;
    Ok(done.rows_affected())
}

async fn end_logins(
    db: &mut SqliteConnection,
    id: Uuid,
    keep: Option<FamilyId>,
    reason: RevokeReason,
    now: Timestamp,
) -> Result<(), StoreError> {
    revoke::of_user(db, id, keep, reason, now).await?;
    let whose = Whose::Subject {
        subject: Subject::from(id.to_string()),
        except: keep.map(|family| family.0.to_string()),
    };
    outbox::tell(db, &whose, reason.end_reason(), now).await
}
