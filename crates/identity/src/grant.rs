//! Begins and renews logins: an access token with the refresh token beside it.
//!
//! The family's rules are `cloakroom_core::family`'s and are carried out by the store, atomically; here the tokens are
//! made that they are about. A renewal that is repeated derives the successor again from what the presenter brought,
//! and checks it against the stored hash before it is handed out.

use std::time::Duration;

use axum::Json;
use axum::response::{IntoResponse, Response};
use cloakroom_core::family::{
    Family, FamilyId, Presented, Refused, RevokeReason, Scope, Token, successor_expires,
};
use cloakroom_core::ports::{
    Attempt, Begun, Candidate, NewFamily, Outcome, Revoke, StoreError, User, UserKey, random,
    uuid_v7,
};
use cloakroom_core::{Digest, Timestamp, hex};
use cloakroom_jose::SignError;
use http::header::SET_COOKIE;
use serde::Serialize;
use utoipa::ToSchema;
use zeroize::Zeroizing;

use crate::access::Access;
use crate::caller::Caller;
use crate::cookie;
use crate::refresh_token::RefreshToken;
use crate::service::Identity;

/// The tokens of a login (RFC 6749 §5.1).
#[derive(Serialize, ToSchema)]
pub(crate) struct TokenBody<'a> {
    /// For `Authorization: Bearer`.
    access_token: &'a str,
    /// For `POST /api/v1/refresh`. Each one is good for one renewal.
    refresh_token: &'a str,
    /// Always `bearer`.
    token_type: &'static str,
    /// Life of the access token in seconds.
    expires_in: u64,
}

/// What a login or a renewal hands out.
pub(crate) struct Grant {
    access: Access,
    refresh: RefreshToken,
    refresh_life: Duration,
    /// Which login it belongs to.
    pub(crate) family: FamilyId,
}

impl Grant {
    /// The answer: tokens in the body, and the refresh token as a cookie too.
    pub(crate) fn answer(&self, secure: bool) -> Response {
        let body = TokenBody {
            access_token: &self.access.token,
            refresh_token: self.refresh.expose(),
            token_type: "bearer",
            expires_in: self.access.expires_in.as_secs(),
        };
        let mut response = Json(body).into_response();
        if let Some(cookie) = cookie::store(self.refresh.expose(), self.refresh_life, secure) {
            response.headers_mut().append(SET_COOKIE, cookie);
        }
        response
    }
}

/// A renewal that succeeded, and whether it was one already made.
pub(crate) enum Renewed {
    /// The token was spent for this answer.
    Fresh(Grant),
    /// The token was spent before; this is its successor again.
    Again(Grant),
}

/// Why no login was begun.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BeginError {
    /// The account was closed, or its password changed, while the login was under way.
    #[error("the account does not allow the login any more")]
    Refused,
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The access token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

