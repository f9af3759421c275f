//! The identity service of this project, spoken to over HTTP even where it runs in the same process.
//!
//! 1. The gateway is a confidential client: login, registration, refresh and revocation carry its credential, which
//!    is read from the key ring at each call, so that a rotation needs no restart.
//! 2. An access token is verified when it arrives: signature, issuer, audience, type, times. What does not verify is
//!    nonsense and never reaches a session.
//! 3. Only a refusal that the service spells out (401 with `invalid_grant` or `revoked`) is final. A refused
//!    *client* says nothing about the session, nor does anything that merely looks like a refusal.
//! 4. An answer has at most 1 MiB and 10 seconds.

mod accounts;
mod answer;
mod grant;
mod published;
mod service;

use std::sync::Arc;

use async_trait::async_trait;
use cloakroom_core::ProviderId;
use cloakroom_core::keys::Keys;
use cloakroom_core::ports::{
    Accounts, Clock, Credentials, Outbound, Provider, ProviderError, Retry,
};
use cloakroom_core::secret::ExposeSecret as _;
use cloakroom_core::token::{Grant, RefreshToken, TokenSet};
use http::StatusCode;

use self::answer::{Code, Outcome};
use self::grant::Issuer;
use self::service::{Call, CallError, Service};

pub use self::service::InvalidBaseUrl;

/// What has to be known of the identity service.
#[derive(Clone, Debug)]
pub struct BuiltinConfig {
    /// The provider's name.
    pub id: ProviderId,
    /// Where the service listens, such as `http://127.0.0.1:8081`.
    pub base_url: String,
    /// The `iss` of its tokens.
    pub issuer: String,
    /// The `aud` of its tokens.
    pub audience: String,
    /// The gateway's name as an OAuth client.
    pub client_id: String,
}

/// The built-in provider.
pub struct Builtin {
    id: ProviderId,
    service: Service,
    issuer: Issuer,
}

impl Builtin {
    /// Speaks to the service of `config`; `client_keys` is the ring of the gateway's credential there. Tokens are
    /// verified with the keys that the service publishes.
    pub fn new(
        config: BuiltinConfig,
        outbound: Arc<dyn Outbound>,
        clock: Arc<dyn Clock>,
        client_keys: Keys,
    ) -> Result<Self, InvalidBaseUrl> {
        let issuer = Issuer::publishing(&config, Arc::clone(&outbound), Arc::clone(&clock));
        let service = Service::new(
            &config.base_url,
            config.client_id,
            client_keys,
            outbound,
            clock,
        )?;
        Ok(Self {
            id: config.id,
            service,
            issuer,
        })
    }

    /// Verifies tokens with these shared secrets instead: the service signs with HS256 and publishes no key.
    #[must_use]
    pub fn sharing(mut self, secrets: Keys) -> Self {
        self.issuer = self.issuer.sharing(secrets);
        self
    }

    async fn log_in(&self, who: &Credentials) -> Result<Grant, ProviderError> {
        let form = [
            ("username", who.identifier.as_str()),
            ("password", who.password.expose_secret()),
        ];
        let call = Call::post("/api/v1/login")
            .form(&form)
            .for_browser(&who.client);
        match self.service.ask(call).await? {
            Outcome::Done(answer) => self.issuer.grant(&answer).await,
            Outcome::Wait(retry_after) => Err(ProviderError::RateLimited { retry_after }),
            Outcome::Refused(refusal) => Err(match (refusal.status, refusal.code) {
                // What cannot be a name or a password is nobody's.
                (StatusCode::UNAUTHORIZED, Code::InvalidCredentials)
                | (StatusCode::UNPROCESSABLE_ENTITY, Code::InvalidFields) => {
                    ProviderError::InvalidCredentials
                }
                _ => refusal.unexpected().into(),
            }),
        }
    }
}

#[async_trait]
impl Provider for Builtin {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn retry(&self) -> Retry {
        Retry::Idempotent
    }

    async fn login(&self, who: Credentials) -> Result<Grant, ProviderError> {
        self.log_in(&who).await
    }

    async fn refresh(&self, token: &RefreshToken) -> Result<Grant, ProviderError> {
        let body = serde_json::json!({ "refresh_token": token.expose() });
        let call = Call::post("/api/v1/refresh").json(&body).authenticated();
        match self.service.ask(call).await? {
            Outcome::Done(answer) => self.issuer.grant(&answer).await,
            Outcome::Wait(_) => Err(ProviderError::Unavailable("asked to wait".to_owned())),
            Outcome::Refused(refusal) => Err(match (refusal.status, refusal.code) {
                (StatusCode::UNAUTHORIZED, Code::InvalidGrant | Code::Revoked) => {
                    ProviderError::Refused
                }
                (StatusCode::UNAUTHORIZED, Code::Unknown) => ProviderError::Unknown,
                (StatusCode::CONFLICT, Code::Stale) => ProviderError::Stale,
                _ => refusal.unexpected().into(),
            }),
        }
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<(), ProviderError> {
        // The refresh token stands for the whole login (RFC 7009 §2.1).
        let (token, hint) = match &tokens.refresh {
            Some(refresh) => (refresh.expose(), "refresh_token"),
            None => (tokens.access.expose(), "access_token"),
        };
        let form = [("token", token), ("token_type_hint", hint)];
        let call = Call::post("/oauth2/revoke").form(&form).authenticated();
        match self.service.ask(call).await? {
            Outcome::Done(_) => Ok(()),
            Outcome::Wait(retry_after) => Err(ProviderError::RateLimited { retry_after }),
            Outcome::Refused(refusal) => Err(refusal.unexpected().into()),
        }
    }

    fn accounts(&self) -> Option<&dyn Accounts> {
        Some(self)
    }
}

impl From<CallError> for ProviderError {
    fn from(error: CallError) -> Self {
        match error {
            CallError::Unavailable(why) => Self::Unavailable(why),
            CallError::Nonsense(why) => Self::Nonsense(why),
        }
    }
}

#[cfg(test)]
mod tests;
