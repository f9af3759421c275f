//! Users and refresh-token families in one place, so that what ends a user's logins happens in one step.

mod families;
mod users;

use std::collections::{BTreeMap, HashMap};

use cloakroom_core::EndReason;
use cloakroom_core::Timestamp;
use cloakroom_core::family::{Family, FamilyId, RevokeReason, Token};
use cloakroom_core::ports::{OutboxEvent, User, Whose};
use cloakroom_core::secret::Digest;
use uuid::Uuid;

use super::Guarded;

/// A `UserStore` and a `FamilyStore` that live as long as the test.
#[derive(Debug, Default)]
pub struct MemoryIdentity(Guarded<State>);

impl MemoryIdentity {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// While `true`, every call answers [`StoreError::Unavailable`](cloakroom_core::ports::StoreError).
    pub fn fail(&self, out: bool) {
        self.0.fail(out);
    }
}

#[derive(Debug)]
struct Account {
    user: User,
    password_changed: Option<Timestamp>,
    /// The oldest first.
    devices: Vec<(Timestamp, Digest)>,
}

#[derive(Debug, Default)]
struct State {
    accounts: HashMap<Uuid, Account>,
    families: BTreeMap<FamilyId, (Family, Vec<Token>)>,
    blocked: BTreeMap<String, Timestamp>,
    outbox: Vec<OutboxEvent>,
    last: i64,
}

impl State {
    fn tell(&mut self, whose: Whose, reason: EndReason, at: Timestamp) {
        self.last += 1;
        self.outbox.push(OutboxEvent {
            seq: self.last,
            whose,
            reason,
            at,
        });
    }

    /// Revokes every living family that is chosen, and returns them.
    fn revoke_where(
        &mut self,
        reason: RevokeReason,
        at: Timestamp,
        chosen: impl Fn(&Family) -> bool,
    ) -> Vec<Family> {
        let mut revoked = Vec::new();
        for (family, _) in self.families.values_mut() {
            if family.revoked.is_none() && chosen(family) {
                family.revoked = Some((at, reason));
                revoked.push(family.clone());
            }
        }
        revoked
    }
}
