//! Users, the devices they are known on, and the outbox, in memory.

use async_trait::async_trait;
use cloakroom_core::family::{FamilyId, RevokeReason};
use cloakroom_core::ports::{
    CredentialChange, Inserted, NewUser, OutboxEvent, StoreError, Updated, User, UserChange,
    UserKey, UserStore, Whose,
};
use cloakroom_core::secret::{Digest, ExposeSecret, SecretString};
use cloakroom_core::user::UniqueField;
use cloakroom_core::{Subject, Timestamp};
use uuid::Uuid;

use super::super::{at_most, taken};
use super::{Account, MemoryIdentity, State};

/// How many devices of a user are remembered.
const DEVICES: usize = 10;

#[async_trait]
impl UserStore for MemoryIdentity {
    async fn insert(&self, new: NewUser) -> Result<Inserted, StoreError> {
        let mut state = self.0.lock()?;
        if let Some(field) = state.owner_of(None, Some(&new.username), Some(&new.email)) {
            return Ok(Inserted::Taken(field));
        }
        if state.accounts.contains_key(&new.id) {
            return Err(taken("users", "id"));
        }
        state.accounts.insert(new.id, Account::from(new));
        Ok(Inserted::Done)
    }

    async fn find(&self, by: &UserKey) -> Result<Option<User>, StoreError> {
        let state = self.0.lock()?;
        let mut users = state.accounts.values().map(|account| &account.user);
        Ok(users
            .find(|user| match by {
                UserKey::Id(id) => user.id == *id,
                UserKey::Username(name) => user.username == *name,
                UserKey::Email(email) => user.email == *email,
            })
            .cloned())
    }

    async fn update(
        &self,
        id: Uuid,
        change: UserChange,
        now: Timestamp,
    ) -> Result<Updated, StoreError> {
        let mut state = self.0.lock()?;
        let (username, email) = (change.username.as_deref(), change.email.as_deref());
        let owner = state.owner_of(Some(id), username, email);
        let Some(account) = state.accounts.get_mut(&id) else {
            return Ok(Updated::Absent);
        };
        if let Some(field) = owner {
            return Ok(Updated::Taken(field));
        }
        apply(&mut account.user, change);
        account.user.updated_at = now;
        Ok(Updated::Done(Box::new(account.user.clone())))
    }

    async fn rehash(
        &self,
        id: Uuid,
        old: &SecretString,
        new: &SecretString,
    ) -> Result<(), StoreError> {
        if let Some(account) = self.0.lock()?.accounts.get_mut(&id)
            && account.user.password_hash.expose_secret() == old.expose_secret()
        {
            account.user.password_hash = new.clone();
        }
        Ok(())
    }

    async fn change_credential(
        &self,
        id: Uuid,
        change: CredentialChange,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let mut state = self.0.lock()?;
        if let CredentialChange::Password {
            keep: Some(keep), ..
        } = &change
            && !state.goes_on(id, *keep)
        {
            return Ok(false);
        }
        let Some(account) = state.accounts.get_mut(&id) else {
            return Ok(false);
        };
        account.user.updated_at = now;
        match change {
            CredentialChange::Password {
                hash,
                keep,
                keep_all,
            } => {
                account.user.password_hash = hash;
                account.password_changed = Some(now);
                if !keep_all {
                    state.end_user(id, keep, RevokeReason::PasswordChanged, now);
                }
            }
            CredentialChange::Disable if account.user.disabled_at.is_some() => {}
            CredentialChange::Disable => {
                account.user.disabled_at = Some(now);
                state.end_user(id, None, RevokeReason::Disabled, now);
            }
            CredentialChange::Enable => account.user.disabled_at = None,
            CredentialChange::Delete => {
                state.accounts.remove(&id);
                state.end_user(id, None, RevokeReason::Disabled, now);
                for (family, _) in state.families.values_mut().filter(|(f, _)| f.user == id) {
                    family.device = None;
                }
            }
        }
        Ok(true)
    }

    async fn list(&self, after: Option<&str>, limit: u32) -> Result<Vec<User>, StoreError> {
        let state = self.0.lock()?;
        let mut users: Vec<_> = state
            .accounts
            .values()
            .map(|account| &account.user)
            .filter(|user| after.is_none_or(|after| user.username.as_str() > after))
            .cloned()
            .collect();
        users.sort_by(|a, b| a.username.cmp(&b.username));
        users.truncate(at_most(limit));
        Ok(users)
    }

