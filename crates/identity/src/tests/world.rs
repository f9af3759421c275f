//! One identity service in memory, and requests to it.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use cloakroom_core::keys::{Key, KeyRing, Keys};
use cloakroom_core::ports::{Entropy, OutboxEvent, User, UserKey, UserStore as _};
use cloakroom_core::{SecretBytes, Timestamp, hex};
use cloakroom_jose::SigningKey;
use cloakroom_testkit::{MemoryIdentity, SeededEntropy, TestClock};
use http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::BodyExt as _;
use serde_json::Value;
use tower::ServiceExt as _;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, SubscriberExt as _};

use crate::{Admin, Config, Identity, IdentityKeys, NewAccount, Parts, Peer};

pub(super) const PASSWORD: &str = "paper lantern drifts north";
pub(super) const CLIENT: &str = "cloakroom-gateway";

pub(super) struct World {
    pub(super) clock: Arc<TestClock>,
    pub(super) store: Arc<MemoryIdentity>,
    pub(super) keys: IdentityKeys,
    pub(super) identity: Arc<Identity>,
    router: Router,
}

pub(super) fn key(kid: &str, material: Vec<u8>, active_from: Timestamp) -> Key {
    Key {
        kid: kid.to_owned(),
        material: SecretBytes::new(material),
        active_from,
    }
}

pub(super) fn ring(keys: Vec<Key>) -> KeyRing {
    KeyRing::new(keys).unwrap()
}

pub(super) fn es256() -> Vec<u8> {
    SigningKey::generate_es256().unwrap().to_vec()
}

impl World {
    /// The defaults, with `ada` registered.
    pub(super) async fn with_ada() -> Self {
        let world = Self::new(|_| {});
        world.add("ada", &[]).await;
        world
    }

    pub(super) fn new(adjust: impl FnOnce(&mut Config)) -> Self {
        Self::with_signing(es256(), adjust)
    }

    pub(super) fn with_signing(signing: Vec<u8>, adjust: impl FnOnce(&mut Config)) -> Self {
        Self::build(signing, Arc::new(SeededEntropy::new(1)), adjust)
    }

    pub(super) fn with_entropy(entropy: Arc<dyn Entropy>) -> Self {
        Self::build(es256(), entropy, |_| {})
    }

    fn build(
        signing: Vec<u8>,
        entropy: Arc<dyn Entropy>,
        adjust: impl FnOnce(&mut Config),
    ) -> Self {
        let clock = Arc::new(TestClock::new());
        let store = Arc::new(MemoryIdentity::new());
        let start = Timestamp::from_secs(0);
        let one = |kid: &str, material| Keys::new(ring(vec![key(kid, material, start)]));
        let keys = IdentityKeys {
            signing: one("s1", signing),
            rotation: one("r1", vec![1; 32]),
            client: one("c1", vec![7; 32]),
        };
        let mut config = Config::new("https://id.example.com", "cloakroom:api");
        config.password.threads = Some(1);
        config.password.queue = Some(64);
        adjust(&mut config);
        let parts = Parts {
            clock: clock.clone(),
            entropy,
            users: store.clone(),
            families: store.clone(),
            keys: keys.clone(),
        };
        let identity = Identity::new(config, parts).unwrap();
        let router = identity.router();
        Self {
            clock,
            store,
            keys,
            identity,
            router,
        }
    }

    pub(super) fn admin(&self) -> Admin {
        Admin::new(Arc::clone(&self.identity))
    }

    pub(super) async fn add(&self, username: &str, roles: &[&str]) {
        let account = NewAccount {
            name: format!("{username} of Example"),
            username: username.to_owned(),
            email: format!("{username}@example.com"),
            roles: roles.iter().map(|&role| role.to_owned()).collect(),
            password: Some(PASSWORD.to_owned().into()),
        };
        self.admin().add(account).await.unwrap();
        self.pass(1);
    }

