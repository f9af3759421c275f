//! `POST /api/v1/logout`: calls the access token back and ends the login, whichever of its two tokens is brought.
//!
//! Idempotent: what has ended stays ended, what is unknown changes nothing, and the answer is the same 204. It works
//! with an access token that has expired, for whoever comes back late to log out.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use cloakroom_core::family::{FamilyId, RevokeReason};
use cloakroom_core::ports::{Revoke, StoreError};
use http::StatusCode;
use http::header::SET_COOKIE;
use utoipa::ToSchema;

use crate::audit::{Entry, Event, Outcome};
use crate::bearer;
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::cookie;
use crate::fields::{BodyError, Fields, Invalid};
use crate::names::FieldError;
use crate::problem::Problem;
use crate::refresh_token::RefreshToken;
use crate::service::Identity;

/// Why nothing was ended.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LogoutError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The refresh token, where it does not come as a cookie.
#[derive(ToSchema)]
pub(crate) struct LogoutForm {
    /// The refresh token; without it the cookie `refresh_token` counts.
    refresh_token: Option<String>,
}

#[utoipa::path(
    post,
    path = "/api/v1/logout",
    request_body(content = Option<LogoutForm>, description = "May be left out."),
    responses((status = 204, description = "Ended, now or before; the cookie is removed.")),
    security((), ("user" = []), ("client" = [])),
)]
pub(crate) async fn logout(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    request: Request,
) -> Result<Response, Problem> {
    identity.logout(caller, request).await?;
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Some(cleared) = cookie::clear(identity.config.is_https()) {
        response.headers_mut().append(SET_COOKIE, cleared);
    }
    Ok(response)
}

impl Identity {
    async fn logout(
        &self,
        caller: Result<Caller, InvalidClient>,
        request: Request,
    ) -> Result<(), LogoutError> {
        let caller = caller?;
        let access =
            bearer::token(request.headers()).and_then(|text| self.verify_access_late(text));
        let cookie = cookie::read(request.headers());
        let form = form(Fields::json_if_any(request).await?)?;
        let refresh = form.refresh_token.or(cookie);
        let user = access.as_ref().map(|token| token.user);
        let mut ended = Vec::new();
        if let Some(token) = access {
            self.families.block(&token.jti, token.expires).await?;
            ended.extend(self.end(Revoke::Family(token.family)).await?);
        }
        if let Some(token) = refresh.as_deref().and_then(RefreshToken::parse) {
            let which = Revoke::Token(token.hash(), caller.client.clone());
            ended.extend(self.end(which).await?);
        }
        for family in ended {
            Entry::by(&caller, Event::Logout, Outcome::Ok)
                .about(user)
                .family(family)
                .record();
        }
        Ok(())
    }

    /// Ends logins as their owner's logout; returns those that lived.
    pub(crate) async fn end(&self, which: Revoke) -> Result<Vec<FamilyId>, StoreError> {
        let now = self.clock.now();
        self.families.revoke(which, RevokeReason::Logout, now).await
    }
}

fn form(mut fields: Fields) -> Result<LogoutForm, Invalid> {
    let refresh_token =
        fields.optional("refresh_token", |text| Ok::<_, FieldError>(text.to_owned()));
    fields.finish(Some(LogoutForm { refresh_token }))
}
