//! The provider against a stub of the identity service: the protocol, and a table of wrong answers.

mod accounts;
mod refresh;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use cloakroom_core::keys::{Key, KeyRing};
use cloakroom_core::ports::{ClientContext, OutboundError};
use cloakroom_core::secret::{SecretBytes, SecretString};
use cloakroom_core::token::AccessToken;
use cloakroom_core::{Subject, Timestamp};
use cloakroom_jose::SigningKey;
use cloakroom_testkit::{Sent, StubOutbound, TestClock};
use http::{Request, Response};
use serde_json::{Value, json};

use super::*;

const ISSUER: &str = "https://id.example.com";
const AUDIENCE: &str = "api";

/// One answer of the stub.
#[derive(Clone)]
struct Reply {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: String,
}

impl Reply {
    fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            headers: vec![("content-type", "application/json")],
            body: body.to_string(),
        }
    }

    fn refusal(status: u16, code: &str) -> Self {
        Self::json(status, &json!({"detail": "No.", "code": code}))
    }

    fn bare(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: String::new(),
        }
    }

    fn with(mut self, name: &'static str, value: &'static str) -> Self {
        self.headers.retain(|(other, _)| *other != name);
        self.headers.push((name, value));
        self
    }

    fn response(self) -> Response<Bytes> {
        let mut response = Response::builder().status(self.status);
        for (name, value) in self.headers {
            response = response.header(name, value);
        }
        response.body(self.body.into()).unwrap()
    }
}

/// A provider, and the identity service it speaks to.
struct World {
    provider: Builtin,
    outbound: Arc<StubOutbound>,
    clock: Arc<TestClock>,
    client_keys: Keys,
    signing: SigningKey,
    replies: Arc<Mutex<Vec<Reply>>>,
}

impl World {
    fn new() -> Self {
        let signing = SigningKey::es256("k1", &SigningKey::generate_es256().unwrap()).unwrap();
        let published = Reply::json(200, &json!({ "keys": [signing.public_jwk()] }));
        let replies = Arc::<Mutex<Vec<Reply>>>::default();
        let outbound = Arc::new(StubOutbound::new());
        let queue = Arc::clone(&replies);
        outbound.on("id.test:81", move |request: Request<Bytes>| {
            let reply = match request.uri().path() {
                "/.well-known/jwks.json" => published.clone(),
                _ => queue.lock().unwrap().remove(0),
            };
            async move { Ok(reply.response()) }
        });
        let clock = Arc::new(TestClock::new());
        let client_keys = Keys::new(ring(&[("c1", 0xab)]));
        let config = BuiltinConfig {
            id: "builtin".into(),
            base_url: "http://id.test:81/".to_owned(),
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            client_id: "cloakroom-gateway".to_owned(),
        };
        let provider = Builtin::new(
            config,
            Arc::clone(&outbound) as Arc<dyn Outbound>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            client_keys.clone(),
        );
        Self {
            provider: provider.unwrap(),
            outbound,
            clock,
            client_keys,
            signing,
            replies,
        }
    }

    /// The service answers this to the next calls, in order.
    fn answers(&self, replies: impl IntoIterator<Item = Reply>) {
        self.replies.lock().unwrap().extend(replies);
    }

    fn now(&self) -> i64 {
        self.clock.now().as_secs()
    }

    fn claims(&self) -> Value {
        json!({
            "iss": ISSUER, "sub": "user-7", "aud": AUDIENCE, "sid": "login-1", "jti": "t1",
            "iat": self.now(), "exp": self.now() + 900, "roles": ["admin"], "tier": 3,
            "name": "Ada Lovelace", "username": "ada", "email": "ada@example.com",
        })
    }

    fn token(&self, claims: &Value) -> String {
        self.signing.sign("at+jwt", claims).unwrap()
    }

    fn issued(&self) -> Value {
        json!({
            "access_token": self.token(&self.claims()), "refresh_token": "r1",
            "token_type": "bearer", "expires_in": 900,
        })
    }

    async fn log_in(&self) -> Result<Grant, ProviderError> {
        self.provider.login(credentials()).await
    }

