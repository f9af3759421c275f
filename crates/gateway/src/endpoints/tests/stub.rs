//! A provider whose users are Ada and whoever registers, and that can be told to misbehave.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cloakroom_core::ports::{
    AccountError, Accounts, ClientContext, Clock, Credentials, NewAccount, PasswordChange,
    ProfileChange, Provider, ProviderError, Retry,
};
use cloakroom_core::secret::ExposeSecret;
use cloakroom_core::token::{AccessToken, Grant, RefreshToken, TokenSet};
use cloakroom_core::user::{Profile, UniqueField};
use cloakroom_core::{ProviderId, Subject};
use cloakroom_testkit::TestClock;

pub(super) const PASSWORD: &str = "correct horse battery";

/// How the provider behaves.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mood {
    #[default]
    Well,
    /// Nothing is answered, ever.
    Silent,
    /// It cannot be reached.
    Down,
    /// It asks to wait.
    Busy,
    /// It refuses every refresh token and every access token.
    Refusing,
}

pub(super) struct Stub {
    id: ProviderId,
    clock: Arc<TestClock>,
    pub(super) has_accounts: bool,
    state: Mutex<State>,
    pub(super) revoked: tokio::sync::watch::Sender<Vec<String>>,
}

#[derive(Default)]
struct State {
    mood: Mood,
    issued: u32,
    refreshed: u32,
    names: BTreeMap<String, String>,
    clients: Vec<ClientContext>,
    last_password_change: Option<bool>,
}

impl Stub {
    pub(super) fn new(clock: Arc<TestClock>, has_accounts: bool) -> Self {
        let state = State {
            names: [
                ("ada".to_owned(), "Ada Lovelace".to_owned()),
                ("bob".to_owned(), "Bob".to_owned()),
            ]
            .into(),
            ..State::default()
        };
        Self {
            id: ProviderId::from("stub"),
            clock,
            has_accounts,
            state: Mutex::new(state),
            revoked: tokio::sync::watch::Sender::default(),
        }
    }

    pub(super) fn is(&self, mood: Mood) {
        self.state.lock().unwrap().mood = mood;
    }

    pub(super) fn refreshes(&self) -> u32 {
        self.state.lock().unwrap().refreshed
    }

    pub(super) fn clients(&self) -> Vec<ClientContext> {
        self.state.lock().unwrap().clients.clone()
    }

    pub(super) fn last_password_change(&self) -> Option<bool> {
        self.state.lock().unwrap().last_password_change
    }

    /// Returns once this many sets of tokens were revoked.
    pub(super) async fn until_revoked(&self, count: usize) -> Vec<String> {
        let mut revoked = self.revoked.subscribe();
        revoked
            .wait_for(|all| all.len() >= count)
            .await
            .unwrap()
            .clone()
    }

    fn grant(&self, subject: &str) -> Grant {
        let mut state = self.state.lock().unwrap();
        state.issued += 1;
        let number = state.issued;
        let name = state.names.get(subject).cloned().unwrap_or_default();
        let now = self.clock.now();
        Grant {
            subject: Subject::from(subject),
            issuer: "https://issuer.example".into(),
            issuer_sid: Some(format!("login-{number}")),
            profile: Profile {
                id: subject.to_owned(),
                name,
                username: Some(subject.to_owned()),
                email: Some(format!("{subject}@example.com")),
                roles: vec!["user".into()],
                ..Profile::default()
            },
            tokens: TokenSet {
                access: AccessToken::new(format!("access-secret.{subject}.{number}")),
                received: now,
                access_expires: now.plus(Duration::from_secs(900)),
                refresh: Some(RefreshToken::new(format!(
                    "refresh-secret.{subject}.{number}"
                ))),
                predecessor: None,
            },
        }
    }