    async fn know_device(
        &self,
        id: Uuid,
        device: &Digest,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        if let Some(account) = self.0.lock()?.accounts.get_mut(&id) {
            account.devices.retain(|(_, known)| known != device);
            account.devices.push((now, *device));
            account.devices.sort_by_key(|(seen, _)| *seen);
            let surplus = account.devices.len().saturating_sub(DEVICES);
            account.devices.drain(..surplus);
        }
        Ok(())
    }

    async fn knows_device(&self, id: Uuid, device: &Digest) -> Result<bool, StoreError> {
        let state = self.0.lock()?;
        Ok(state
            .accounts
            .get(&id)
            .is_some_and(|account| account.devices.iter().any(|(_, known)| known == device)))
    }

    async fn outbox(&self, limit: u32) -> Result<Vec<OutboxEvent>, StoreError> {
        let state = self.0.lock()?;
        Ok(state.outbox.iter().take(at_most(limit)).cloned().collect())
    }

    async fn delivered(&self, seq: i64) -> Result<(), StoreError> {
        self.0.lock()?.outbox.retain(|event| event.seq > seq);
        Ok(())
    }
}

impl State {
    /// Which of these values belongs to somebody other than `me`.
    fn owner_of(
        &self,
        me: Option<Uuid>,
        username: Option<&str>,
        email: Option<&str>,
    ) -> Option<UniqueField> {
        let others = || {
            self.accounts
                .values()
                .map(|account| &account.user)
                .filter(move |user| Some(user.id) != me)
        };
        if others().any(|user| username == Some(user.username.as_str())) {
            Some(UniqueField::Username)
        } else if others().any(|user| email == Some(user.email.as_str())) {
            Some(UniqueField::Email)
        } else {
            None
        }
    }

    /// Whether this login of this user lives.
    fn goes_on(&self, id: Uuid, family: FamilyId) -> bool {
        let mut families = self.families.values().map(|(family, _)| family);
        families.any(|f| f.id == family && f.user == id && f.revoked.is_none())
    }

    /// Ends every login of a user but one, and tells the outbox in the same step.
    fn end_user(&mut self, id: Uuid, keep: Option<FamilyId>, reason: RevokeReason, now: Timestamp) {
        self.revoke_where(reason, now, |family| {
            family.user == id && Some(family.id) != keep
        });
        let whose = Whose::Subject {
            subject: Subject::from(id.to_string()),
            except: keep.map(|family| family.0.to_string()),
        };
        self.tell(whose, reason.end_reason(), now);
    }
}

fn apply(user: &mut User, change: UserChange) {
    let UserChange {
        name,
        username,
        email,
        picture,
        roles,
        tier_id,
    } = change;
    user.name = name.unwrap_or_else(|| std::mem::take(&mut user.name));
    user.username = username.unwrap_or_else(|| std::mem::take(&mut user.username));
    user.email = email.unwrap_or_else(|| std::mem::take(&mut user.email));
    user.picture = picture.unwrap_or_else(|| user.picture.take());
    user.roles = roles.map_or_else(|| std::mem::take(&mut user.roles), sorted);
    user.tier_id = tier_id.unwrap_or(user.tier_id);
}

fn sorted(mut roles: Vec<String>) -> Vec<String> {
    roles.sort_unstable();
    roles.dedup();
    roles
}

impl From<NewUser> for Account {
    fn from(new: NewUser) -> Self {
        Self {
            user: User {
                id: new.id,
                name: new.name,
                username: new.username,
                email: new.email,
                password_hash: new.password_hash,
                picture: None,
                tier_id: None,
                roles: sorted(new.roles),
                disabled_at: None,
                created_at: new.created_at,
                updated_at: new.created_at,
            },
            password_changed: None,
            devices: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, ready};
    use std::sync::Arc;

    use super::*;

    fn empty() -> Ready<(Arc<MemoryIdentity>, ())> {
        ready((Arc::new(MemoryIdentity::new()), ()))
    }

    crate::user_store_conformance!(empty);

    #[tokio::test]
    async fn a_store_that_is_switched_off_answers_nothing() {
        let store = MemoryIdentity::new();
        store.fail(true);
        let found = store.find(&UserKey::Username("ada".into())).await;
        assert!(matches!(found, Err(StoreError::Unavailable(_))));
        let endings = store.outbox(1).await;
        assert!(matches!(endings, Err(StoreError::Unavailable(_))));
    }
}