    /// What a login comes to whose answer is the good one with one member changed; `Null` removes it.
    async fn log_in_with(&self, name: &str, value: Value) -> Result<Grant, ProviderError> {
        self.answers([Reply::json(200, &changed(self.issued(), name, value))]);
        self.log_in().await
    }

    /// What a login comes to whose access token has one claim changed; `Null` removes it.
    async fn log_in_claiming(&self, name: &str, value: Value) -> Result<Grant, ProviderError> {
        let token = self.token(&changed(self.claims(), name, value));
        self.log_in_with("access_token", token.into()).await
    }

    /// The calls that were made, those for keys left out.
    fn sent(&self) -> Vec<Sent> {
        let all = self.outbound.sent().into_iter();
        all.filter(|sent| sent.uri.path() != "/.well-known/jwks.json")
            .collect()
    }
}

fn ring(keys: &[(&str, u8)]) -> KeyRing {
    let keys = keys.iter().map(|&(kid, byte)| Key {
        kid: kid.to_owned(),
        material: SecretBytes::new(vec![byte; 32]),
        active_from: Timestamp::from_secs(0),
    });
    KeyRing::new(keys.collect()).unwrap()
}

fn changed(mut object: Value, name: &str, value: Value) -> Value {
    let members = object.as_object_mut().unwrap();
    match value {
        Value::Null => members.remove(name),
        value => members.insert(name.to_owned(), value),
    };
    object
}

fn client() -> ClientContext {
    ClientContext {
        ip: "2001:db8::7".parse().unwrap(),
        user_agent: "Browser/1".to_owned(),
        device: Some("device-1".to_owned()),
    }
}

fn credentials() -> Credentials {
    Credentials {
        identifier: "ada@example.com".to_owned(),
        password: SecretString::from("p&ss=wörd +1"),
        client: client(),
    }
}

fn header<'a>(sent: &'a Sent, name: &str) -> Option<&'a str> {
    sent.headers.get(name).map(|value| value.to_str().unwrap())
}

fn basic(byte: &str) -> String {
    use base64::Engine as _;
    let pair = format!("cloakroom-gateway:{}", byte.repeat(32));
    let encoded = base64::engine::general_purpose::STANDARD.encode(pair);
    format!("Basic {encoded}")
}

#[tokio::test]
async fn a_login_yields_a_verified_grant() {
    let world = World::new();
    world.answers([Reply::json(200, &world.issued())]);
    let grant = world.log_in().await.unwrap();
    assert_eq!(grant.subject, Subject::from("user-7"));
    assert_eq!(grant.issuer, ISSUER);
    assert_eq!(grant.issuer_sid.as_deref(), Some("login-1"));
    assert_eq!(grant.tokens.received, world.clock.now());
    assert_eq!(
        grant.tokens.access_expires,
        Timestamp::from_secs(world.now() + 900)
    );
    assert_eq!(grant.tokens.refresh.unwrap().expose(), "r1");
    let profile = grant.profile;
    assert_eq!(profile.id, "user-7");
    assert_eq!(profile.name, "Ada Lovelace");
    assert_eq!(profile.username.as_deref(), Some("ada"));
    assert_eq!(profile.email.as_deref(), Some("ada@example.com"));
    assert_eq!(profile.roles, ["admin"]);
    assert_eq!(Value::Object(profile.claims), json!({"tier": 3}));
}

#[tokio::test]
async fn a_login_is_a_form_with_the_gateways_credential_and_the_browser_behind_it() {
    let world = World::new();
    world.answers([Reply::json(200, &world.issued())]);
    world.log_in().await.unwrap();
    let sent = &world.sent()[0];
    assert_eq!(
        (sent.method.as_str(), sent.uri.to_string().as_str()),
        ("POST", "http://id.test:81/api/v1/login")
    );
    assert_eq!(
        header(sent, "content-type"),
        Some("application/x-www-form-urlencoded")
    );
    assert_eq!(header(sent, "authorization"), Some(basic("ab").as_str()));
    assert_eq!(header(sent, "x-client-ip"), Some("2001:db8::7"));
    assert_eq!(header(sent, "x-client-user-agent"), Some("Browser/1"));
    assert_eq!(header(sent, "x-client-device"), Some("device-1"));
    assert_eq!(
        sent.body,
        "username=ada%40example.com&password=p%26ss%3Dw%C3%B6rd%20%2B1"
    );
}

