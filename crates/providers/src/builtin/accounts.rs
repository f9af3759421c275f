//! What account pages ask of the identity service: registering, the profile, the password.

use async_trait::async_trait;
use cloakroom_core::ports::{
    AccountError, Accounts, ClientContext, Credentials, NewAccount, PasswordChange, ProfileChange,
    ProviderError,
};
use cloakroom_core::secret::ExposeSecret as _;
use cloakroom_core::token::{AccessToken, Grant};
use cloakroom_core::user::{Profile, UniqueField};
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::Builtin;
use super::answer::{Answer, Code, Outcome, Refusal};
use super::service::{Call, CallError, encoded};

/// A user as the service describes them.
#[derive(Deserialize)]
struct User {
    id: String,
    name: String,
    username: String,
    email: Option<String>,
    profile_image_url: Option<String>,
    #[serde(default)]
    roles: Vec<String>,
    /// Such as `tier_id`: for the configuration to expose.
    #[serde(flatten)]
    further: Map<String, Value>,
}

impl From<User> for Profile {
    fn from(user: User) -> Self {
        Self {
            id: user.id,
            name: user.name,
            username: Some(user.username),
            email: user.email,
            picture: user.profile_image_url,
            roles: user.roles,
            claims: user.further,
        }
    }
}

#[async_trait]
impl Accounts for Builtin {
    async fn register(&self, new: NewAccount) -> Result<Grant, AccountError> {
        let body = json!({
            "name": new.name, "username": new.username, "email": new.email,
            "password": new.password.expose_secret(),
        });
        let call = Call::post("/api/v1/user")
            .json(&body)
            .for_browser(&new.client);
        done(self.service.ask(call).await?)?;
        let credentials = Credentials {
            identifier: new.username,
            password: new.password,
            client: new.client,
        };
        self.log_in(&credentials).await.map_err(login_failed)
    }

    async fn profile(&self, who: &AccessToken) -> Result<Profile, AccountError> {
        let call = Call::get("/api/v1/user/me").bearer(who);
        let user: User = done(self.service.ask(call).await?)?.json()?;
        Ok(user.into())
    }

    async fn change_profile(
        &self,
        who: &AccessToken,
        change: ProfileChange,
    ) -> Result<Profile, AccountError> {
        // The token's own word about the user name may be older than the last change of it.
        let call = Call::get("/api/v1/user/me").bearer(who);
        let user: User = done(self.service.ask(call).await?)?.json()?;
        let changes: Map<String, Value> = [
            ("name", change.name),
            ("username", change.username),
            ("email", change.email),
        ]
        .into_iter()
        .filter_map(|(field, value)| Some((field.to_owned(), value?.into())))
        .collect();
        if changes.is_empty() {
            return Ok(user.into());
        }
        let call = Call::patch(&format!("/api/v1/user/{}", encoded(&user.username)))
            .json(&changes.into())
            .bearer(who);
        let user: User = done(self.service.ask(call).await?)?.json()?;
        Ok(user.into())
    }

    async fn change_password(
        &self,
        who: &AccessToken,
        change: PasswordChange,
        client: &ClientContext,
    ) -> Result<(), AccountError> {
        let body = json!({
            "current_password": change.current.expose_secret(),
            "new_password": change.new.expose_secret(),
            "end_others": change.end_others,
        });
        let call = Call::post("/api/v1/user/me/password")
            .json(&body)
            .bearer(who)
            .for_browser(client);
        done(self.service.ask(call).await?)?;
        Ok(())
    }
}

/// The answer of what was done; the refusals of the account endpoints mean the same at each of them.
fn done(outcome: Outcome) -> Result<Answer, AccountError> {
    match outcome {
        Outcome::Done(answer) => Ok(answer),
        Outcome::Wait(retry_after) => Err(AccountError::RateLimited { retry_after }),
        Outcome::Refused(refusal) => Err(refused(&refusal)),
    }
}

fn refused(refusal: &Refusal) -> AccountError {
    match (refusal.status, refusal.code) {
        (StatusCode::CONFLICT, Code::UsernameTaken) => AccountError::Taken(UniqueField::Username),
        (StatusCode::CONFLICT, Code::EmailTaken) => AccountError::Taken(UniqueField::Email),
        (StatusCode::FORBIDDEN, Code::WrongPassword) => AccountError::WrongPassword,
        (StatusCode::UNAUTHORIZED, _) => AccountError::Unauthorized,
        (StatusCode::UNPROCESSABLE_ENTITY, Code::InvalidFields) => match refusal.fields() {
            Some(fields) => AccountError::Invalid(fields),
            None => refusal.unexpected().into(),
        },
        _ => refusal.unexpected().into(),
    }
}

impl From<CallError> for AccountError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(why) => Self::Unavailable(why),
            CallError::Nonsense(why) => Self::Nonsense(why),
        }
    }
}

/// For the login that follows a registration: the account exists, whatever becomes of it.
fn login_failed(error: ProviderError) -> AccountError {
    match error {
        ProviderError::RateLimited { retry_after } => AccountError::RateLimited { retry_after },
        ProviderError::Unavailable(why) => AccountError::Unavailable(why),
        ProviderError::Nonsense(why) => AccountError::Nonsense(why),
        ProviderError::InvalidCredentials
        | ProviderError::Refused
        | ProviderError::Stale
        | ProviderError::Unknown => AccountError::Nonsense(error.to_string()),
    }
}
