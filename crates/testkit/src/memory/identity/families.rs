//! Refresh-token families in memory.

use async_trait::async_trait;
use cloakroom_core::Timestamp;
use cloakroom_core::family::{
    Family, FamilyId, Presented, RevokeReason, Token, Verdict, present, successor_expires,
};
use cloakroom_core::ports::{
    Attempt, Begun, Candidate, FamilyStore, NewFamily, Outcome, Revoke, StoreError, Whose,
};
use cloakroom_core::secret::Digest;

use super::super::{at_most, taken};
use super::{MemoryIdentity, State};

#[async_trait]
impl FamilyStore for MemoryIdentity {
    async fn begin(&self, new: NewFamily, login_began: Timestamp) -> Result<Begun, StoreError> {
        let mut state = self.0.lock()?;
        let may = state.accounts.get(&new.family.user).is_some_and(|account| {
            account.user.disabled_at.is_none()
                && account.password_changed.is_none_or(|at| at < login_began)
        });
        if !may {
            return Ok(Begun::Refused);
        }
        if state.families.contains_key(&new.family.id) {
            return Err(taken("families", "family"));
        }
        if state.member(&new.token.hash).is_some() {
            return Err(taken("refresh_tokens", "token_hash"));
        }
        state
            .families
            .insert(new.family.id, (new.family, vec![new.token]));
        Ok(Begun::Done)
    }

    async fn present(&self, attempt: Attempt) -> Result<Outcome, StoreError> {
        let mut state = self.0.lock()?;
        let Some((family, token)) = state.member(&attempt.hash) else {
            return Ok(Outcome::Unknown);
        };
        match present(&family, &token, &attempt.how) {
            Verdict::Rotate => state.rotate(&family, &token, &attempt.how, attempt.next),
            Verdict::Repeat => state.successor(family, &token),
            Verdict::Stale => Ok(Outcome::Stale),
            Verdict::Reuse => Ok(state.reused(family, attempt.how.now)),
            Verdict::Refuse(why) => Ok(Outcome::Refused(why)),
        }
    }

    async fn revoke(
        &self,
        which: Revoke,
        reason: RevokeReason,
        at: Timestamp,
    ) -> Result<Vec<FamilyId>, StoreError> {
        let mut state = self.0.lock()?;
        let revoked = match &which {
            Revoke::Token(hash, client) => {
                let of = state.member(hash).map(|(family, _)| family.id);
                state.revoke_where(reason, at, |family| {
                    Some(family.id) == of && family.client == *client
                })
            }
            Revoke::Family(id) => state.revoke_where(reason, at, |family| family.id == *id),
            Revoke::User(user) => state.revoke_where(reason, at, |family| family.user == *user),
            Revoke::Everybody => state.revoke_where(reason, at, |_| true),
        };
        let lived = revoked.iter().map(|family| (family.id, family.user));
        for whose in which.told(lived) {
            state.tell(whose, reason.end_reason(), at);
        }
        Ok(revoked.into_iter().map(|family| family.id).collect())
    }

    async fn family(&self, id: FamilyId) -> Result<Option<Family>, StoreError> {
        let state = self.0.lock()?;
        Ok(state.families.get(&id).map(|(family, _)| family.clone()))
    }

    async fn peek(&self, hash: &Digest) -> Result<Option<(Family, Token)>, StoreError> {
        Ok(self.0.lock()?.member(hash))
    }

    async fn block(&self, jti: &str, until: Timestamp) -> Result<(), StoreError> {
        let mut state = self.0.lock()?;
        let end = state.blocked.entry(jti.to_owned()).or_insert(until);
        *end = until.max(*end);
        Ok(())
    }

    async fn is_blocked(&self, jti: &str) -> Result<bool, StoreError> {
        Ok(self.0.lock()?.blocked.contains_key(jti))
    }

    async fn purge(&self, before: Timestamp, limit: u32) -> Result<u64, StoreError> {
        let mut state = self.0.lock()?;
        let mut left = at_most(limit);
        let mut gone = 0;
        let mut spend = |past: bool| {
            let goes = past && left > 0;
            left -= usize::from(goes);
            gone += u64::from(goes);
            !goes
        };
        state
            .families
            .retain(|_, (family, _)| spend(family.absolute_expires.has_come(before)));
        state
            .blocked
            .retain(|_, until| spend(until.has_come(before)));
        Ok(gone)
    }
}

impl State {
    fn member(&self, hash: &Digest) -> Option<(Family, Token)> {
        self.families.values().find_map(|(family, tokens)| {
            let token = tokens.iter().find(|token| token.hash == *hash)?;
            Some((family.clone(), token.clone()))
        })
    }

    fn rotate(
        &mut self,
        family: &Family,
        spent: &Token,
        how: &Presented,
        next: Candidate,
    ) -> Result<Outcome, StoreError> {
        if self.member(&next.hash).is_some() {
            return Err(taken("refresh_tokens", "token_hash"));
        }
        let Some((family, tokens)) = self.families.get_mut(&family.id) else {
            return Ok(Outcome::Unknown);
        };
        for token in tokens.iter_mut().filter(|token| token.jti == spent.jti) {
            token.rotated = Some(how.now);
            token.spent_with = how.idempotency;
        }
        family.generation += 1;
        let token = Token {
            jti: next.jti,
            generation: family.generation,
            hash: next.hash,
            spent_with: None,
            kid: next.kid,
            salt: next.salt,
            issued: how.now,
            expires: successor_expires(family, how.now, next.idle),
            rotated: None,
        };
        tokens.push(token.clone());
        Ok(Outcome::Rotated(Box::new(family.clone()), token))
    }

    fn successor(&self, family: Family, spent: &Token) -> Result<Outcome, StoreError> {
        let tokens = self.families.get(&family.id).map(|(_, tokens)| tokens);
        tokens
            .into_iter()
            .flatten()
            .find(|token| Some(token.generation) == spent.generation.checked_add(1))
            .map(|token| Outcome::Repeated(Box::new(family), token.clone()))
            .ok_or_else(|| StoreError::Inconsistent {
                table: "refresh_tokens",
                column: "generation",
                what: "a spent token has no successor".into(),
            })
    }

    fn reused(&mut self, mut family: Family, now: Timestamp) -> Outcome {
        let reason = RevokeReason::Reuse;
        self.revoke_where(reason, now, |other| other.id == family.id);
        self.tell(
            Whose::Login(family.id.0.to_string()),
            reason.end_reason(),
            now,
        );
        family.revoked = Some((now, reason));
        Outcome::Reused(Box::new(family))
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

    crate::family_store_conformance!(empty);
}
