//! `POST /oauth2/revoke` (RFC 7009): an authenticated client gives a token back.
//!
//! A refresh token ends its login, if it is the client's; an access token is called back alone. A token that is unknown
//! or somebody else's changes nothing, and the answer is the same 200 (§2.2).

use std::sync::Arc;

use axum::extract::{Request, State};
use cloakroom_core::family::ClientId;
use cloakroom_core::ports::{Revoke, StoreError};
use http::StatusCode;
use utoipa::ToSchema;

use crate::audit::{Entry, Event, Outcome};
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::fields::{BodyError, Fields, Invalid};
use crate::names::FieldError;
use crate::problem::{Problem, ProblemBody};
use crate::refresh_token::RefreshToken;
use crate::service::Identity;

/// Why nothing was revoked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RevokeError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A token of either kind.
#[derive(ToSchema)]
pub(crate) struct TokenForm {
    /// The token.
    pub(crate) token: String,
}

impl TokenForm {
    /// Reads it. The hint of RFC 7009 §2.1 is accepted and not needed: the two kinds look different.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, Invalid> {
        let token = fields.required("token", |text| Ok::<_, FieldError>(text.to_owned()));
        fields.optional("token_type_hint", |_| Ok::<_, FieldError>(()));
        fields.finish(token.map(|token| Self { token }))
    }
}

#[utoipa::path(
    post,
    path = "/oauth2/revoke",
    request_body(
        content = TokenForm,
        content_type = "application/x-www-form-urlencoded",
        description = "A `token_type_hint` is accepted beside it and not needed.",
    ),
    responses(
        (status = 200, description = "The token is worth nothing, now or before."),
        (status = 401, description = "`invalid_client`.", body = ProblemBody),
    ),
    security(("client" = [])),
)]
pub(crate) async fn revoke(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    request: Request,
) -> Result<StatusCode, Problem> {
    identity.revoke_token(caller, request).await?;
    Ok(StatusCode::OK)
}

impl Identity {
    async fn revoke_token(
        &self,
        caller: Result<Caller, InvalidClient>,
        request: Request,
    ) -> Result<(), RevokeError> {
        let caller = caller?;
        let client = caller.client.clone().ok_or(InvalidClient)?;
        let form = TokenForm::read(Fields::form(request).await?)?;
        if let Some(token) = RefreshToken::parse(&form.token) {
            for family in self.end(Revoke::Token(token.hash(), Some(client))).await? {
                let user = self
                    .families
                    .family(family)
                    .await?
                    .map(|family| family.user);
                Entry::by(&caller, Event::Logout, Outcome::Ok)
                    .about(user)
                    .family(family)
                    .record();
            }
            return Ok(());
        }
        self.call_back(&form.token, &client).await
    }

    async fn call_back(&self, token: &str, client: &ClientId) -> Result<(), RevokeError> {
        let Some(token) = self.verify_access(token) else {
            return Ok(());
        };
        let family = self.families.family(token.family).await?;
        if family.is_some_and(|family| family.client.as_ref() == Some(client)) {
            self.families.block(&token.jti, token.expires).await?;
        }
        Ok(())
    }
}