#[tokio::test]
async fn the_credential_is_read_from_the_ring_at_each_call() {
    let world = World::new();
    world.answers([
        Reply::json(200, &world.issued()),
        Reply::json(200, &world.issued()),
    ]);
    world.log_in().await.unwrap();
    world.client_keys.replace(ring(&[("c2", 0xcd)]));
    world.log_in().await.unwrap();
    let sent = world.sent();
    assert_eq!(
        header(&sent[0], "authorization"),
        Some(basic("ab").as_str())
    );
    assert_eq!(
        header(&sent[1], "authorization"),
        Some(basic("cd").as_str())
    );
}

#[tokio::test]
async fn a_credential_is_not_printed_with_the_request() {
    let world = World::new();
    world.answers([Reply::json(200, &world.issued())]);
    world.log_in().await.unwrap();
    assert!(!format!("{:?}", world.sent()[0].headers).contains("Basic"));
}

#[tokio::test]
async fn a_user_agent_that_no_header_can_carry_is_left_out() {
    let world = World::new();
    world.answers([Reply::json(200, &world.issued())]);
    let mut who = credentials();
    who.client.user_agent = "a\r\nX-Client-Ip: 1.1.1.1".to_owned();
    who.client.device = None;
    world.provider.login(who).await.unwrap();
    let sent = &world.sent()[0];
    assert_eq!(header(sent, "x-client-user-agent"), None);
    assert_eq!(header(sent, "x-client-device"), None);
    assert_eq!(header(sent, "x-client-ip"), Some("2001:db8::7"));
}

