//! `DELETE /api/v1/user/{username}`: deletes one's own account and ends all of its logins.
//!
//! Somebody else's account is 404, whether it exists or not (ID-12).

use std::sync::Arc;

use axum::extract::State;
use cloakroom_core::ports::{CredentialChange, StoreError};
use http::StatusCode;

use crate::audit::{Entry, Event, Outcome};
use crate::bearer::{Bearer, BearerError, Owner};
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::endpoints::read_user::Named;
use crate::problem::{Problem, ProblemBody};
use crate::service::Identity;

/// Why nothing was deleted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum DeleteUserError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error("the account is not the caller's")]
    NotYours,
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[utoipa::path(
    delete,
    path = "/api/v1/user/{username}",
    params(("username" = String, Path, description = "One's own user name.")),
    responses(
        (status = 204, description = "Deleted; every login of the account has ended."),
        (status = 401, description = "`unauthenticated`.", body = ProblemBody),
        (status = 404, description = "`not_found`: not one's own account.", body = ProblemBody),
    ),
    security(("user" = [])),
)]
pub(crate) async fn delete_user(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    Bearer(owner): Bearer,
    Named(username): Named,
) -> Result<StatusCode, Problem> {
    identity.delete(caller, owner, &username).await?;
    Ok(StatusCode::NO_CONTENT)
}

impl Identity {
    async fn delete(
        &self,
        caller: Result<Caller, InvalidClient>,
        owner: Result<Owner, BearerError>,
        username: &str,
    ) -> Result<(), DeleteUserError> {
        let (caller, owner) = (caller?, owner?);
        if !owner.is_called(username) {
            return Err(DeleteUserError::NotYours);
        }
        let now = self.clock.now();
        let change = CredentialChange::Delete;
        let deleted = self
            .users
            .change_credential(owner.user.id, change, now)
            .await?;
        if !deleted {
            return Err(DeleteUserError::NotYours);
        }
        Entry::by(&caller, Event::Delete, Outcome::Ok)
            .about(Some(owner.user.id))
            .family(owner.token.family)
            .record();
        Ok(())
    }
}
