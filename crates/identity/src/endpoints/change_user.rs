//! `PATCH /api/v1/user/{username}`: changes one's own profile.
//!
//! Somebody else's account is 404, whether it exists or not (ID-12). Roles, ids, tiers and times are not fields of
//! this endpoint and refuse the request (ID-11). A taken name or address is told, as it is at registration, and so as
//! seldom (ID-07).

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use cloakroom_core::ports::{StoreError, Updated, User, UserChange};
use cloakroom_core::user::UniqueField;
use utoipa::ToSchema;

use crate::attempts::TooMany;
use crate::bearer::{Bearer, BearerError, Owner};
use crate::endpoints::read_user::Named;
use crate::fields::{BodyError, Fields, Invalid, Told};
use crate::names;
use crate::problem::{Problem, ProblemBody};
use crate::service::Identity;
use crate::user_body::UserBody;

/// Why nothing was changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ChangeUserError {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error("the account is not the caller's")]
    NotYours,
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error("the {0} is taken")]
    Taken(UniqueField),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What to change; what is left out stays.
#[derive(ToSchema)]
pub(crate) struct ProfileForm {
    /// The name to greet with.
    name: Option<String>,
    /// The name to log in with.
    username: Option<String>,
    /// The e-mail address.
    email: Option<String>,
    /// Address of a picture; null removes it.
    #[schema(value_type = Option<String>)]
    profile_image_url: Told<String>,
}

impl ProfileForm {
    /// Whether it asks for a name or an address that is not the account's already.
    fn renames(&self, user: &User) -> bool {
        let differs = |wanted: &Option<String>, had: &str| {
            wanted.as_deref().is_some_and(|wanted| wanted != had)
        };
        differs(&self.username, &user.username) || differs(&self.email, &user.email)
    }
}

#[utoipa::path(
    patch,
    path = "/api/v1/user/{username}",
    params(("username" = String, Path, description = "One's own user name.")),
    request_body = ProfileForm,
    responses(
        (status = 200, description = "The user as they are now.", body = UserBody),
        (status = 401, description = "`unauthenticated`.", body = ProblemBody),
        (status = 404, description = "`not_found`: not one's own account.", body = ProblemBody),
        (status = 409, description = "`username_taken` or `email_taken`.", body = ProblemBody),
        (status = 422, description = "`invalid_fields`, with the list of wrong fields.", body = ProblemBody),
        (status = 429, description = "`rate_limited`.", body = ProblemBody),
    ),
    security(("user" = [])),
)]
pub(crate) async fn change_user(
    State(identity): State<Arc<Identity>>,
    Bearer(owner): Bearer,
    Named(username): Named,
    request: Request,
) -> Result<Json<UserBody>, Problem> {
    let user = identity.change_profile(owner, &username, request).await?;
    Ok(Json(user.into()))
}

impl Identity {
    async fn change_profile(
        &self,
        owner: Result<Owner, BearerError>,
        username: &str,
        request: Request,
    ) -> Result<User, ChangeUserError> {
        let owner = owner?;
        if !owner.is_called(username) {
            return Err(ChangeUserError::NotYours);
        }
        let form = form(Fields::json(request).await?)?;
        if form.renames(&owner.user) {
            self.attempts.rename(owner.user.id)?;
        }
        let change = UserChange {
            name: form.name,
            username: form.username,
            email: form.email,
            picture: match form.profile_image_url {
                Told::Nothing => None,
                Told::Null => Some(None),
                Told::Value(address) => Some(Some(address)),
            },
            ..UserChange::default()
        };
        let now = self.clock.now();
        match self.users.update(owner.user.id, change, now).await? {
            Updated::Done(user) => Ok(*user),
            Updated::Taken(field) => Err(ChangeUserError::Taken(field)),
            Updated::Absent => Err(ChangeUserError::NotYours),
        }
    }
}

fn form(mut fields: Fields) -> Result<ProfileForm, Invalid> {
    let form = ProfileForm {
        name: fields.optional("name", names::display_name),
        username: fields.optional("username", names::username),
        email: fields.optional("email", names::email),
        profile_image_url: fields.nullable("profile_image_url", names::picture),
    };
    fields.finish(Some(form))
}