    async fn mood(&self) -> Result<(), ProviderError> {
        let mood = self.state.lock().unwrap().mood;
        match mood {
            Mood::Well => Ok(()),
            Mood::Silent => std::future::pending().await,
            Mood::Down => Err(ProviderError::Unavailable("<b>refused</b>".into())),
            Mood::Busy => Err(ProviderError::RateLimited {
                retry_after: Duration::from_secs(90),
            }),
            Mood::Refusing => Err(ProviderError::Refused),
        }
    }

    fn subject(token: &str) -> String {
        token.split('.').nth(1).unwrap().to_owned()
    }
}

#[async_trait]
impl Provider for Stub {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn retry(&self) -> Retry {
        Retry::Idempotent
    }

    async fn login(&self, who: Credentials) -> Result<Grant, ProviderError> {
        self.mood().await?;
        self.state.lock().unwrap().clients.push(who.client);
        let subject = who
            .identifier
            .split('@')
            .next()
            .unwrap_or_default()
            .to_owned();
        let known = self.state.lock().unwrap().names.contains_key(&subject);
        if known && who.password.expose_secret() == PASSWORD {
            Ok(self.grant(&subject))
        } else {
            Err(ProviderError::InvalidCredentials)
        }
    }

    async fn refresh(&self, token: &RefreshToken) -> Result<Grant, ProviderError> {
        self.state.lock().unwrap().refreshed += 1;
        self.mood().await?;
        Ok(self.grant(&Self::subject(token.expose())))
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<(), ProviderError> {
        self.mood().await?;
        self.revoked
            .send_modify(|all| all.push(tokens.access.expose().to_owned()));
        Ok(())
    }

    fn accounts(&self) -> Option<&dyn Accounts> {
        self.has_accounts.then_some(self)
    }
}

fn account_error(error: ProviderError) -> AccountError {
    match error {
        ProviderError::Refused => AccountError::Unauthorized,
        ProviderError::RateLimited { retry_after } => AccountError::RateLimited { retry_after },
        other => AccountError::Unavailable(other.to_string()),
    }
}

#[async_trait]
impl Accounts for Stub {
    async fn register(&self, new: NewAccount) -> Result<Grant, AccountError> {
        self.mood().await.map_err(account_error)?;
        if self.state.lock().unwrap().names.contains_key(&new.username) {
            return Err(AccountError::Taken(UniqueField::Username));
        }
        if new.email == "ada@example.com" {
            return Err(AccountError::Taken(UniqueField::Email));
        }
        if new.password.expose_secret() == "password123" {
            let errors = [(
                "password".to_owned(),
                "This password is <known>.".to_owned(),
            )];
            return Err(AccountError::Invalid(errors.into()));
        }
        self.state
            .lock()
            .unwrap()
            .names
            .insert(new.username.clone(), new.name);
        Ok(self.grant(&new.username))
    }

    async fn profile(&self, who: &AccessToken) -> Result<Profile, AccountError> {
        self.mood().await.map_err(account_error)?;
        Ok(self.grant(&Self::subject(who.expose())).profile)
    }

    async fn change_profile(
        &self,
        who: &AccessToken,
        change: ProfileChange,
    ) -> Result<Profile, AccountError> {
        self.mood().await.map_err(account_error)?;
        let subject = Self::subject(who.expose());
        if change
            .username
            .as_deref()
            .is_some_and(|name| name != subject && name == "bob")
        {
            return Err(AccountError::Taken(UniqueField::Username));
        }
        if let Some(name) = change.name {
            self.state
                .lock()
                .unwrap()
                .names
                .insert(subject.clone(), name);
        }
        Ok(self.grant(&subject).profile)
    }

    async fn change_password(
        &self,
        _who: &AccessToken,
        change: PasswordChange,
        _client: &ClientContext,
    ) -> Result<(), AccountError> {
        self.mood().await.map_err(account_error)?;
        if change.current.expose_secret() != PASSWORD {
            return Err(AccountError::WrongPassword);
        }
        self.state.lock().unwrap().last_password_change = Some(change.end_others);
        Ok(())
    }
}
