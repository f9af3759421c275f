//! A row of `sessions`, turned into what the core calls it.

use bytes::Bytes;
use cloakroom_core::ports::StoreError;
use cloakroom_core::session::{
    Beat, Device, Fence, Listed, Opened, Owner, Record, SealedTokens, Seq, Tombstone,
};
use cloakroom_core::{EndReason, Handle, LookupId, Principal};
use sqlx::SqliteExecutor;

use crate::sqlite::failed;
use crate::sqlite::fields::Fields;

pub(super) const TABLE: &str = "sessions";

const LOAD: &str = "
    SELECT id, handle, verifier, provider, subject, issuer, issuer_sid, user_agent, ip, created, last_seen,
        idle_until, absolute_until, access_expires, tokens, lease_owner, beat, fence, seq, ended_at, end_reason
    FROM sessions WHERE id = $1";

pub(super) async fn load(db: impl SqliteExecutor<'_>, id: &LookupId) -> Result<Opened, StoreError> {
    let row = sqlx::query(LOAD)
        .bind(&id.as_bytes()[..])
        .fetch_optional(db)
        .await
        .map_err(failed)?;
    row.map_or(Ok(Opened::Absent), |row| Fields::of(TABLE, &row).try_into())
}

impl TryFrom<Fields<'_>> for Opened {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        let Some(ended_at) = fields.time_or_none("ended_at")? else {
            return Record::try_from(fields).map(|record| Self::Live(Box::new(record)));
        };
        Ok(Self::Ended(Tombstone {
            handle: fields.code("handle", Handle::parse)?,
            verifier: fields.digest("verifier")?,
            reason: fields.code("end_reason", EndReason::parse)?,
            ended_at,
        }))
    }
}

impl TryFrom<Fields<'_>> for Record {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        let owner: Option<&str> = fields.get("lease_owner")?;
        let count = fields.get("beat")?;
        Ok(Self {
            id: LookupId::new(fields.bytes("id")?),
            handle: fields.code("handle", Handle::parse)?,
            verifier: fields.digest("verifier")?,
            principal: principal(&fields)?,
            issuer: fields.get("issuer")?,
            issuer_sid: fields.get("issuer_sid")?,
            device: device(&fields)?,
            created: fields.time("created")?,
            last_seen: fields.time("last_seen")?,
            idle_until: fields.time("idle_until")?,
            absolute_until: fields.time("absolute_until")?,
            tokens: SealedTokens {
                access_expires: fields.time("access_expires")?,
                blob: Bytes::from(fields.get::<Vec<u8>>("tokens")?),
            },
            lease: owner.map(|owner| Beat {
                owner: Owner(owner.into()),
                count,
            }),
            fence: Fence(fields.get("fence")?),
            seq: Seq(fields.get("seq")?),
        })
    }
}

impl TryFrom<Fields<'_>> for Listed {
    type Error = StoreError;

    fn try_from(fields: Fields<'_>) -> Result<Self, StoreError> {
        Ok(Self {
            handle: fields.code("handle", Handle::parse)?,
            principal: principal(&fields)?,
            device: device(&fields)?,
            created: fields.time("created")?,
            last_seen: fields.time("last_seen")?,
            absolute_until: fields.time("absolute_until")?,
        })
    }
}

fn principal(fields: &Fields<'_>) -> Result<Principal, StoreError> {
    Ok(Principal {
        provider: fields.get::<&str>("provider")?.into(),
        subject: fields.get::<&str>("subject")?.into(),
    })
}

fn device(fields: &Fields<'_>) -> Result<Device, StoreError> {
    Ok(Device {
        user_agent: fields.get("user_agent")?,
        ip: fields.get("ip")?,
    })
}
