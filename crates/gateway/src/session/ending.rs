//! Ending: by whom a session ends, and who is told. The store decides; this node forgets at once.
//!
//! Each ending is one audit event, written by whoever the store says ended it: two nodes that find the same
//! session over write one line.

use cloakroom_core::ports::{Ending, StoreError, Whose};
use cloakroom_core::session::{Except, Listed, Selector};
use cloakroom_core::{EndReason, Handle, Principal, Timestamp};

use super::{News, Session, Sessions};

impl Sessions {
    /// Ends sessions and returns how many lived until now. Once it returns, none of them opens here any more.
    pub(crate) async fn end(&self, which: Selector, why: EndReason) -> Result<u64, StoreError> {
        self.end_at(which, why, self.clock.now()).await
    }

    /// Ends the sessions that a provider reports as over.
    pub(crate) async fn ended(&self, ending: &Ending) -> Result<(), StoreError> {
        let provider = ending.provider.clone();
        let which = match &ending.whose {
            Whose::Login(sid) => Selector::IssuerSid(provider, sid.clone()),
            Whose::Subject { subject, except } => Selector::Principal(
                Principal {
                    provider,
                    subject: subject.clone(),
                },
                except.clone().map(Except::IssuerSid),
            ),
        };
        self.end_at(which, ending.reason, ending.at)
            .await
            .map(|_| ())
    }

    /// Ends one session that we hold.
    pub(crate) async fn end_this(
        &self,
        session: &Session,
        why: EndReason,
    ) -> Result<(), StoreError> {
        let which = Selector::Handle(session.handle.clone());
        let lived = self.store.end(which, why, self.clock.now()).await?;
        self.cache.remove(&session.handle);
        if lived > 0 {
            self.has_ended(&session.handle, &session.principal, why);
        }
        Ok(())
    }

    /// The live sessions of one principal, the most recently active first.
    pub(crate) async fn list(&self, of: &Principal) -> Result<Vec<Listed>, StoreError> {
        self.store
            .list(Some(of), self.clock.now(), self.limits.per_principal)
            .await
    }

    /// Forgets one session that the store has ended, and says so once.
    pub(super) fn has_ended(&self, handle: &Handle, principal: &Principal, why: EndReason) {
        self.cache.remove(handle);
        count(why, 1);
        tracing::info!(
            target: "audit",
            event = "session_ended",
            reason = why.as_str(),
            %handle,
            provider = %principal.provider,
            subject = %principal.subject,
            "a session has ended"
        );
        self.tell(News::Ended(handle.clone(), why));
    }

    async fn end_at(
        &self,
        which: Selector,
        why: EndReason,
        at: Timestamp,
    ) -> Result<u64, StoreError> {
        let lived = self.store.end(which.clone(), why, at).await?;
        match &which {
            Selector::Own(principal, handle) if lived > 0 => {
                self.has_ended(handle, principal, why);
            }
            Selector::Own(..) => {}
            Selector::Handle(handle) => {
                self.cache.remove(handle);
                if lived > 0 {
                    self.tell(News::Ended(handle.clone(), why));
                }
                report(&which, why, lived);
            }
            Selector::IssuerSid(..) | Selector::Principal(..) | Selector::Everybody => {
                // Which of them the store spared (a login younger than the ending) only the store knows: whoever
                // keeps something open on their behalf has to ask.
                for handle in self.cache.remove_all(|session| chooses(&which, session)) {
                    self.tell(News::Changed(handle));
                }
                report(&which, why, lived);
            }
        }
        Ok(lived)
    }
}

fn chooses(which: &Selector, session: &Session) -> bool {
    match which {
        Selector::Handle(handle) => session.handle == *handle,
        Selector::Own(who, handle) => session.principal == *who && session.handle == *handle,
        Selector::IssuerSid(provider, sid) => {
            session.principal.provider == *provider && session.issuer_sid.as_ref() == Some(sid)
        }
        Selector::Principal(who, except) => {
            session.principal == *who
                && !except.as_ref().is_some_and(|one| match one {
                    Except::Handle(handle) => session.handle == *handle,
                    Except::IssuerSid(sid) => session.issuer_sid.as_ref() == Some(sid),
                })
        }
        Selector::Everybody => true,
    }
}

/// One audit event for an ending that names no single owner.
fn report(which: &Selector, why: EndReason, lived: u64) {
    if lived == 0 {
        return;
    }
    count(why, lived);
    let (whose, provider, name) = match which {
        Selector::Handle(handle) | Selector::Own(_, handle) => ("handle", "", handle.as_str()),
        Selector::IssuerSid(provider, sid) => ("issuer_sid", provider.as_str(), sid.as_str()),
        Selector::Principal(who, _) => ("subject", who.provider.as_str(), who.subject.as_str()),
        Selector::Everybody => ("everybody", "", ""),
    };
    tracing::info!(
        target: "audit",
        event = "session_ended",
        reason = why.as_str(),
        whose,
        provider,
        name,
        sessions = lived,
        "sessions have ended"
    );
}

fn count(why: EndReason, ended: u64) {
    metrics::counter!("cloakroom_session_ended_total", "reason" => why.as_str()).increment(ended);
}
