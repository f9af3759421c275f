//! A person with a browser: a cookie jar, and connections in memory to a gateway's own HTTP server.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use cloakroom_gateway::{Gateway, Peer};
use cloakroom_testkit::Browser;
use cloakroom_testkit::browser::{Cookie, Initiator};
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::SendRequest;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::task::JoinSet;

use super::assembly::{Node, PASSWORD, credentials};

/// The name of the session cookie at an https address.
pub(super) const COOKIE: &str = "__Host-Http-cloakroom";

/// Somebody in front of a gateway. Clones share one browser.
#[derive(Clone)]
pub(super) struct Person {
    jar: Arc<Mutex<Browser>>,
    gateway: Arc<Gateway>,
    address: SocketAddr,
}

impl Person {
    pub(super) fn new(gateway: &Arc<Gateway>, number: u16) -> Self {
        let [high, low] = number.to_be_bytes();
        Self {
            jar: Arc::new(Mutex::new(Browser::https())),
            gateway: Arc::clone(gateway),
            address: ([10, 1, high, low], 40_000).into(),
        }
    }

    /// The same browser, whose connections now end at another gateway.
    pub(super) fn at(&self, node: &Node) -> Self {
        Self {
            gateway: Arc::clone(&node.gateway),
            ..self.clone()
        }
    }

    /// Logs in with everybody's password.
    pub(super) async fn log_in(&self, name: &str) {
        let answer = self.send(credentials(name, PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    }

    /// Sends one request over a connection of its own.
    pub(super) async fn send(&self, ask: Ask) -> Answer {
        let cookies = self.cookies(&ask.target);
        let mut wire = self.connect().await;
        let answer = wire.send(ask.cookies(cookies.as_deref())).await;
        self.jar.lock().unwrap().receive(&answer.headers).unwrap();
        answer
    }

    /// Opens a page.
    pub(super) async fn page(&self, target: &str) -> Answer {
        self.send(Ask::page(target)).await
    }

    /// Calls from a script.
    pub(super) async fn fetch(&self, target: &str) -> Answer {
        self.send(Ask::fetch(target)).await
    }

    /// A connection, for requests without the jar.
    pub(super) async fn connect(&self) -> Wire {
        Wire::open(&self.gateway, self.address).await
    }

    /// The value of the session cookie.
    pub(super) fn cookie(&self) -> Option<String> {
        self.jar
            .lock()
            .unwrap()
            .cookie(COOKIE)
            .map(|cookie| cookie.value.clone())
    }

    /// Every cookie value in the jar.
    pub(super) fn all_cookies(&self) -> Vec<String> {
        self.jar
            .lock()
            .unwrap()
            .cookies()
            .map(|cookie| cookie.value.clone())
            .collect()
    }

    /// Puts a session cookie with this value into the jar.
    pub(super) fn plant(&self, value: &str) {
        let text = format!("{COOKIE}={value}; Path=/; HttpOnly; Secure");
        self.jar
            .lock()
            .unwrap()
            .set(Cookie::parse(&text, true).unwrap());
    }

    fn cookies(&self, target: &str) -> Option<String> {
        let path = target.split('?').next().unwrap_or_default();
        self.jar.lock().unwrap().header(path, Initiator::SameSite)
    }
}

/// One connection to a gateway. Dropping it closes it, as a browser that goes away does.
pub(super) struct Wire {
    sender: SendRequest<Full<Bytes>>,
    _near: JoinSet<()>,
}

impl Wire {
    async fn open(gateway: &Arc<Gateway>, address: SocketAddr) -> Self {
        let (near, far) = tokio::io::duplex(64 * 1024);
        let (gateway, peer) = (Arc::clone(gateway), Peer::new(address));
        tokio::spawn(async move {
            let service = service_fn(move |request| {
                let answered = Arc::clone(&gateway).handle(peer.clone(), request);
                async move { Ok::<_, std::convert::Infallible>(answered.await) }
            });
            let server = hyper::server::conn::http1::Builder::new();
            // However a connection ends, it has ended.
            let _ = server.serve_connection(TokioIo::new(far), service).await;
        });
        let (sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(near))
            .await
            .unwrap();
        let mut near = JoinSet::new();
        near.spawn(async move {
            let _ = connection.await;
        });
        Self {
            sender,
            _near: near,
        }
    }

    pub(super) async fn send(&mut self, ask: Ask) -> Answer {
        self.sender.ready().await.unwrap();
        let response = self.sender.send_request(ask.into_request()).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            body,
        }
    }
}

/// A request about to be sent.
pub(super) struct Ask {
    method: Method,
    target: String,
    headers: HeaderMap,
    body: Bytes,
}

impl Ask {
    pub(super) fn new(method: Method, target: &str) -> Self {
        let mut headers = HeaderMap::new();
        headers.insert(header::HOST, HeaderValue::from_static("goals.test"));
        Self {
            method,
            target: target.to_owned(),
            headers,
            body: Bytes::new(),
        }
    }