/// Why a login was not renewed.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum RenewError {
    /// Not a token of ours by its shape.
    #[error("not a refresh token")]
    Malformed,
    /// Never issued, as far as the store knows; only an authenticated client is told.
    #[error("the refresh token is not known")]
    Unknown {
        /// Whether the caller may know.
        told: bool,
    },
    /// Past its end.
    #[error("the refresh token has expired")]
    Expired,
    /// The login was ended.
    #[error("the login was ended")]
    Revoked,
    /// Spent by its owner, and its successor used.
    #[error("a newer refresh token is in use")]
    Stale,
    /// In the hands of somebody else; the family is dead now.
    #[error("the refresh token was presented by a stranger")]
    Reused(Box<Family>),
    /// More scope is asked for than was granted.
    #[error("the scope is wider than granted")]
    ScopeWidened,
    /// Spent, unused, and the key that its successor was derived with is gone from the ring.
    #[error("the successor cannot be derived again")]
    Lost,
    /// The store could not be asked.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The access token could not be signed.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Identity {
    /// Begins a login of `user`, whose password was weighed since `began`.
    pub(crate) async fn begin(
        &self,
        user: &User,
        caller: &Caller,
        began: Timestamp,
    ) -> Result<Grant, BeginError> {
        let entropy = self.entropy.as_ref();
        let now = self.clock.now();
        let id = FamilyId(uuid_v7(entropy, now));
        let refresh = RefreshToken::first(id, &Zeroizing::new(random(entropy)));
        let family = Family {
            id,
            client: caller.client.clone(),
            user: user.id,
            // The hash is enough to tell devices apart; the name itself lifts a limit and stays unknown here.
            device: caller.device.map(|device| hex::encode(device.as_bytes())),
            scope: Scope::default(),
            audience: self.config.audience.clone(),
            generation: 0,
            created: now,
            absolute_expires: now.plus(self.config.absolute_lifetime),
            revoked: None,
        };
        let token = Token {
            jti: uuid_v7(entropy, now),
            generation: 0,
            hash: refresh.hash(),
            spent_with: None,
            kid: String::new(),
            salt: [0; 32],
            issued: now,
            expires: successor_expires(&family, now, self.config.refresh_ttl),
            rotated: None,
        };
        let access = self.sign_access(user, &family)?;
        let refresh_life = token.expires.since(now);
        match self
            .families
            .begin(NewFamily { family, token }, began)
            .await?
        {
            Begun::Refused => Err(BeginError::Refused),
            Begun::Done => Ok(Grant {
                access,
                refresh,
                refresh_life,
                family: id,
            }),
        }
    }

    /// Presents a refresh token on behalf of `caller`.
    pub(crate) async fn renew(
        &self,
        presented: &str,
        caller: &Caller,
        idempotency: Option<Digest>,
        scope: Option<Scope>,
    ) -> Result<Renewed, RenewError> {
        let presented = RefreshToken::parse(presented).ok_or(RenewError::Malformed)?;
        let now = self.clock.now();
        let (next, candidate) = self.candidate(&presented, now)?;
        let attempt = Attempt {
            hash: presented.hash(),
            how: Presented {
                by: caller.client.clone(),
                idempotency,
                scope,
                now,
                window: self.config.repeat_window,
            },
            next: candidate,
        };
        match self.families.present(attempt).await? {
            Outcome::Rotated(family, token) => self
                .hand_out(&family, &token, next)
                .await
                .map(Renewed::Fresh),
            Outcome::Repeated(family, token) => {
                let again = self.derive_again(&presented, &token)?;
                self.hand_out(&family, &token, again)
                    .await
                    .map(Renewed::Again)
            }
            Outcome::Stale => Err(RenewError::Stale),
            Outcome::Reused(family) => Err(RenewError::Reused(family)),
            Outcome::Unknown => Err(RenewError::Unknown {
                told: caller.client.is_some(),
            }),
            Outcome::Refused(Refused::Revoked(_)) => Err(RenewError::Revoked),
            Outcome::Refused(Refused::Expired) => Err(RenewError::Expired),
            Outcome::Refused(Refused::ScopeWidened) => Err(RenewError::ScopeWidened),
        }
    }

    /// What to store as the successor if the verdict is to rotate, with the token that it is.
    fn candidate(
        &self,
        parent: &RefreshToken,
        now: Timestamp,
    ) -> Result<(RefreshToken, Candidate), RenewError> {
        let ring = self.rotation.current();
        let key = ring.active(now).ok_or(RenewError::Lost)?;
        let salt = random(self.entropy.as_ref());
        let next = parent.successor(key, &salt).ok_or(RenewError::Malformed)?;
        let candidate = Candidate {
            jti: uuid_v7(self.entropy.as_ref(), now),
            hash: next.hash(),
            kid: key.kid.clone(),
            salt,
            idle: self.config.refresh_ttl,
        };
        Ok((next, candidate))
    }

    fn derive_again(
        &self,
        parent: &RefreshToken,
        successor: &Token,
    ) -> Result<RefreshToken, RenewError> {
        let ring = self.rotation.current();
        let again = ring
            .find(&successor.kid)
            .and_then(|key| parent.successor(key, &successor.salt))
            .filter(|again| again.hash() == successor.hash);
        again.ok_or_else(|| {
            tracing::error!(
                kid = successor.kid,
                "a rotation key is missing: a lost answer cannot be repeated"
            );
            RenewError::Lost
        })
    }

    async fn hand_out(
        &self,
        family: &Family,
        token: &Token,
        refresh: RefreshToken,
    ) -> Result<Grant, RenewError> {
        let now = self.clock.now();
        let user = self.users.find(&UserKey::Id(family.user)).await?;
        let Some(user) = user.filter(|user| user.disabled_at.is_none()) else {
            // Closing an account ends its families in one transaction; this one was renewed beside it.
            let which = Revoke::Family(family.id);
            self.families
                .revoke(which, RevokeReason::Disabled, now)
                .await?;
            return Err(RenewError::Revoked);
        };
        Ok(Grant {
            access: self.sign_access(&user, family)?,
            refresh,
            refresh_life: token.expires.since(now),
            family: family.id,
        })
    }
}
