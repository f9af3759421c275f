//! One gateway's endpoints, and browsers that use them.

use std::convert::Infallible;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, Bytes, to_bytes};
use cloakroom_core::Timestamp;
use cloakroom_core::keys::{Key, KeyRing, Keys};
use cloakroom_core::secret::SecretBytes;
use cloakroom_testkit::{Browser, MemorySessions, SeededEntropy, TestClock, browser};
use futures_util::stream;
use http::{HeaderMap, Method, Request, Response, StatusCode};
use serde_json::Value;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::stub::{PASSWORD, Stub};
use crate::assertion::{Assertions, generate_key};
use crate::call::{Caller, Class, RequestId};
use crate::config::{
    Brand, Config, Origin, PagesConfig, RefreshConfig, ReturnTo, SameSite, SessionConfig,
};
use crate::context::Context;
use crate::endpoints::router;
use crate::refresh::Refresher;
use crate::refusal::Refusal;
use crate::session::{Parts, Peek, SessionChange, Sessions, Visitor};
use crate::streams::Streams;

pub(super) struct World {
    pub(super) clock: Arc<TestClock>,
    pub(super) store: Arc<MemorySessions>,
    pub(super) provider: Arc<Stub>,
    pub(super) context: Arc<Context>,
    router: axum::Router,
}

/// What a deployment may choose differently.
#[derive(Clone, Copy, Default)]
pub(super) struct Choices {
    pub(super) own_pages: bool,
    pub(super) no_accounts: bool,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(Choices::default())
    }

    pub(super) fn with(choices: Choices) -> Self {
        let clock = Arc::new(TestClock::new());
        let store = Arc::new(MemorySessions::new());
        let provider = Arc::new(Stub::new(Arc::clone(&clock), !choices.no_accounts));
        let context = context(choices, &clock, &store, &provider);
        let router = router(Arc::clone(&context));
        Self {
            clock,
            store,
            provider,
            context,
            router,
        }
    }

    /// Plays the stages before and after the endpoint.
    pub(super) async fn send(&self, browser: &mut Browser, ask: Asking<'_>) -> Answer {
        let mut request = Request::builder().method(ask.method).uri(ask.path);
        if let Some(cookies) = browser.header(ask.path, browser::Initiator::SameSite) {
            request = request.header("cookie", cookies);
        }
        for (name, value) in &ask.headers {
            request = request.header(*name, *value);
        }
        let mut request = request.body(ask.body).unwrap();
        let visitor = self.open(request.headers()).await;
        request.extensions_mut().insert(Caller {
            visitor: visitor.clone(),
            client_ip: IpAddr::V4(Ipv4Addr::new(203, 0, 113, 7)),
            class: ask.class,
            id: RequestId::new(1, 2),
        });
        let mut response = self.router.clone().oneshot(request).await.unwrap();
        let change = response.extensions_mut().remove::<SessionChange>();
        self.context
            .sessions
            .commit(&visitor, change, response.headers_mut());
        browser.receive(response.headers()).unwrap();
        Answer(response)
    }

    async fn open(&self, headers: &HeaderMap) -> Visitor {
        match self.context.sessions.peek(
            headers,
            self.context.clock.now(),
            self.context.clock.ticks(),
        ) {
            Peek::Found(visitor) => visitor,
            Peek::Ask(cookie) => self.context.sessions.ask(&cookie).await,
        }
    }

    /// A browser in which this user has logged in.
    pub(super) async fn logged_in(&self, name: &str) -> Browser {
        let mut browser = Browser::http();
        let body = format!("identifier={name}&password={PASSWORD}");
        let answer = self.send(&mut browser, form("/auth/login", &body)).await;
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        browser
    }

    /// What `GET /auth/session` says.
    pub(super) async fn session(&self, browser: &mut Browser) -> Value {
        self.send(browser, get("/auth/session")).await.json().await
    }

    pub(super) async fn is_logged_in(&self, browser: &mut Browser) -> bool {
        self.session(browser).await["authenticated"] == true
    }

    /// The form token on the account page.
    pub(super) async fn form_token(&self, browser: &mut Browser) -> String {
        let page = self.send(browser, open("/auth/account")).await.text().await;
        let rest = page.split_once("name=\"form_token\" value=\"").unwrap().1;
        rest.split('"').next().unwrap().to_owned()
    }

    pub(super) fn wait(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}

fn context(
    choices: Choices,
    clock: &Arc<TestClock>,
    store: &Arc<MemorySessions>,
    provider: &Arc<Stub>,
) -> Arc<Context> {
    let config = config(choices);
    let entropy = Arc::new(SeededEntropy::new(1));
    let clock: Arc<TestClock> = Arc::clone(clock);
    let assertion = ring(generate_key().unwrap());
    let public_url = config.public_url.as_str();
    let assertions = Arc::new(Assertions::new(public_url, assertion, clock.clone()).unwrap());
    let sessions = Sessions::new(
        &config,
        Parts {
            clock: clock.clone(),
            entropy: entropy.clone(),
            store: store.clone(),
            provider: provider.clone(),
            sealing: ring(vec![7; 32]),
            assertions: Arc::clone(&assertions),
        },
    );
    let refresher = Refresher::new(
        RefreshConfig::default(),
        Arc::clone(&sessions),
        provider.clone(),
    );
    Arc::new(Context {
        config,
        clock: clock.clone(),
        entropy,
        provider: provider.clone(),
        sessions: Arc::clone(&sessions),
        refresher,
        streams: Streams::new(Arc::clone(&sessions), clock.clone()),
        assertions,
        tasks: TaskTracker::new(),
    })
}

