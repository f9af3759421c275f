//! `POST /oauth2/introspect` (RFC 7662): tells an authenticated client whether a token holds at this moment.
//!
//! Unlike a verification by JWKS it sees tokens that were called back, logins that ended and accounts that were closed.
//! Everything that does not hold is `{"active":false}` and nothing more (§2.2).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use cloakroom_core::ports::{StoreError, UserKey};
use serde::Serialize;
use utoipa::ToSchema;

use crate::caller::{Caller, Claimed, InvalidClient};
use crate::endpoints::revoke::TokenForm;
use crate::fields::{BodyError, Fields, Invalid};
use crate::problem::{Problem, ProblemBody};
use crate::refresh_token::RefreshToken;
use crate::service::Identity;

/// Why nothing can be said.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IntrospectError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What is known of a token.
#[derive(Serialize, ToSchema)]
#[serde(untagged)]
pub(crate) enum Introspection {
    /// It holds.
    Active(Box<Active>),
    /// It does not, for whatever reason.
    Inactive(Inactive),
}

/// A token that does not hold.
#[derive(Serialize, ToSchema)]
pub(crate) struct Inactive {
    /// Always false.
    active: bool,
}

/// A token that holds.
#[derive(Serialize, ToSchema)]
pub(crate) struct Active {
    /// Always true.
    #[serde(rename = "active")]
    holds: bool,
    iss: String,
    sub: String,
    aud: String,
    /// The login it belongs to.
    sid: String,
    jti: String,
    iat: i64,
    exp: i64,
    /// The client that began the login.
    #[serde(skip_serializing_if = "Option::is_none")]
    client_id: Option<String>,
    /// `Bearer` for an access token; a refresh token has no type.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    username: String,
    /// Roles as they are now.
    roles: Vec<String>,
}

#[utoipa::path(
    post,
    path = "/oauth2/introspect",
    request_body(
        content = TokenForm,
        content_type = "application/x-www-form-urlencoded",
        description = "A `token_type_hint` is accepted beside it and not needed.",
    ),
    responses(
        (status = 200, description = "What is known of the token.", body = Introspection),
        (status = 401, description = "`invalid_client`.", body = ProblemBody),
    ),
    security(("client" = [])),
)]
pub(crate) async fn introspect(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    request: Request,
) -> Result<Json<Introspection>, Problem> {
    let token = identity.introspect(caller, request).await?;
    Ok(Json(match token {
        Some(active) => Introspection::Active(Box::new(active)),
        None => Introspection::Inactive(Inactive { active: false }),
    }))
}

impl Identity {
    async fn introspect(
        &self,
        caller: Result<Caller, InvalidClient>,
        request: Request,
    ) -> Result<Option<Active>, IntrospectError> {
        caller?.client.ok_or(InvalidClient)?;
        let form = TokenForm::read(Fields::form(request).await?)?;
        let active = match RefreshToken::parse(&form.token) {
            Some(token) => self.active_refresh(&token).await?,
            None => self.active_access(&form.token).await?,
        };
        Ok(active)
    }

    async fn active_access(&self, token: &str) -> Result<Option<Active>, StoreError> {
        let Some(token) = self.verify_access(token) else {
            return Ok(None);
        };
        if !self.is_live(&token).await? {
            return Ok(None);
        }
        let user = self.users.find(&UserKey::Id(token.user)).await?;
        let user = user.filter(|user| user.disabled_at.is_none());
        let family = self.families.family(token.family).await?;
        Ok(user.zip(family).map(|(user, family)| Active {
            holds: true,
            iss: self.config.issuer.clone(),
            sub: user.id.to_string(),
            aud: family.audience,
            sid: family.id.0.to_string(),
            jti: token.jti,
            iat: token.issued,
            exp: token.expires.as_secs(),
            client_id: family.client.map(|client| client.0),
            token_type: Some("Bearer"),
            username: user.username,
            roles: user.roles,
        }))
    }

    async fn active_refresh(&self, token: &RefreshToken) -> Result<Option<Active>, StoreError> {
        let Some((family, token)) = self.families.peek(&token.hash()).await? else {
            return Ok(None);
        };
        let now = self.clock.now();
        let ended = family.revoked.is_some()
            || token.rotated.is_some()
            || token.expires.has_come(now)
            || family.absolute_expires.has_come(now);
        let user = self.users.find(&UserKey::Id(family.user)).await?;
        let user = user.filter(|user| user.disabled_at.is_none() && !ended);
        Ok(user.map(|user| Active {
            holds: true,
            iss: self.config.issuer.clone(),
            sub: user.id.to_string(),
            aud: family.audience,
            sid: family.id.0.to_string(),
            jti: token.jti.to_string(),
            iat: token.issued.as_secs(),
            exp: token.expires.as_secs(),
            client_id: family.client.map(|client| client.0),
            token_type: None,
            username: user.username,
            roles: user.roles,
        }))
    }
}