    /// Somebody opens a page.
    pub(super) fn page(target: &str) -> Self {
        Self::new(Method::GET, target)
            .with("accept", "text/html,*/*;q=0.8")
            .with("sec-fetch-mode", "navigate")
            .with("sec-fetch-dest", "document")
            .with("sec-fetch-site", "none")
    }

    /// A script asks.
    pub(super) fn fetch(target: &str) -> Self {
        Self::new(Method::GET, target).scripted()
    }

    /// A script changes something.
    pub(super) fn post(target: &str) -> Self {
        Self::new(Method::POST, target)
            .scripted()
            .with("x-requested-with", "test")
    }

    /// Somebody sends a form.
    pub(super) fn form(target: &str, body: &str) -> Self {
        let mut ask = Self::page(target)
            .with("sec-fetch-site", "same-origin")
            .with("content-type", "application/x-www-form-urlencoded");
        ask.method = Method::POST;
        ask.body(body.to_owned())
    }

    fn scripted(self) -> Self {
        self.with("sec-fetch-mode", "cors")
            .with("sec-fetch-dest", "empty")
            .with("sec-fetch-site", "same-origin")
    }

    pub(super) fn with(self, name: &str, value: &str) -> Self {
        self.raw(name, value.as_bytes())
    }

    /// A header whose value may be any bytes that a header can have.
    pub(super) fn raw(mut self, name: &str, value: &[u8]) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers
            .insert(name, HeaderValue::from_bytes(value).unwrap());
        self
    }

    pub(super) fn body(mut self, body: impl Into<Bytes>) -> Self {
        self.body = body.into();
        self
    }

    pub(super) fn json(self, value: &Value) -> Self {
        self.with("content-type", "application/json")
            .body(value.to_string())
    }

    fn cookies(self, cookies: Option<&str>) -> Self {
        match cookies {
            Some(cookies) => self.with("cookie", cookies),
            None => self,
        }
    }

    fn into_request(self) -> Request<Full<Bytes>> {
        let mut request = Request::new(Full::new(self.body));
        *request.method_mut() = self.method;
        *request.uri_mut() = self.target.parse().unwrap();
        *request.headers_mut() = self.headers;
        request
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Answer {
    pub(super) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(super) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("{} {}", self.status, self.text()))
    }

    /// The stable code of a refusal.
    pub(super) fn code(&self) -> String {
        self.json()["error"].as_str().unwrap_or_default().to_owned()
    }

    /// Why there is no session.
    #[track_caller]
    pub(super) fn reason(&self) -> String {
        assert_eq!(self.status, StatusCode::UNAUTHORIZED, "{}", self.text());
        self.json()["reason"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The answer's header, if it is there.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Whether it touches no cookie at all.
    pub(super) fn leaves_cookies_alone(&self) -> bool {
        !self.headers.contains_key(header::SET_COOKIE)
    }

    /// Whether it gives the browser a session.
    pub(super) fn sets_a_session(&self) -> bool {
        let prefix = format!("{COOKIE}=v1.");
        let all = self.headers.get_all(header::SET_COOKIE).iter();
        all.into_iter()
            .any(|value| value.as_bytes().starts_with(prefix.as_bytes()))
    }

    /// Whether it is a refusal with this status and code that says when to try again and clears nothing.
    #[track_caller]
    pub(super) fn asks_to_wait(&self, code: &str) {
        assert_eq!(
            self.status,
            StatusCode::SERVICE_UNAVAILABLE,
            "{}",
            self.text()
        );
        assert_eq!(self.code(), code);
        let seconds: u64 = self
            .header("retry-after")
            .expect("Retry-After")
            .parse()
            .unwrap();
        assert!(seconds > 0);
        assert!(self.leaves_cookies_alone());
    }
}
