//! The user of an API request, as the verified access token describes them.

use axum::extract::FromRequestParts;
use cloakroom_jose::Claims;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::check::proven;
use crate::error::AuthError;

/// The user on whose behalf a request comes. As a handler's parameter it refuses everybody else with 401.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct CurrentUser {
    /// Who it is: the `sub` claim, and the only stable name. Key your data by this.
    pub id: String,
    /// The name to greet with; empty where the issuer tells none.
    pub name: String,
    /// The name they log in with.
    pub username: Option<String>,
    /// Their e-mail address. It may change and pass to somebody else: never an identity.
    pub email: Option<String>,
    /// Their roles, as of the token's issue.
    pub roles: Vec<String>,
    /// The login that the token belongs to.
    pub sid: Option<String>,
    /// The token's own id.
    pub jti: Option<String>,
    /// When the token was issued, in seconds since the epoch.
    pub issued_at: Option<i64>,
    /// When the token ends, in seconds since the epoch.
    pub expires_at: i64,
    /// All claims of the token.
    pub claims: Map<String, Value>,
}

impl CurrentUser {
    /// Whether the user has this role.
    pub fn has_role(&self, role: &str) -> bool {
        self.roles.iter().any(|it| it == role)
    }

    /// Refuses, with 403, a user who does not have this role.
    pub fn require_role(&self, role: &str) -> Result<(), AuthError> {
        self.has_role(role)
            .then_some(())
            .ok_or(AuthError::Forbidden)
    }
}

impl From<Claims> for CurrentUser {
    fn from(claims: Claims) -> Self {
        let text = |name| claims.text(name).map(str::to_owned);
        Self {
            name: text("name").unwrap_or_default(),
            username: text("username"),
            email: text("email"),
            roles: claims.roles(),
            id: claims.sub,
            sid: claims.sid,
            jti: claims.jti,
            issued_at: claims.iat,
            expires_at: claims.exp,
            claims: claims.raw,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for CurrentUser {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AuthError> {
        proven(&parts.extensions)?.ok_or(AuthError::Unauthenticated)
    }
}

/// The user, if the request has a token at all. One that does not verify is refused and not taken for none.
#[derive(Clone, Debug, PartialEq)]
pub struct OptionalUser(pub Option<CurrentUser>);

impl<S: Send + Sync> FromRequestParts<S> for OptionalUser {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AuthError> {
        proven(&parts.extensions).map(Self)
    }
}
