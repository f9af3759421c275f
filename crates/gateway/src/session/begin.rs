//! Beginning: from a provider's grant to a stored session and the cookie that opens it.
//!
//! 1. Id, secret and handle are always drawn anew (CK-11): a cookie that was in the browser before the login
//!    opens nothing afterwards.
//! 2. The store refuses the session if an ending of its principal came in since the login *began*.
//! 3. The cookie exists only once the session is durable.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cloakroom_core::ports::{ClientContext, StoreError, random};
use cloakroom_core::session::{Created, Device, Fence, NewSession, Record, SealedTokens, Seq};
use cloakroom_core::token::{Grant, TokenSet};
use cloakroom_core::user::Profile;
use cloakroom_core::{EndReason, Handle, Principal, Timestamp};

use super::live::Unsendable;
use super::open::Opener;
use super::seal::{Contents, Label, SealError};
use super::{CookieValue, Session, Sessions};
use crate::assertion::AssertionError;

/// Why no session was begun.
#[derive(Debug, thiserror::Error)]
pub(crate) enum BeginError {
    /// An ending of this principal came in while the login was under way.
    #[error("the login was overtaken by an ending: {}", .0.as_str())]
    Refused(EndReason),
    /// The store cannot be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the provider granted cannot become a session.
    #[error(transparent)]
    Grant(#[from] GrantError),
}

/// Why a grant cannot become (part of) a session.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GrantError {
    /// Our own assertion cannot be signed.
    #[error(transparent)]
    Assertion(#[from] AssertionError),
    /// The tokens cannot be sealed.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The tokens cannot be forwarded.
    #[error(transparent)]
    Header(#[from] Unsendable),
}

impl Sessions {
    /// Begins a session for what a login that began at `began` was granted. The session that the same browser had
    /// until now ends as `replaced`.
    pub(crate) async fn begin(
        &self,
        grant: Grant,
        began: Timestamp,
        client: &ClientContext,
        replaces: Option<&Session>,
    ) -> Result<(Arc<Session>, CookieValue), BeginError> {
        let cookie = CookieValue::draw(&*self.entropy);
        let (record, contents) = self.record(grant, &cookie, client)?;
        let read = self.about_to_read();
        let opener = Opener {
            key: cookie.key(),
            secret: cookie.secret(),
        };
        let session =
            Session::new(opener, record.clone(), contents, read.ticks).map_err(GrantError::from)?;
        let new = NewSession {
            record,
            began,
            replaces: replaces.map(|old| old.handle.clone()),
            limit: self.limits.per_principal,
        };
        match self.store.create(new).await? {
            Created::Done => {}
            Created::Refused(reason) => return Err(BeginError::Refused(reason)),
        }
        if let Some(old) = replaces {
            self.has_ended(&old.handle, &old.principal, EndReason::Replaced);
        }
        let session = Arc::new(session);
        self.cache.insert(&session, read.position);
        Ok((session, cookie))
    }

    /// What is sealed for this grant: only the claims that the configuration exposes, and our own assertion.
    pub(super) fn contents(
        &self,
        mut profile: Profile,
        tokens: TokenSet,
        principal: &Principal,
        handle: &Handle,
    ) -> Result<Contents, GrantError> {
        profile
            .claims
            .retain(|name, _| self.limits.expose.contains(name));
        let assertion = self
            .assertions
            .sign(&profile, principal, handle, tokens.access_expires)?;
        Ok(Contents {
            tokens,
            profile,
            assertion,
        })
    }

    /// The tokens of `contents` as the store keeps them.
    pub(super) fn sealed(
        &self,
        label: Label<'_>,
        secret: &[u8; 32],
        contents: &Contents,
    ) -> Result<SealedTokens, GrantError> {
        let blob = self.seal.seal(label, secret, contents, self.clock.now())?;
        Ok(SealedTokens {
            access_expires: contents.tokens.access_expires,
            blob,
        })
    }

    fn record(
        &self,
        grant: Grant,
        cookie: &CookieValue,
        client: &ClientContext,
    ) -> Result<(Record, Contents), GrantError> {
        let now = self.clock.now();
        let id = cookie.lookup_id();
        let principal = grant.principal(self.provider.id());
        let handle = self.draw_handle()?;
        let contents = self.contents(grant.profile, grant.tokens, &principal, &handle)?;
        let label = Label {
            id: &id,
            principal: &principal,
        };
        let tokens = self.sealed(label, cookie.secret(), &contents)?;
        let absolute_until = now.plus(self.limits.absolute_lifetime);
        let record = Record {
            id,
            handle,
            verifier: cookie.verifier(),
            principal,
            issuer: grant.issuer,
            issuer_sid: grant.issuer_sid,
            device: Device {
                user_agent: client.user_agent.clone(),
                ip: client.ip.to_string(),
            },
            created: now,
            last_seen: now,
            idle_until: now.plus(self.limits.idle_timeout).min(absolute_until),
            absolute_until,
            tokens,
            lease: None,
            fence: Fence::default(),
            seq: Seq::default(),
        };
        Ok((record, contents))
    }

    fn draw_handle(&self) -> Result<Handle, Unsendable> {
        let text = URL_SAFE_NO_PAD.encode(random::<16>(&*self.entropy));
        Handle::parse(&text).ok_or(Unsendable("handle"))
    }
}
