//! The table of users. Names and addresses are unique by the table's own constraints; the queries before a
//! write only find out which one it would break.

use cloakroom_core::Timestamp;
use cloakroom_core::ports::{Inserted, NewUser, StoreError, Updated, User, UserChange, UserKey};
use cloakroom_core::secret::{ExposeSecret, SecretString};
use cloakroom_core::user::UniqueField;
use sqlx::{SqliteConnection, SqliteExecutor, SqlitePool};
use uuid::Uuid;

use crate::sqlite::fields::Fields;
use crate::sqlite::{failed, taken};

const TABLE: &str = "users";

macro_rules! columns {
    ($before:literal, $after:literal) => {
        concat!(
            $before,
            " id, name, username, email, password_hash, picture, tier_id, roles, disabled_at, created_at, \
             updated_at ",
            $after
        )
    };
}

const BY_ID: &str = columns!("SELECT", "FROM users WHERE id = $1");
const BY_USERNAME: &str = columns!("SELECT", "FROM users WHERE username = $1");
const BY_EMAIL: &str = columns!("SELECT", "FROM users WHERE email = $1");
const FIRST: &str = columns!("SELECT", "FROM users ORDER BY username LIMIT $1");
const AFTER: &str = columns!(
    "SELECT",
    "FROM users WHERE username > $2 ORDER BY username LIMIT $1"
);

const INSERT: &str = "
    INSERT INTO users (id, name, username, email, password_hash, roles, created_at, updated_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $7) ON CONFLICT DO NOTHING";

const UPDATE: &str = columns!(
    "UPDATE users SET
        name = coalesce($2, name), username = coalesce($3, username), email = coalesce($4, email),
        picture = CASE WHEN $5 THEN $6 ELSE picture END,
        tier_id = CASE WHEN $7 THEN $8 ELSE tier_id END,
        roles = coalesce($9, roles), updated_at = $10
    WHERE id = $1 RETURNING",
    ""
);

pub(super) async fn insert(
    db: &mut SqliteConnection,
    new: NewUser,
) -> Result<Inserted, StoreError> {
    let stored = sqlx::query(INSERT)
        .bind(new.id)
        .bind(&new.name)
        .bind(&new.username)
        .bind(&new.email)
        .bind(new.password_hash.expose_secret())
        .bind(roles_as_text(new.roles))
        .bind(new.created_at.as_micros())
        .execute(&mut *db)
        .await
        .map_err(failed)?;
    if stored.rows_affected() == 1 {
        return Ok(Inserted::Done);
    }
    let owner = owner_of(db, None, Some(new.username), Some(new.email)).await?;
    owner.map(Inserted::Taken).ok_or_else(|| taken(TABLE, "id"))
}

pub(super) async fn find(
    db: impl SqliteExecutor<'_>,
    by: &UserKey,
) -> Result<Option<User>, StoreError> {
    let query = match by {
        UserKey::Id(id) => sqlx::query(BY_ID).bind(*id),
        UserKey::Username(name) => sqlx::query(BY_USERNAME).bind(name),
        UserKey::Email(email) => sqlx::query(BY_EMAIL).bind(email),
    };
    let row = query.fetch_optional(db).await.map_err(failed)?;
    row.map(|row| Fields::of(TABLE, &row).try_into())
        .transpose()
}

pub(super) async fn update(
    db: &mut SqliteConnection,
    id: Uuid,
    change: UserChange,
    now: Timestamp,
) -> Result<Updated, StoreError> {
    if find(&mut *db, &UserKey::Id(id)).await?.is_none() {
        return Ok(Updated::Absent);
    }
    let (username, email) = (change.username.clone(), change.email.clone());
    if let Some(field) = owner_of(&mut *db, Some(id), username, email).await? {
        return Ok(Updated::Taken(field));
    }
    let row = sqlx::query(UPDATE)
        .bind(id)
        .bind(change.name)
        .bind(change.username)
        .bind(change.email)
        .bind(change.picture.is_some())
        .bind(change.picture.flatten())
        .bind(change.tier_id.is_some())
        .bind(change.tier_id.flatten())
        .bind(change.roles.map(roles_as_text))
        .bind(now.as_micros())
        .fetch_one(db)
        .await
        .map_err(failed)?;
    let user = User::try_from(Fields::of(TABLE, &row))?;
    Ok(Updated::Done(Box::new(user)))
}

pub(super) async fn list(
    db: &SqlitePool,
    after: Option<&str>,
    limit: u32,
) -> Result<Vec<User>, StoreError> {
    let limit = i64::from(limit);
    let query = match after {
        None => sqlx::query(FIRST).bind(limit),
        Some(after) => sqlx::query(AFTER).bind(limit).bind(after),
    };
    let rows = query.fetch_all(db).await.map_err(failed)?;
    rows.iter()
        .map(|row| Fields::of(TABLE, row).try_into())
        .collect()
}

/// Which of these values belongs to somebody other than `me`.
async fn owner_of(
    db: &mut SqliteConnection,
    me: Option<Uuid>,
    username: Option<String>,
    email: Option<String>,
) -> Result<Option<UniqueField>, StoreError> {
    let keys = [
        (username.map(UserKey::Username), UniqueField::Username),
        (email.map(UserKey::Email), UniqueField::Email),
    ];
    for (key, field) in keys {
        let Some(key) = key else { continue };
        let owner = find(&mut *db, &key).await?;
        if owner.is_some_and(|owner| Some(owner.id) != me) {
            return Ok(Some(field));
        }
    }
    Ok(None)
}

/// Roles as they are stored: a sorted JSON array without repetitions.
fn roles_as_text(mut roles: Vec<String>) -> String {
    roles.sort_unstable();
    roles.dedup();
    serde_json::Value::from(roles).to_string()
}

impl TryFrom<Fields<'_>> for User {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            id: fields.get("id")?,
            name: fields.get("name")?,
            username: fields.get("username")?,
            email: fields.get("email")?,
            password_hash: SecretString::from(fields.get::<String>("password_hash")?),
            picture: fields.get("picture")?,
            tier_id: fields.get("tier_id")?,
            roles: fields.code("roles", |text| serde_json::from_str(text).ok())?,
            disabled_at: fields.time_or_none("disabled_at")?,
            created_at: fields.time("created_at")?,
            updated_at: fields.time("updated_at")?,
        })
    }
}
