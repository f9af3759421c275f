//! The whole app as a router, with an issuer in memory and a clock that stands still.

mod api;
mod open;
mod pages;
mod streams;
mod surroundings;

use axum::body::Body;
use cloakroom_axum::testing::TestIssuer;
use cloakroom_testkit::{SeededEntropy, TestClock};
use http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tempfile::TempDir;
use tower::ServiceExt as _;

use super::*;

struct World {
    app: App,
    issuer: TestIssuer,
    clock: Arc<TestClock>,
    folder: TempDir,
}

/// Somebody, with the headers that the gateway would add for them.
struct Person<'a> {
    world: &'a World,
    headers: HeaderMap,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl World {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let issuer = TestIssuer::new().unwrap();
        let clock = Arc::new(TestClock::new());
        let callers = Callers {
            verify: issuer.verify(),
            assertions: issuer.assertions(),
        };
        let file = folder.path().join("goals.json");
        let entropy = Arc::new(SeededEntropy::new(7));
        let app = App::open_for(callers, file, clock.clone(), entropy).await;
        Self {
            app: app.unwrap(),
            issuer,
            clock,
            folder,
        }
    }

    /// From now on no change can be written: a folder is in the way of the second file.
    fn break_the_disk(&self) {
        std::fs::create_dir(self.folder.path().join("goals.json.new")).unwrap();
    }

    fn anonymous(&self) -> Person<'_> {
        Person {
            world: self,
            headers: HeaderMap::new(),
        }
    }

    fn ada(&self) -> Person<'_> {
        self.person(
            &json!({"sub": "u-ada", "name": "Ada Lovelace", "roles": ["admin"], "jti": "a1"}),
        )
    }

    fn bob(&self) -> Person<'_> {
        self.person(&json!({"sub": "u-bob", "name": "Bob Martin", "roles": [], "jti": "b1"}))
    }

    fn person(&self, claims: &Value) -> Person<'_> {
        let mut headers = HeaderMap::new();
        let bearer = self.issuer.bearer(claims).unwrap();
        let assertion = self.issuer.assertion(claims).unwrap();
        headers.insert(header::AUTHORIZATION, bearer.parse().unwrap());
        headers.insert("x-cloakroom-session", assertion.parse().unwrap());
        Person {
            world: self,
            headers,
        }
    }
}

impl Person<'_> {
    fn without(mut self, name: &str) -> Self {
        self.headers.remove(name);
        self
    }

    async fn send(&self, method: &str, path: &str, media_type: &str, body: Body) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .body(body)
            .unwrap();
        request.headers_mut().clone_from(&self.headers);
        if !media_type.is_empty() {
            request
                .headers_mut()
                .insert(header::CONTENT_TYPE, media_type.parse().unwrap());
        }
        let response = self.world.app.router().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        Answer {
            status: head.status,
            headers: head.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str) -> Answer {
        self.send("GET", path, "", Body::empty()).await
    }

    async fn json(&self, method: &str, path: &str, body: Value) -> Answer {
        self.send(
            method,
            path,
            "application/json",
            Body::from(body.to_string()),
        )
        .await
    }

    async fn form(&self, path: &str, fields: &str) -> Answer {
        let body = Body::from(fields.to_owned());
        self.send("POST", path, "application/x-www-form-urlencoded", body)
            .await
    }
}

impl Answer {
    fn value(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }

    fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }
}
