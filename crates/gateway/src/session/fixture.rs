//! What the tests of sessions and refreshes stand on: one store, one clock, one scripted provider, any number of
//! gateways.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use cloakroom_core::keys::{Key, KeyRing, Keys};
use cloakroom_core::ports::{ClientContext, Clock, Credentials, Provider, ProviderError, Retry};
use cloakroom_core::token::{AccessToken, Grant, RefreshToken, TokenSet};
use cloakroom_core::user::Profile;
use cloakroom_core::{ProviderId, SecretBytes, Subject, Timestamp};
use cloakroom_testkit::{MemorySessions, SeededEntropy, TestClock};
use http::header::COOKIE;
use http::{HeaderMap, HeaderValue};
use tokio::sync::watch;

use super::{CookieValue, Parts, Peek, Session, Sessions, Visitor};
use crate::assertion::{Assertions, generate_key};
use crate::config::{
    Brand, Config, Origin, PagesConfig, RefreshConfig, ReturnTo, SameSite, SessionConfig,
};

/// How long the stub's access tokens live.
pub(crate) const LIFE: Duration = Duration::from_secs(900);

/// Everything that gateways share.
pub(crate) struct World {
    pub(crate) clock: Arc<TestClock>,
    pub(crate) store: Arc<MemorySessions>,
    pub(crate) provider: Arc<StubProvider>,
    pub(crate) sealing: Keys,
    pub(crate) config: Config,
    pub(crate) sessions: Arc<Sessions>,
    seeds: AtomicU64,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with(config())
    }

    pub(crate) fn with(config: Config) -> Self {
        let clock = Arc::new(TestClock::new());
        let store = Arc::new(MemorySessions::new());
        let provider = Arc::new(StubProvider::new(Arc::clone(&clock)));
        let sealing = Keys::new(ring(&[("seal-1", 1)]));
        let seeds = AtomicU64::new(1);
        let sessions = node(&config, &clock, &store, &provider, &sealing, 0);
        Self {
            clock,
            store,
            provider,
            sealing,
            config,
            sessions,
            seeds,
        }
    }

    /// Another gateway on the same store.
    pub(crate) fn another(&self) -> Arc<Sessions> {
        let seed = self.seeds.fetch_add(1, Ordering::Relaxed);
        node(
            &self.config,
            &self.clock,
            &self.store,
            &self.provider,
            &self.sealing,
            seed,
        )
    }

    /// Ada logs in at the first gateway.
    pub(crate) async fn login(&self) -> (Arc<Session>, CookieValue) {
        let grant = self.provider.grant("ada");
        self.sessions
            .begin(grant, self.clock.now(), &client(), None)
            .await
            .unwrap()
    }
}

impl Sessions {
    /// Who sent a request, as the pipeline asks.
    pub(crate) async fn open(&self, headers: &HeaderMap) -> Visitor {
        match self.peek(headers, self.clock.now(), self.clock.ticks()) {
            Peek::Found(visitor) => visitor,
            Peek::Ask(cookie) => self.ask(&cookie).await,
        }
    }
}

fn node(
    config: &Config,
    clock: &Arc<TestClock>,
    store: &Arc<MemorySessions>,
    provider: &Arc<StubProvider>,
    sealing: &Keys,
    seed: u64,
) -> Arc<Sessions> {
    let clock: Arc<dyn Clock> = Arc::clone(clock) as _;
    let key = Key {
        kid: "assert-1".into(),
        material: SecretBytes::new(generate_key().unwrap()),
        active_from: Timestamp::from_secs(0),
    };
    let keys = Keys::new(KeyRing::new(vec![key]).unwrap());
    let assertions = Assertions::new(config.public_url.as_str(), keys, Arc::clone(&clock)).unwrap();
    let parts = Parts {
        clock,
        entropy: Arc::new(SeededEntropy::new(seed)),
        store: Arc::clone(store) as _,
        provider: Arc::clone(provider) as _,
        sealing: sealing.clone(),
        assertions: Arc::new(assertions),
    };
    Sessions::new(config, parts)
}

/// A sealing ring with these keys, each in force since the second that is given.
pub(crate) fn ring(keys: &[(&str, i64)]) -> KeyRing {
    let key = |&(kid, from): &(&str, i64)| Key {
        kid: kid.into(),
        material: SecretBytes::new(kid.bytes().cycle().take(32).collect()),
        active_from: Timestamp::from_secs(from),
    };
    KeyRing::new(keys.iter().map(key).collect()).unwrap()
}

pub(crate) fn config() -> Config {
    Config {
        public_url: Origin::parse("https://app.example.com").unwrap(),
        hosts: Vec::new(),
        trusted_proxies: Vec::new(),
        base_path: "/auth".into(),
        session: SessionConfig {
            idle_timeout: Duration::from_secs(7 * 24 * 3600),
            absolute_lifetime: Duration::from_secs(14 * 24 * 3600),
            same_site: SameSite::Lax,
            outage_grace: Duration::from_secs(30),
            per_principal: 100,
            expose: vec!["tier".into()],
        },
        refresh: RefreshConfig::default(),
        pages: PagesConfig {
            login: None,
            register: None,
            after_login: ReturnTo::root(),
            after_logout: ReturnTo::root(),
            brand: Brand {
                name: "Test".into(),
                accent: None,
                terms_url: None,
                privacy_url: None,
            },
        },
        upstreams: Vec::new(),
        rules: Vec::new(),
    }
}