    pub(super) fn pass(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }

    pub(super) async fn user(&self, username: &str) -> User {
        let key = UserKey::Username(username.to_owned());
        self.store.find(&key).await.unwrap().unwrap()
    }

    pub(super) async fn outbox(&self) -> Vec<OutboxEvent> {
        self.store.outbox(100).await.unwrap()
    }

    /// Logs in as the gateway would.
    pub(super) async fn login(&self, username: &str) -> Tokens {
        let ask = login_as(username, PASSWORD).gateway();
        Tokens::from(&self.send(ask).await)
    }

    /// Logs in as a plain API client would.
    pub(super) async fn login_plain(&self, username: &str) -> Tokens {
        Tokens::from(&self.send(login_as(username, PASSWORD)).await)
    }

    pub(super) async fn send(&self, ask: Ask) -> Answer {
        let mut request = Request::new(Body::from(ask.body));
        *request.method_mut() = ask.method;
        *request.uri_mut() = ask.path.parse().unwrap();
        *request.headers_mut() = ask.headers;
        let peer = Peer(SocketAddr::new(ask.peer, 4711));
        request.extensions_mut().insert(peer);
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let body = if bytes.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&bytes).unwrap()
        };
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    /// How many passwords were hashed or compared so far.
    pub(super) fn hashes(&self) -> u64 {
        self.identity.hasher.computed()
    }
}

pub(super) struct Tokens {
    pub(super) access: String,
    pub(super) refresh: String,
}

impl From<&Answer> for Tokens {
    fn from(answer: &Answer) -> Self {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
        let text = |name: &str| answer.body[name].as_str().unwrap().to_owned();
        Self {
            access: text("access_token"),
            refresh: text("refresh_token"),
        }
    }
}

impl Tokens {
    /// The claims, without asking who signed them.
    pub(super) fn claims(&self) -> Value {
        part(&self.access, 1)
    }

    pub(super) fn header(&self) -> Value {
        part(&self.access, 0)
    }
}

fn part(token: &str, index: usize) -> Value {
    let text = token.split('.').nth(index).unwrap();
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(text).unwrap()).unwrap()
}

#[derive(Clone)]
pub(super) struct Ask {
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: IpAddr,
}

impl Ask {
    pub(super) fn new(method: Method, path: &str) -> Self {
        Self {
            method,
            path: path.to_owned(),
            headers: HeaderMap::new(),
            body: Vec::new(),
            peer: IpAddr::from([192, 0, 2, 1]),
        }
    }

    pub(super) fn get(path: &str) -> Self {
        Self::new(Method::GET, path)
    }

    pub(super) fn post(path: &str) -> Self {
        Self::new(Method::POST, path)
    }

    pub(super) fn header(self, name: &'static str, value: &str) -> Self {
        self.header_value(name, value.parse().unwrap())
    }

    pub(super) fn header_value(mut self, name: &'static str, value: HeaderValue) -> Self {
        self.headers.append(name, value);
        self
    }

    pub(super) fn json(self, body: &Value) -> Self {
        self.raw("application/json", body.to_string().into_bytes())
    }

    pub(super) fn form(self, pairs: &[(&str, &str)]) -> Self {
        let pairs = pairs
            .iter()
            .map(|(name, value)| format!("{name}={}", escape(value)));
        let body = pairs.collect::<Vec<_>>().join("&");
        self.raw("application/x-www-form-urlencoded", body.into_bytes())
    }

    pub(super) fn raw(mut self, media_type: &str, body: Vec<u8>) -> Self {
        self.headers
            .insert(CONTENT_TYPE, media_type.parse().unwrap());
        self.body = body;
        self
    }

    pub(super) fn from(mut self, ip: &str) -> Self {
        self.peer = ip.parse().unwrap();
        self
    }

    pub(super) fn bearer(mut self, token: &str) -> Self {
        let value = format!("Bearer {token}");
        self.headers.insert(AUTHORIZATION, value.parse().unwrap());
        self
    }

