//! `POST /api/v1/user/me/password`: changes one's own password.
//!
//! 1. The current password is weighed like a login: within the same limits, with the same counters, so that a stolen
//!    access token is no way around them (ID-06).
//! 2. All other logins end with it unless the caller says otherwise (LO-07); this one goes on.
//! 3. The new password is judged first: one that would be refused costs no attempt.
//! 4. Whose login ends while the password is weighed changes nothing: an operator's new password is the last word.

use std::sync::Arc;

use axum::extract::{Request, State};
use cloakroom_core::ports::{CredentialChange, StoreError};
use http::StatusCode;
use utoipa::ToSchema;

use crate::audit::{Entry, Event, Outcome};
use crate::bearer::{Bearer, BearerError, Owner};
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::credentials::{Claimant, CredentialError};
use crate::fields::{BodyError, Fields, Invalid};
use crate::network::Network;
use crate::password::{Busy, Password};
use crate::problem::{Problem, ProblemBody};
use crate::service::Identity;

/// Why the password stays as it is.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangePasswordError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error(transparent)]
    Credentials(#[from] CredentialError),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("the account or the login ended meanwhile")]
    Gone,
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A change of password.
#[derive(ToSchema)]
pub(crate) struct PasswordForm {
    /// The password until now.
    #[schema(value_type = String, format = Password)]
    current_password: Password,
    /// The password from now on.
    #[schema(value_type = String, format = Password)]
    new_password: Password,
    /// Whether all other logins end; they do where it is left out.
    #[schema(value_type = Option<bool>)]
    end_others: bool,
}

#[utoipa::path(
    post,
    path = "/api/v1/user/me/password",
    request_body = PasswordForm,
    responses(
        (status = 204, description = "Changed."),
        (status = 401, description = "`unauthenticated`.", body = ProblemBody),
        (status = 403, description = "`wrong_password`.", body = ProblemBody),
        (status = 422, description = "`invalid_fields`, with the list of wrong fields.", body = ProblemBody),
        (status = 429, description = "`rate_limited`.", body = ProblemBody),
    ),
    security(("user" = [])),
)]
pub(crate) async fn change_password(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    Bearer(owner): Bearer,
    request: Request,
) -> Result<StatusCode, Problem> {
    let caller = caller.map_err(ChangePasswordError::from)?;
    let owner = owner.map_err(ChangePasswordError::from)?;
    identity.change_password(&caller, &owner, request).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Identity {
    async fn change_password(
        &self,
        caller: &Caller,
        owner: &Owner,
        request: Request,
    ) -> Result<(), ChangePasswordError> {
        let form = self
            .password_form(owner, caller.network, Fields::json(request).await?)
            .await?;
        let user = &owner.user;
        let weighed = self.weigh(Claimant::User(user), form.current_password, caller);
        let weighed = weighed.await;
        record(caller, owner, &weighed);
        weighed?;
        let change = CredentialChange::Password {
            hash: self.hasher.hash(form.new_password).await?,
            keep: Some(owner.token.family),
            keep_all: !form.end_others,
        };
        let now = self.clock.now();
        if self.users.change_credential(user.id, change, now).await? {
            entry(caller, owner, Event::PasswordChange, Outcome::Ok).record();
            Ok(())
        } else {
            Err(ChangePasswordError::Gone)
        }
    }

    async fn password_form(
        &self,
        owner: &Owner,
        network: Network,
        mut fields: Fields,
    ) -> Result<PasswordForm, ChangePasswordError> {
        let policy = &self.config.password;
        let current = fields.required("current_password", |text| Password::parse(text, policy));
        let new = fields.required("new_password", |text| Password::parse(text, policy));
        let end_others = fields.flag("end_others", true);
        let user = &owner.user;
        let new = match new {
            None => None,
            Some(new) => {
                let counted = self.attempts.judgement(network);
                counted.map_err(CredentialError::from)?;
                let person = vec![user.name.clone(), user.username.clone(), user.email.clone()];
                let (new, verdict) = self.judge(new, person).await?;
                if let Err(why) = verdict {
                    fields.refuse("new_password", why);
                }
                Some(new)
            }
        };
        let read = current
            .zip(new)
            .map(|(current_password, new_password)| PasswordForm {
                current_password,
                new_password,
                end_others,
            });
        Ok(fields.finish(read)?)
    }
}

/// Writes the audit event of a refused attempt; a successful one is written once the change is stored.
fn record(caller: &Caller, owner: &Owner, weighed: &Result<(), CredentialError>) {
    let (event, outcome) = match weighed {
        Ok(()) | Err(CredentialError::Busy(_) | CredentialError::Store(_)) => return,
        Err(CredentialError::Wrong) => (Event::PasswordChange, Outcome::Failed),
        Err(CredentialError::TooMany(_)) => (Event::LockOut, Outcome::Refused),
    };
    entry(caller, owner, event, outcome).record();
}

fn entry<'a>(caller: &'a Caller, owner: &Owner, event: Event, outcome: Outcome) -> Entry<'a> {
    Entry::by(caller, event, outcome)
        .about(Some(owner.user.id))
        .family(owner.token.family)
}
