//! What the stage `refresh` does to a session: reopening a record it has read, and putting renewed tokens in
//! place. The store's part (lease, fence) is the refresh's own.

use std::sync::Arc;

use cloakroom_core::session::{Record, SealedTokens};
use cloakroom_core::token::TokenSet;
use cloakroom_core::user::Profile;

use super::seal::Label;
use super::{Admitted, GrantError, News, Reading, Session, Sessions};

/// A session with new tokens that nobody sees before they are stored.
pub(crate) struct Renewal {
    session: Session,
    sealed: SealedTokens,
}

impl Renewal {
    /// What is to be stored.
    pub(crate) const fn sealed(&self) -> &SealedTokens {
        &self.sealed
    }

    /// The tokens themselves, to be revoked if they cannot be stored.
    pub(crate) const fn tokens(&self) -> &TokenSet {
        &self.session.tokens
    }
}

impl Sessions {
    /// Opens a record of `session` that was read anew.
    pub(crate) fn reopen(&self, session: &Session, record: Record, read: Reading) -> Admitted {
        match self.admit(session.opener(), record, read) {
            Admitted::Live(newer) => {
                newer.catch_up(session);
                Admitted::Live(newer)
            }
            other => other,
        }
    }

    /// Forgets a session that the store no longer calls live.
    pub(crate) fn forget(&self, session: &Session) {
        self.cache.remove(&session.handle);
    }

    /// Seals what a refresh of `held` brought. `read` is from before the lease on it was taken.
    pub(crate) fn renew(
        &self,
        held: &Session,
        profile: Profile,
        tokens: TokenSet,
        read: Reading,
    ) -> Result<Renewal, GrantError> {
        let contents = self.contents(profile, tokens, &held.principal, &held.handle)?;
        let label = Label {
            id: &held.id,
            principal: &held.principal,
        };
        let sealed = self.sealed(label, &held.secret, &contents)?;
        let session = held.renewed(contents, read.ticks)?;
        Ok(Renewal { session, sealed })
    }

    /// Puts renewed tokens in place, now that they are stored.
    pub(crate) fn renewed(&self, renewal: Renewal, read: Reading) -> Arc<Session> {
        let session = renewal.session;
        // Requests went on sliding the idle timer while the refresh was under way.
        if let Some(meanwhile) = self.cache.get(session.key.presented()) {
            session.catch_up(&meanwhile);
        }
        let session = Arc::new(session);
        self.cache.insert(&session, read.position);
        self.tell(News::Refreshed(session.handle.clone()));
        session
    }
}
