//! The session of a page request, as the gateway's assertion describes it.

use axum::extract::FromRequestParts;
use cloakroom_jose::Claims;
use http::request::Parts;
use serde_json::{Map, Value};

use crate::check::proven;
use crate::error::AuthError;

/// The session in which a page is asked for. As a handler's parameter it refuses everybody else with 401.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Session {
    /// Who it is: the subject at their provider. Key your data by `provider` and this.
    pub id: String,
    /// Which provider vouches for them.
    pub provider: String,
    /// The session's public name, as device lists and logs show it.
    pub sid: Option<String>,
    /// The name to greet with; empty where the provider tells none.
    pub name: String,
    /// The name they log in with.
    pub username: Option<String>,
    /// Their e-mail address. It may change and pass to somebody else: never an identity.
    pub email: Option<String>,
    /// Address of a picture.
    pub picture: Option<String>,
    /// Their roles, as of the last renewal of the access token.
    pub roles: Vec<String>,
    /// When the assertion was signed, in seconds since the epoch: the last renewal of the access token.
    pub issued_at: Option<i64>,
    /// When the assertion ends, in seconds since the epoch.
    pub expires_at: i64,
    /// Further claims that the gateway is configured to expose.
    pub claims: Map<String, Value>,
}

impl Session {
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

impl From<Claims> for Session {
    fn from(mut claims: Claims) -> Self {
        let further = match claims.raw.remove("claims") {
            Some(Value::Object(further)) => further,
            _ => Map::new(),
        };
        let text = |name| claims.text(name).map(str::to_owned);
        Self {
            provider: text("provider").unwrap_or_default(),
            name: text("name").unwrap_or_default(),
            username: text("username"),
            email: text("email"),
            picture: text("picture"),
            roles: claims.roles(),
            id: claims.sub,
            sid: claims.sid,
            issued_at: claims.iat,
            expires_at: claims.exp,
            claims: further,
        }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Session {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AuthError> {
        proven(&parts.extensions)?.ok_or(AuthError::Unauthenticated)
    }
}

/// The session, if there is one. An assertion that does not verify is refused and not taken for none.
#[derive(Clone, Debug, PartialEq)]
pub struct Assertion(pub Option<Session>);

impl<S: Send + Sync> FromRequestParts<S> for Assertion {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, AuthError> {
        proven(&parts.extensions).map(Self)
    }
}
