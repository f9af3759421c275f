//! `POST /api/v1/refresh`: spends a refresh token for its successor and a fresh access token.
//!
//! What presenting a token means is decided in `cloakroom_core::family`. A wrong client credential is refused before
//! the token is looked at. A reuse writes one audit event, in the request that found it.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use cloakroom_core::Digest;
use cloakroom_core::family::Scope;
use http::{HeaderMap, HeaderName};
use utoipa::ToSchema;

use crate::audit::{Entry, Event, Outcome};
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::cookie;
use crate::fields::{BodyError, Fields, Invalid};
use crate::grant::{RenewError, Renewed, TokenBody};
use crate::meter::{self, Kind, Verdict};
use crate::names::FieldError;
use crate::problem::{Problem, ProblemBody};
use crate::service::Identity;
use crate::sha256::sha256;

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");

/// Why nothing was renewed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error("no refresh token came with the request")]
    NoToken,
    #[error(transparent)]
    Renew(#[from] RenewError),
}

impl RefreshError {
    const fn verdict(&self) -> Verdict {
        match self {
            Self::Client(_)
            | Self::Body(_)
            | Self::Fields(_)
            | Self::NoToken
            | Self::Renew(
                RenewError::Malformed
                | RenewError::Expired
                | RenewError::Revoked
                | RenewError::ScopeWidened
                | RenewError::Lost,
            ) => Verdict::Refused,
            Self::Renew(RenewError::Unknown { .. }) => Verdict::Unknown,
            Self::Renew(RenewError::Stale) => Verdict::Stale,
            Self::Renew(RenewError::Reused(_)) => Verdict::Reused,
            Self::Renew(RenewError::Store(_) | RenewError::Sign(_)) => Verdict::Unavailable,
        }
    }
}

/// The refresh token, where it does not come as a cookie.
#[derive(ToSchema)]
pub(crate) struct RefreshForm {
    /// The refresh token; without it the cookie `refresh_token` counts.
    refresh_token: Option<String>,
    /// No more than what was granted; the successor keeps the whole grant.
    #[schema(value_type = Option<String>)]
    scope: Option<Scope>,
}

#[utoipa::path(
    post,
    path = "/api/v1/refresh",
    request_body(content = Option<RefreshForm>, description = "May be left out where the cookie is sent."),
    params(
        ("Idempotency-Key" = Option<String>, Header, description = "For clients without a credential: the same key \
            with the same token answers the same successor until that is used."),
    ),
    responses(
        (status = 200, description = "Renewed, or repeated after a lost answer.", body = TokenBody),
        (status = 400, description = "`invalid_scope`.", body = ProblemBody),
        (status = 401, description = "`invalid_grant`, `revoked`, `unknown` (to an authenticated client only), or \
            `invalid_client` (nothing is spent).", body = ProblemBody),
        (status = 409, description = "`stale`: a newer token of this login is in use; nothing is ended.", body = ProblemBody),
    ),
    security((), ("client" = [])),
)]
pub(crate) async fn refresh(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    request: Request,
) -> Result<Response, Problem> {
    let renewed = identity
        .refresh(caller, request)
        .await
        .inspect_err(|error| {
            meter::token(Kind::Refresh, error.verdict());
        })?;
    let (grant, verdict) = match renewed {
        Renewed::Fresh(grant) => (grant, Verdict::Rotated),
        Renewed::Again(grant) => (grant, Verdict::Repeated),
    };
    meter::token(Kind::Refresh, verdict);
    Ok(grant.answer(identity.config.is_https()))
}

impl Identity {
    async fn refresh(
        &self,
        caller: Result<Caller, InvalidClient>,
        request: Request,
    ) -> Result<Renewed, RefreshError> {
        let caller = caller?;
        let cookie = cookie::read(request.headers());
        let idempotency = idempotency(request.headers());
        let form = form(Fields::json_if_any(request).await?)?;
        let token = form.refresh_token.or(cookie).ok_or(RefreshError::NoToken)?;
        let renewed = self.renew(&token, &caller, idempotency, form.scope).await;
        if let Err(RenewError::Reused(family)) = &renewed {
            Entry::by(&caller, Event::RefreshReuse, Outcome::Refused)
                .about(Some(family.user))
                .family(family.id)
                .record();
        }
        Ok(renewed?)
    }
}

fn form(mut fields: Fields) -> Result<RefreshForm, Invalid> {
    let refresh_token =
        fields.optional("refresh_token", |text| Ok::<_, FieldError>(text.to_owned()));
    let scope = fields.optional("scope", |text| Ok::<_, FieldError>(Scope::parse(text)));
    fields.finish(Some(RefreshForm {
        refresh_token,
        scope,
    }))
}

/// The key's hash; only equality matters, so its form does not.
fn idempotency(headers: &HeaderMap) -> Option<Digest> {
    let key = headers.get(&IDEMPOTENCY_KEY)?;
    (!key.is_empty()).then(|| sha256(key.as_bytes()))
}
