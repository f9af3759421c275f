//! `POST /api/v1/user`: creates an account, without roles and without logging it in.
//!
//! A taken name or address is told (409): the number of registrations from one network is what keeps the answer from
//! being a directory. Uniqueness is the store's own constraint, so that parallel registrations cannot both win.

use std::sync::Arc;

use axum::Json;
use axum::extract::{Request, State};
use cloakroom_core::ports::{Inserted, NewUser, StoreError, User, uuid_v7};
use cloakroom_core::user::UniqueField;
use http::StatusCode;
use utoipa::ToSchema;

use crate::attempts::TooMany;
use crate::audit::{Entry, Event, Outcome};
use crate::caller::{Caller, Claimed, InvalidClient};
use crate::fields::{BodyError, Fields, Invalid};
use crate::names;
use crate::network::Network;
use crate::password::{Busy, Password};
use crate::problem::{Problem, ProblemBody};
use crate::service::Identity;
use crate::user_body::UserBody;

/// Why no account was created.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RegisterError {
    #[error(transparent)]
    Client(#[from] InvalidClient),
    #[error(transparent)]
    Body(#[from] BodyError),
    #[error(transparent)]
    Fields(#[from] Invalid),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    #[error(transparent)]
    Busy(#[from] Busy),
    #[error("the {0} is taken")]
    Taken(UniqueField),
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A registration.
#[derive(ToSchema)]
pub(crate) struct Registration {
    /// The name to greet with: 1 to 80 characters.
    name: String,
    /// The name to log in with: 2 to 32 of `a-z 0-9 _ . -`.
    username: String,
    /// The e-mail address.
    email: String,
    /// At least 8 characters, not easy to guess.
    #[schema(value_type = String, format = Password)]
    password: Password,
}

#[utoipa::path(
    post,
    path = "/api/v1/user",
    request_body = Registration,
    responses(
        (status = 201, description = "Created.", body = UserBody),
        (status = 409, description = "`username_taken` or `email_taken`.", body = ProblemBody),
        (status = 422, description = "`invalid_fields`, with the list of wrong fields.", body = ProblemBody),
        (status = 429, description = "`rate_limited`.", body = ProblemBody),
    ),
    security((), ("client" = [])),
)]
pub(crate) async fn register(
    State(identity): State<Arc<Identity>>,
    Claimed(caller): Claimed,
    request: Request,
) -> Result<(StatusCode, Json<UserBody>), Problem> {
    let user = identity.register(caller, request).await?;
    Ok((StatusCode::CREATED, Json(user.into())))
}

impl Identity {
    async fn register(
        &self,
        caller: Result<Caller, InvalidClient>,
        request: Request,
    ) -> Result<User, RegisterError> {
        let caller = caller?;
        let fields = Fields::json(request).await?;
        let form = self.registration(caller.network, fields).await?;
        if let Err(refused) = self.attempts.registration(caller.network) {
            Entry::by(&caller, Event::Register, Outcome::Refused).record();
            return Err(refused.into());
        }
        let now = self.clock.now();
        let new = NewUser {
            id: uuid_v7(self.entropy.as_ref(), now),
            name: form.name,
            username: form.username,
            email: form.email,
            password_hash: self.hasher.hash(form.password).await?,
            roles: Vec::new(),
            created_at: now,
        };
        let id = new.id;
        let user = stored(&new);
        let inserted = self.users.insert(new).await?;
        let outcome = match inserted {
            Inserted::Done => Outcome::Ok,
            Inserted::Taken(_) => Outcome::Failed,
        };
        let entry = Entry::by(&caller, Event::Register, outcome);
        entry.about((outcome == Outcome::Ok).then_some(id)).record();
        match inserted {
            Inserted::Done => Ok(user),
            Inserted::Taken(field) => Err(RegisterError::Taken(field)),
        }
    }

    async fn registration(
        &self,
        network: Network,
        mut fields: Fields,
    ) -> Result<Registration, RegisterError> {
        let name = fields.required("name", names::display_name);
        let username = fields.required("username", names::username);
        let email = fields.required("email", names::email);
        let policy = &self.config.password;
        let password = fields.required("password", |text| Password::parse(text, policy));
        let password = match password {
            None => None,
            Some(password) => {
                self.attempts.judgement(network)?;
                let person = [&name, &username, &email].into_iter().flatten().cloned();
                let (password, verdict) = self.judge(password, person.collect()).await?;
                if let Err(why) = verdict {
                    fields.refuse("password", why);
                }
                Some(password)
            }
        };
        let read = || {
            Some(Registration {
                name: name?,
                username: username?,
                email: email?,
                password: password?,
            })
        };
        Ok(fields.finish(read())?)
    }
}

/// The user as the store has them after an insertion.
fn stored(new: &NewUser) -> User {
    User {
        id: new.id,
        name: new.name.clone(),
        username: new.username.clone(),
        email: new.email.clone(),
        password_hash: new.password_hash.clone(),
        picture: None,
        tier_id: None,
        roles: new.roles.clone(),
        disabled_at: None,
        created_at: new.created_at,
        updated_at: new.created_at,
    }
}
