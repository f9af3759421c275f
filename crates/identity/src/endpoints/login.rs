//! `POST /api/v1/login`: exchanges name and password for tokens.
//!
//! Wrong password, unknown name, disabled account: one status, one body, the same headers and the same work (LG-11).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::response::Response;
use cloakroom_core::ports::{StoreError, User};
use cloakroom_core::time::Timestamp;
use utoipa::ToSchema;

use crate::audit::{Entry, Event, Outcome};
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::credentials::{Claimant, CredentialError, nobody};
use crate::fields::{BodyError, Fields, Invalid};
use crate::grant::{BeginError, Grant, TokenBody};
use crate::meter::{self, Kind, Verdict};
use crate::names::FieldError;
use crate::password::Password;
use crate::problem::{Problem, ProblemBody};
use crate::service::Identity;

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub(crate) enum LoginError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error(transparent)]
    Begin(#[from] BeginError),
}

impl LoginError {
    const fn verdict(&self) -> Verdict {
        match self {
            Self::Client(_)
            | Self::Body(_)
            | Self::Fields(_)
            | Self::Credentials(CredentialError::Wrong)
            | Self::Begin(BeginError::Refused) => Verdict::Refused,
            Self::Credentials(CredentialError::TooMany(_)) => Verdict::Limited,
            Self::Store(_)
            | Self::Credentials(CredentialError::Busy(_) | CredentialError::Store(_))
            | Self::Begin(BeginError::Store(_) | BeginError::Sign(_)) => Verdict::Unavailable,
        }
    }
}

/// The password form of `OAuth2` (RFC 6749 §4.3.2).
#[derive(ToSchema)]
pub(crate) struct LoginForm {
    /// User name or e-mail address.
    username: String,
    /// The password, as typed.
    #[schema(value_type = String, format = Password)]
    password: Password,
}

#[utoipa::path(
    post,
    path = "/api/v1/login",
    request_body(
        content = LoginForm,
        content_type = "application/x-www-form-urlencoded",
        description = "`grant_type=password` and an empty `scope`, which OAuth2 libraries send, are accepted beside it.",
    ),
    responses(
        (status = 200, description = "Logged in; also sets the cookie `refresh_token`.", body = TokenBody),
        (status = 401, description = "`invalid_credentials`, or `invalid_client`.", body = ProblemBody),
        (status = 429, description = "`rate_limited`.", body = ProblemBody),
    ),
    security((), ("client" = [])),
)]
pub(crate) async fn login(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    request: Request,
) -> Result<Response, Problem> {
    let grant = identity.login(caller, request).await.inspect_err(|error| {
        meter::token(Kind::Login, error.verdict());
    })?;
    meter::token(Kind::Login, Verdict::Issued);
    Ok(grant.answer(identity.config.is_https()))
}

impl Identity {
    async fn login(
        &self,
        caller: Result<Caller, InvalidClient>,
        request: Request,
    ) -> Result<Grant, LoginError> {
        let began = self.clock.now();
        let caller = caller?;
        let form = self.login_form(Fields::form(request).await?)?;
        let user = self.identify(&form.username).await?;
        let result = self.admit(form, user.as_ref(), &caller, began).await;
        record(&caller, user.as_ref(), &result);
        result
    }

    fn login_form(&self, mut fields: Fields) -> Result<LoginForm, Invalid> {
        let username = fields.required("username", |text| Ok::<_, FieldError>(text.to_owned()));
        let policy = &self.config.password;
        let password = fields.required("password", |text| Password::parse(text, policy));
        // The password form of OAuth2 libraries sends both; there is one grant and no scope here.
        fields.optional("grant_type", |text| {
            (text == "password")
                .then_some(())
                .ok_or(FieldError::GrantType)
        });
        fields.optional("scope", |text| {
            text.is_empty().then_some(()).ok_or(FieldError::Scope)
        });
        fields.finish(
            username
                .zip(password)
                .map(|(username, password)| LoginForm { username, password }),
        )
    }

    async fn admit(
        &self,
        form: LoginForm,
        user: Option<&User>,
        caller: &Caller,
        began: Timestamp,
    ) -> Result<Grant, LoginError> {
        let claimant = user.map_or_else(|| nobody(&form.username), Claimant::User);
        self.weigh(claimant, form.password, caller).await?;
        // Nobody's password is never right.
        let user = user.ok_or(CredentialError::Wrong)?;
        let grant = self.begin(user, caller, began).await?;
        if let (Some(device), Some(_)) = (caller.device, &caller.client) {
            let known = self.users.know_device(user.id, &device, began).await;
            if let Err(error) = known {
                // The login stands; the device only has no budget of its own yet.
                tracing::warn!(%error, "a device could not be remembered");
            }
        }
        Ok(grant)
    }
}

/// Writes the one audit event of this attempt. Trouble of our own is no event of the user's.
fn record(caller: &Caller, user: Option<&User>, result: &Result<Grant, LoginError>) {
    let (event, outcome) = match result {
        Ok(_) => (Event::Login, Outcome::Ok),
        Err(error) => match error.verdict() {
            Verdict::Limited => (Event::LockOut, Outcome::Refused),
            Verdict::Refused => (Event::Login, Outcome::Failed),
            _ => return,
        },
    };
    let mut entry = Entry::by(caller, event, outcome).about(user.map(|user| user.id));
    if let Ok(grant) = result {
        entry = entry.family(grant.family);
    }
    entry.record();
}