    pub(super) fn cookie(mut self, token: &str) -> Self {
        let value = format!("refresh_token={token}");
        self.headers.append(COOKIE, value.parse().unwrap());
        self
    }

    pub(super) fn basic(mut self, id: &str, secret: &str) -> Self {
        let value = basic(id, secret);
        self.headers.append(AUTHORIZATION, value.parse().unwrap());
        self
    }

    /// Authenticates as the gateway.
    pub(super) fn gateway(self) -> Self {
        self.basic(CLIENT, &hex::encode(&[7; 32]))
    }

    /// Authenticates as the gateway beside a user's token.
    pub(super) fn gateway_beside(self) -> Self {
        let value = basic(CLIENT, &hex::encode(&[7; 32]));
        self.header("x-client-authorization", &value)
    }
}

pub(super) fn basic(id: &str, secret: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{id}:{secret}")))
}

fn escape(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let bytes = text.bytes().map(|byte| match byte {
        byte if plain(&byte) => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    });
    bytes.collect()
}

pub(super) fn login_as(username: &str, password: &str) -> Ask {
    Ask::post("/api/v1/login").form(&[("username", username), ("password", password)])
}

pub(super) fn refresh(token: &str) -> Ask {
    Ask::post("/api/v1/refresh").json(&serde_json::json!({ "refresh_token": token }))
}

pub(super) fn me(token: &str) -> Ask {
    Ask::get("/api/v1/user/me").bearer(token)
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Value,
}

impl Answer {
    /// Status and code of a refusal.
    pub(super) fn refusal(&self) -> (u16, &str) {
        (
            self.status.as_u16(),
            self.body["code"].as_str().unwrap_or("-"),
        )
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    pub(super) fn set_cookie(&self) -> Option<&str> {
        self.header(SET_COOKIE.as_str())
    }

    /// The names of the wrong fields, sorted.
    pub(super) fn wrong_fields(&self) -> Vec<&str> {
        let fields = self.body["detail"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let mut names: Vec<_> = fields
            .iter()
            .map(|field| field["loc"][1].as_str().unwrap())
            .collect();
        names.sort_unstable();
        names
    }
}

/// What was logged on this thread: every event, and the fields of the audit events.
#[derive(Clone, Default)]
pub(super) struct Log {
    audit: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    all: Arc<Mutex<String>>,
}

impl Log {
    /// Logs into the result for as long as the guard lives.
    pub(super) fn capture() -> (Self, tracing::subscriber::DefaultGuard) {
        let log = Self::default();
        let subscriber = tracing_subscriber::registry().with(log.clone());
        (log, tracing::subscriber::set_default(subscriber))
    }

    /// Event and outcome of each audit event.
    pub(super) fn audited(&self) -> Vec<(String, String)> {
        let events = self.audit.lock().unwrap();
        let pairs = events
            .iter()
            .map(|fields| (fields["event"].clone(), fields["outcome"].clone()));
        pairs.collect()
    }

    pub(super) fn last_audit(&self) -> BTreeMap<String, String> {
        self.audit.lock().unwrap().last().unwrap().clone()
    }

    pub(super) fn text(&self) -> String {
        self.all.lock().unwrap().clone()
    }
}

impl<S: tracing::Subscriber> tracing_subscriber::Layer<S> for Log {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        let mut fields = Fields::default();
        event.record(&mut fields);
        let mut all = self.all.lock().unwrap();
        writeln!(all, "{:?}", fields.0).unwrap();
        if event.metadata().target() == "audit" {
            self.audit.lock().unwrap().push(fields.0);
        }
    }
}

#[derive(Default)]
struct Fields(BTreeMap<String, String>);

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        self.0.insert(field.name().to_owned(), format!("{value:?}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.insert(field.name().to_owned(), value.to_owned());
    }
}