pub(crate) fn client() -> ClientContext {
    ClientContext {
        ip: [203, 0, 113, 7].into(),
        user_agent: "test browser".into(),
        device: None,
    }
}

/// A request's headers with this cookie.
pub(crate) fn headers(cookie: &CookieValue) -> HeaderMap {
    let text = cookie.to_text();
    raw_headers(&[format!("__Host-Http-cloakroom={}", *text).as_bytes()])
}

/// A request's headers with these `Cookie` fields.
pub(crate) fn raw_headers(cookies: &[&[u8]]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for cookie in cookies {
        headers.append(COOKIE, HeaderValue::from_bytes(cookie).unwrap());
    }
    headers
}

/// A provider that rotates with every refresh, unless the test says what it answers.
pub(crate) struct StubProvider {
    id: ProviderId,
    clock: Arc<TestClock>,
    issued: AtomicU64,
    retry: Mutex<Retry>,
    script: Mutex<VecDeque<Result<Grant, ProviderError>>>,
    dies: AtomicBool,
    presented: watch::Sender<Vec<String>>,
    revoked: Mutex<Vec<String>>,
    open: watch::Sender<bool>,
}

impl StubProvider {
    fn new(clock: Arc<TestClock>) -> Self {
        Self {
            id: ProviderId::from("stub"),
            clock,
            issued: AtomicU64::new(0),
            retry: Mutex::new(Retry::Idempotent),
            script: Mutex::default(),
            dies: AtomicBool::new(false),
            presented: watch::Sender::default(),
            revoked: Mutex::default(),
            open: watch::Sender::new(true),
        }
    }

    /// Tokens as it would hand them out now: `access-n` and `refresh-n`.
    pub(crate) fn grant(&self, subject: &str) -> Grant {
        let number = self.issued.fetch_add(1, Ordering::Relaxed) + 1;
        let now = self.clock.now();
        Grant {
            subject: Subject::from(subject),
            issuer: "https://id.example".into(),
            issuer_sid: Some(format!("login-{subject}")),
            profile: Profile {
                id: subject.into(),
                name: "Ada".into(),
                roles: vec!["admin".into()],
                claims: [("tier".into(), 1.into()), ("secret".into(), 2.into())]
                    .into_iter()
                    .collect(),
                ..Profile::default()
            },
            tokens: TokenSet {
                access: AccessToken::new(format!("access-{number}")),
                received: now,
                access_expires: now.plus(LIFE),
                refresh: Some(RefreshToken::new(format!("refresh-{number}"))),
                predecessor: None,
            },
        }
    }

    /// What it answers next, in this order, before it goes on rotating.
    pub(crate) fn answers(&self, answers: impl IntoIterator<Item = Result<Grant, ProviderError>>) {
        self.script.lock().unwrap().extend(answers);
    }

    pub(crate) fn retries(&self, retry: Retry) {
        *self.retry.lock().unwrap() = retry;
    }

    /// The task of the next refresh dies in it.
    pub(crate) fn dies_once(&self) {
        self.dies.store(true, Ordering::Relaxed);
    }

    /// From now on refreshes hang until [`Self::release`].
    pub(crate) fn hold(&self) {
        self.open.send_replace(false);
    }

    pub(crate) fn release(&self) {
        self.open.send_replace(true);
    }

    /// Returns once `count` refreshes have arrived.
    pub(crate) async fn until_presented(&self, count: usize) {
        self.presented
            .subscribe()
            .wait_for(|tokens| tokens.len() >= count)
            .await
            .unwrap();
    }

    /// The refresh tokens that were presented, in order.
    pub(crate) fn presented(&self) -> Vec<String> {
        self.presented.borrow().clone()
    }

    /// The access tokens that were revoked, in order.
    pub(crate) fn revoked(&self) -> Vec<String> {
        self.revoked.lock().unwrap().clone()
    }
}

#[async_trait]
impl Provider for StubProvider {
    fn id(&self) -> &ProviderId {
        &self.id
    }

    fn retry(&self) -> Retry {
        *self.retry.lock().unwrap()
    }

    async fn login(&self, _: Credentials) -> Result<Grant, ProviderError> {
        Ok(self.grant("ada"))
    }

    async fn refresh(&self, token: &RefreshToken) -> Result<Grant, ProviderError> {
        self.presented
            .send_modify(|tokens| tokens.push(token.expose().to_owned()));
        self.open.subscribe().wait_for(|open| *open).await.unwrap();
        assert!(
            !self.dies.swap(false, Ordering::Relaxed),
            "as the test wants it"
        );
        let scripted = self.script.lock().unwrap().pop_front();
        scripted.unwrap_or_else(|| Ok(self.grant("ada")))
    }

    async fn revoke(&self, tokens: &TokenSet) -> Result<(), ProviderError> {
        self.revoked
            .lock()
            .unwrap()
            .push(tokens.access.expose().to_owned());
        Ok(())
    }
}