fn ring(material: Vec<u8>) -> Keys {
    let key = Key {
        kid: "k1".into(),
        material: SecretBytes::new(material),
        active_from: Timestamp::MIN,
    };
    Keys::new(KeyRing::new(vec![key]).unwrap())
}

fn config(choices: Choices) -> Config {
    let path = |text: &str| ReturnTo::parse(text, "/auth").unwrap();
    let own = |text: &str| choices.own_pages.then(|| path(text));
    Config {
        public_url: Origin::parse("http://localhost:8080").unwrap(),
        hosts: Vec::new(),
        trusted_proxies: Vec::new(),
        base_path: "/auth".into(),
        session: SessionConfig {
            idle_timeout: Duration::from_secs(7 * 86_400),
            absolute_lifetime: Duration::from_secs(14 * 86_400),
            same_site: SameSite::Lax,
            outage_grace: Duration::ZERO,
            per_principal: 100,
            expose: Vec::new(),
        },
        refresh: RefreshConfig::default(),
        pages: PagesConfig {
            login: own("/welcome"),
            register: own("/join?plan=free"),
            after_login: path("/dashboard"),
            after_logout: path("/bye"),
            brand: Brand {
                name: "Goals".into(),
                accent: None,
                terms_url: None,
                privacy_url: None,
            },
        },
        upstreams: Vec::new(),
        rules: Vec::new(),
    }
}

/// One request.
pub(super) struct Asking<'a> {
    method: Method,
    path: &'a str,
    headers: Vec<(&'static str, &'a str)>,
    class: Class,
    body: Body,
}

impl<'a> Asking<'a> {
    fn new(method: Method, path: &'a str, class: Class) -> Self {
        Self {
            method,
            path,
            headers: Vec::new(),
            class,
            body: Body::empty(),
        }
    }

    pub(super) fn with(mut self, name: &'static str, value: &'a str) -> Self {
        self.headers.push((name, value));
        self
    }

    pub(super) fn body(mut self, media_type: &'a str, body: &str) -> Self {
        self.body = Body::from(body.to_owned());
        self.with("content-type", media_type)
    }

    /// The same, but its body never comes.
    pub(super) fn withheld(mut self) -> Self {
        let nothing = stream::pending::<Result<Bytes, Infallible>>();
        self.body = Body::from_stream(nothing);
        self
    }
}

/// A script's GET.
pub(super) fn get(path: &str) -> Asking<'_> {
    Asking::new(Method::GET, path, Class::Fetch)
}

/// A person's GET.
pub(super) fn open(path: &str) -> Asking<'_> {
    Asking::new(Method::GET, path, Class::Page)
}

/// A form.
pub(super) fn form<'a>(path: &'a str, body: &str) -> Asking<'a> {
    Asking::new(Method::POST, path, Class::Page).body("application/x-www-form-urlencoded", body)
}

/// A script's JSON.
pub(super) fn json<'a>(path: &'a str, body: &Value) -> Asking<'a> {
    let body = body.to_string();
    Asking::new(Method::POST, path, Class::Fetch).body("application/json", &body)
}

/// A script's POST without a body.
pub(super) fn post(path: &str) -> Asking<'_> {
    Asking::new(Method::POST, path, Class::Fetch)
}

/// A script's DELETE.
pub(super) fn delete(path: &str) -> Asking<'_> {
    Asking::new(Method::DELETE, path, Class::Fetch)
}

/// One answer.
pub(super) struct Answer(pub(super) Response<Body>);

impl Answer {
    pub(super) fn status(&self) -> StatusCode {
        self.0.status()
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.0
            .headers()
            .get(name)
            .map(|value| value.to_str().unwrap())
    }

    pub(super) fn location(&self) -> &str {
        assert_eq!(self.status(), StatusCode::SEE_OTHER);
        self.header("location").unwrap()
    }

    /// Why it was refused; fails where it was not.
    pub(super) fn refusal(&self) -> &Refusal {
        self.0
            .extensions()
            .get()
            .unwrap_or_else(|| panic!("{} is no refusal", self.status()))
    }

    pub(super) async fn text(self) -> String {
        let bytes = to_bytes(self.0.into_body(), 1 << 20).await.unwrap();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    pub(super) async fn json(self) -> Value {
        assert_eq!(self.header("content-type"), Some("application/json"));
        serde_json::from_str(&self.text().await).unwrap()
    }
}
