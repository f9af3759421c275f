//! The user behind an access token (RFC 6750), for the endpoints about oneself.
//!
//! 1. The signature and the times hold, the token was not called back, its family lives, and the user exists and is
//!    not disabled: an ending holds here at once, whatever the token's own time says.
//! 2. The user is read anew, so that what a handler sees of roles and names is the present.
//!
//! Refusal is one answer for all of these: 401 with the code `unauthenticated`.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use cloakroom_core::ports::{StoreError, User, UserKey};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use http::request::Parts;

use crate::access::Verified;
use crate::service::Identity;

/// A user who proved with an access token that they are logged in.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// Who.
    pub(crate) user: User,
    /// By which token.
    pub(crate) token: Verified,
}

/// Why nobody stands behind the request.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BearerError {
    /// No token, one that does not hold, or one that was called back.
    #[error("no valid access token")]
    Unauthenticated,
    /// It cannot be known.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What reading the token found; an endpoint turns it into its own error with `?`.
pub(crate) struct Bearer(pub(crate) Result<Owner, BearerError>);

impl FromRequestParts<Arc<Identity>> for Bearer {
    type Rejection = Infallible;

    async fn from_request_parts(
        parts: &mut Parts,
        identity: &Arc<Identity>,
    ) -> Result<Self, Infallible> {
        Ok(Self(identity.owner(&parts.headers).await))
    }
}

impl Identity {
    async fn owner(&self, headers: &HeaderMap) -> Result<Owner, BearerError> {
        let token = token(headers)
            .and_then(|text| self.verify_access(text))
            .ok_or(BearerError::Unauthenticated)?;
        if !self.is_live(&token).await? {
            return Err(BearerError::Unauthenticated);
        }
        let user = self.users.find(&UserKey::Id(token.user)).await?;
        match user {
            Some(user) if user.disabled_at.is_none() => Ok(Owner { user, token }),
            _ => Err(BearerError::Unauthenticated),
        }
    }

    /// Whether neither the token nor its login was called back.
    pub(crate) async fn is_live(&self, token: &Verified) -> Result<bool, StoreError> {
        if self.families.is_blocked(&token.jti).await? {
            return Ok(false);
        }
        let family = self.families.family(token.family).await?;
        Ok(family.is_some_and(|family| family.revoked.is_none() && family.user == token.user))
    }
}

/// The token in the one `Authorization` header, whose scheme has no case (RFC 9110 §11.1).
pub(crate) fn token(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (value, None) = (values.next()?, values.next()) else {
        return None;
    };
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