#[tokio::test]
async fn what_a_login_may_be_refused_for() {
    let world = World::new();
    let waits = |seconds| ProviderError::RateLimited {
        retry_after: Duration::from_secs(seconds),
    };
    for (reply, expected) in [
        (
            Reply::refusal(401, "invalid_credentials"),
            ProviderError::InvalidCredentials,
        ),
        (
            Reply::refusal(422, "invalid_fields"),
            ProviderError::InvalidCredentials,
        ),
        (Reply::bare(429).with("retry-after", "90"), waits(90)),
        (Reply::bare(429), waits(60)),
        (Reply::bare(429).with("retry-after", "0"), waits(1)),
        (
            Reply::bare(429).with("retry-after", "99999999"),
            waits(3600),
        ),
        (
            Reply::bare(429).with("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),
            waits(60),
        ),
    ] {
        world.answers([reply]);
        assert_eq!(world.log_in().await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn a_refused_client_is_trouble_of_ours_and_not_a_wrong_password() {
    let world = World::new();
    world.answers([Reply::refusal(401, "invalid_client")]);
    assert!(matches!(
        world.log_in().await,
        Err(ProviderError::Unavailable(_))
    ));
}

#[tokio::test]
async fn no_answer_and_5xx_are_unavailability() {
    let world = World::new();
    for status in [500, 502, 503, 504] {
        world.answers([Reply::bare(status)]);
        let failed = world.log_in().await;
        assert!(
            matches!(failed, Err(ProviderError::Unavailable(_))),
            "{status}"
        );
    }
    world.outbound.unplug("id.test:81");
    assert!(matches!(
        world.log_in().await,
        Err(ProviderError::Unavailable(_))
    ));
}

#[tokio::test]
async fn an_answer_outside_the_protocol_is_nonsense() {
    let world = World::new();
    let good = Reply::json(200, &world.issued());
    let mut cut = good.clone();
    cut.body.pop();
    let mut huge = good.clone();
    huge.body.push_str(&" ".repeat(1024 * 1024));
    for reply in [
        good.clone().with("content-type", "text/html"),
        good.clone()
            .with("content-type", "text/plain; application/json"),
        Reply {
            headers: Vec::new(),
            ..good.clone()
        },
        cut,
        huge,
        Reply::bare(204),
        Reply::json(200, &json!([])),
        Reply::json(200, &json!(null)),
        Reply::bare(302).with("location", "http://thief.test/"),
        Reply::bare(304),
        Reply::bare(401),
        Reply::bare(404),
        Reply::refusal(401, "something_new"),
        Reply::refusal(400, "invalid_credentials"),
        Reply::refusal(401, "invalid_credentials").with("content-type", "text/html"),
        Reply::json(401, &json!({"detail": "No.", "code": 7})),
    ] {
        let (status, body) = (reply.status, reply.body.clone());
        world.answers([reply]);
        let failed = world.log_in().await;
        assert!(
            matches!(failed, Err(ProviderError::Nonsense(_))),
            "{status} {body:.60}: {failed:?}"
        );
    }
    // The twin: parameters and case of the media type do not matter.
    world.answers([good.with("content-type", "Application/JSON; charset=utf-8")]);
    assert!(world.log_in().await.is_ok());
}

// RF-15: this issuer rotates, so that an answer without a refresh token would downgrade the session.
#[tokio::test]
async fn a_token_answer_with_a_member_missing_or_senseless_is_nonsense() {
    let world = World::new();
    let long = "x".repeat(8 * 1024 + 1);
    for (name, value) in [
        ("access_token", Value::Null),
        ("access_token", json!("")),
        ("access_token", json!("opaque")),
        ("access_token", json!(long)),
        ("access_token", json!(7)),
        ("refresh_token", Value::Null),
        ("refresh_token", json!("")),
        ("refresh_token", json!(long)),
        ("token_type", Value::Null),
        ("token_type", json!("mac")),
        ("expires_in", Value::Null),
        ("expires_in", json!(0)),
        ("expires_in", json!(-1)),
        ("expires_in", json!("900")),
        ("expires_in", json!(86_400 * 30 + 1)),
        ("expires_in", json!(1e300)),
    ] {
        let failed = world.log_in_with(name, value.clone()).await;
        assert!(
            matches!(failed, Err(ProviderError::Nonsense(_))),
            "{name}: {value:.40}: {failed:?}"
        );
    }
    for (name, value) in [
        ("token_type", json!("Bearer")),
        ("expires_in", json!(1)),
        ("expires_in", json!(86_400 * 30)),
        ("refresh_token", json!("x".repeat(8 * 1024))),
    ] {
        assert!(world.log_in_with(name, value).await.is_ok(), "{name}");
    }
}

// TK-03, TK-04
#[tokio::test]
async fn a_token_that_does_not_verify_is_nonsense() {
    let world = World::new();
    let now = world.now();
    for (name, value) in [
        ("iss", json!("https://thief.test")),
        ("aud", json!("another-api")),
        ("sub", Value::Null),
        ("sid", Value::Null),
        ("exp", json!(now - 31)),
        ("exp", Value::Null),
        ("nbf", json!(now + 31)),
        ("iat", json!("now")),
    ] {
        let failed = world.log_in_claiming(name, value.clone()).await;
        assert!(
            matches!(failed, Err(ProviderError::Nonsense(_))),
            "{name}: {value}: {failed:?}"
        );
    }
    let id_token = world.signing.sign("JWT", &world.claims()).unwrap();
    let failed = world.log_in_with("access_token", id_token.into()).await;
    assert!(matches!(failed, Err(ProviderError::Nonsense(_))));
    let thief = SigningKey::es256("k1", &SigningKey::generate_es256().unwrap()).unwrap();
    let forged = thief.sign("at+jwt", &world.claims()).unwrap();
    let failed = world.log_in_with("access_token", forged.into()).await;
    assert!(matches!(failed, Err(ProviderError::Nonsense(_))));
}

#[tokio::test]
async fn an_error_quotes_nothing_of_the_answer() {
    let world = World::new();
    for reply in [
        Reply::json(200, &changed(world.issued(), "expires_in", json!("s3cret"))),
        Reply::json(
            200,
            &changed(world.issued(), "access_token", json!("s3cret")),
        ),
        Reply::json(400, &json!({"detail": "s3cret", "code": "s3cret"})),
    ] {
        world.answers([reply]);
        let failed = world.log_in().await.unwrap_err();
        assert!(!failed.to_string().contains("s3cret"), "{failed}");
    }
}

#[tokio::test]
async fn the_end_of_a_token_is_the_earlier_of_what_it_says_and_what_the_answer_says() {
    let world = World::new();
    let ends = |grant: Grant| grant.tokens.access_expires.as_secs() - world.now();
    let shorter = world.log_in_with("expires_in", json!(60)).await.unwrap();
    assert_eq!(ends(shorter), 60);
    let longer = world
        .log_in_with("expires_in", json!(86_400))
        .await
        .unwrap();
    assert_eq!(ends(longer), 900);
}

// TK-10
#[tokio::test]
async fn without_the_services_keys_nothing_is_believed_and_nobody_is_refused() {
    let world = World::new();
    let issued = Reply::json(200, &world.issued());
    world
        .outbound
        .on("id.test:81", move |request: Request<Bytes>| {
            let reply = match request.uri().path() {
                "/.well-known/jwks.json" => Reply::bare(503),
                _ => issued.clone(),
            };
            async move { Ok(reply.response()) }
        });
    assert!(matches!(
        world.log_in().await,
        Err(ProviderError::Unavailable(_))
    ));
}

// TK-09
#[tokio::test]
async fn the_keys_are_fetched_once_for_many_logins() {
    let world = World::new();
    for _ in 0..3 {
        world.answers([Reply::json(200, &world.issued())]);
        world.log_in().await.unwrap();
    }
    let all = world.outbound.sent();
    let fetches = all
        .iter()
        .filter(|sent| sent.uri.path() == "/.well-known/jwks.json");
    assert_eq!(fetches.count(), 1);
}

// TK-01
#[tokio::test]
async fn with_shared_secrets_hs256_is_verified_and_es256_is_not_believed() {
    let mut world = World::new();
    let secrets = Keys::new(ring(&[("s1", 7), ("s2", 8)]));
    let es256 = world.token(&world.claims());
    let hs256 = |kid, byte| {
        let key = SigningKey::hs256(kid, &[byte; 32]).unwrap();
        key.sign("at+jwt", &world.claims()).unwrap()
    };
    let tokens = [
        (hs256("s1", 7), true),
        (hs256("s2", 8), true),
        (hs256("s2", 7), false),
        (hs256("s3", 9), false),
        (es256, false),
    ];
    world.provider = world.provider.sharing(secrets.clone());
    for (token, believed) in tokens.clone() {
        let grant = world.log_in_with("access_token", token.into()).await;
        assert_eq!(grant.is_ok(), believed);
    }
    // A secret that is taken out of the ring ends what it made.
    secrets.replace(ring(&[("s2", 8)]));
    let [(first, _), ..] = tokens;
    assert!(
        world
            .log_in_with("access_token", first.into())
            .await
            .is_err()
    );
}

#[test]
fn an_address_that_is_none_is_refused_at_the_start() {
    let world = World::new();
    let built = |base_url: &str| {
        let config = BuiltinConfig {
            id: "builtin".into(),
            base_url: base_url.to_owned(),
            issuer: ISSUER.to_owned(),
            audience: AUDIENCE.to_owned(),
            client_id: "gateway".to_owned(),
        };
        let outbound = Arc::clone(&world.outbound) as Arc<dyn Outbound>;
        let clock = Arc::clone(&world.clock) as Arc<dyn Clock>;
        Builtin::new(config, outbound, clock, world.client_keys.clone()).is_ok()
    };
    for good in [
        "http://127.0.0.1:8081",
        "https://id.example.com/",
        "http://[::1]:81",
    ] {
        assert!(built(good), "{good}");
    }
    for bad in [
        "",
        "id.test",
        "/api",
        "ftp://id.test",
        "http://",
        "http://id.test/a",
        "http://id.test?a",
    ] {
        assert!(!built(bad), "{bad}");
    }
}

/// A call that the stub lets fail on the way.
fn interrupted() -> OutboundError {
    OutboundError::Interrupted {
        host: "id.test:81".to_owned(),
        cause: "timed out".to_owned(),
    }
}

fn access() -> AccessToken {
    AccessToken::new("a1".to_owned())
}
