//! No secret in any log, access line, answer or URL, whatever happens in between.

use std::fmt::Write as _;
use std::time::Duration;

use http::{StatusCode, header};
use serde_json::json;

use super::assembly::{ACCESS_TTL, PASSWORD, World, credentials};
use super::network::{Fault, REFRESH};
use super::person::{Ask, COOKIE, Person};
use super::witness::Witness;

const WRONG: &str = "wrong-password-canary";
const FRESH: &str = "cobalt ladder sings at dusk";

/// Somebody's life with the gateway: all that was answered, and all that must not stand anywhere.
struct Life {
    world: World,
    witness: Witness,
    person: Person,
    said: String,
    secrets: Vec<String>,
}

impl Life {
    fn begin() -> Self {
        let world = World::new();
        Self {
            witness: Witness::begin(),
            person: world.anonymous(),
            world,
            said: String::new(),
            secrets: [PASSWORD, WRONG, FRESH].map(str::to_owned).to_vec(),
        }
    }

    /// Sends it, and keeps the answer without the one place where the cookie belongs.
    async fn ask(&mut self, ask: Ask) -> StatusCode {
        let answer = self.person.send(ask).await;
        self.secrets.extend(self.person.all_cookies());
        for (name, value) in &answer.headers {
            if *name != header::SET_COOKIE {
                let value = String::from_utf8_lossy(value.as_bytes());
                writeln!(self.said, "{name}: {value}").unwrap();
            }
        }
        self.said.push_str(&String::from_utf8_lossy(&answer.body));
        answer.status
    }

    async fn comes_in(&mut self) {
        let register = json!({
            "name": "Ada", "username": "ada", "email": "ada@example.com", "password": PASSWORD,
        });
        let wrong = format!("identifier=ada&password={WRONG}");
        for (ask, status) in [
            (Ask::page("/auth/login"), 200),
            (Ask::post("/auth/register").json(&register), 201),
            (Ask::post("/auth/logout"), 204),
            (credentials("ada", WRONG), 401),
            (Ask::form("/auth/login", &wrong), 401),
            // The password in the wrong field.
            (credentials(WRONG, PASSWORD), 401),
            (credentials("ada", PASSWORD), 200),
        ] {
            assert_eq!(self.ask(ask).await.as_u16(), status);
        }
    }

    async fn looks_around(&mut self) {
        for path in ["/", "/dashboard", "/admin", "/nowhere"] {
            self.ask(Ask::page(path)).await;
        }
        for path in ["/auth/login", "/auth/logout", "/auth/account"] {
            self.ask(Ask::page(path)).await;
        }
        for path in [
            "/api/goals",
            "/auth/session",
            "/auth/sessions",
            "/auth/jwks.json",
        ] {
            assert_eq!(self.ask(Ask::fetch(path)).await, StatusCode::OK, "{path}");
        }
    }

    async fn sees_trouble(&mut self) {
        self.world.pass(ACCESS_TTL).await;
        for fault in [
            Fault::LostAnswer,
            Fault::Status(500),
            Fault::Page,
            Fault::Unreachable,
            Fault::LostAnswer,
        ] {
            self.world.network.fail(REFRESH, fault, 1);
            let status = self.ask(Ask::fetch("/api/goals")).await;
            assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        }
        assert_eq!(self.ask(Ask::fetch("/api/goals")).await, StatusCode::OK);
        self.world.sessions.fail(true);
        self.world.pass(Duration::from_secs(40)).await;
        self.ask(Ask::fetch("/api/goals")).await;
        self.ask(credentials("ada", PASSWORD)).await;
        self.world.sessions.fail(false);
        self.world.app.stop();
        self.ask(Ask::page("/dashboard")).await;
        self.world.app.start();
    }

    /// Somebody puts everything they have where it does not belong.
    async fn spills(&mut self) {
        let cookie = self.person.cookie().unwrap();
        let target = format!("/api/goals?token={cookie}&password={WRONG}");
        let token = self.world.network.latest().access;
        let stray = Ask::fetch(&target)
            .with("authorization", &format!("Bearer {token}"))
            .with("referer", &format!("https://goals.test/x?{cookie}"));
        assert_eq!(self.ask(stray).await, StatusCode::OK);
        let change = json!({ "current_password": PASSWORD, "new_password": FRESH });
        let change = Ask::post("/auth/account/password").json(&change);
        assert!(self.ask(change).await.is_success());
        assert_eq!(
            self.ask(Ask::post("/auth/logout")).await,
            StatusCode::NO_CONTENT
        );
        self.person.plant(&format!("{cookie}x"));
        self.ask(Ask::page("/dashboard")).await;
        self.person.plant(&cookie);
        self.ask(Ask::fetch("/api/goals")).await;
        self.world.pass(Duration::from_secs(2)).await;
    }

    /// Whole secrets, and those parts of them that would do as well.
    fn secrets(&self) -> Vec<String> {
        let mut all = self.secrets.clone();
        for issued in self.world.network.issued() {
            for token in [issued.access, issued.refresh] {
                all.extend(token.rsplit('.').next().map(str::to_owned));
            }
        }
        let cookies = self
            .secrets
            .iter()
            .filter(|secret| secret.starts_with("v1."));
        all.extend(cookies.flat_map(|cookie| cookie.split('.').skip(1).map(str::to_owned)));
        all.push(self.world.credential());
        all
    }
}

// AU-02, LG-01, TK-06
#[tokio::test]
async fn a_whole_life_with_the_gateway_leaves_no_secret_in_any_log_or_answer() {
    let mut life = Life::begin();
    life.comes_in().await;
    life.looks_around().await;
    life.sees_trouble().await;
    life.spills().await;
    let (logged, lines, said) = (life.witness.text(), life.world.access.text(), &life.said);
    // What may stand there does: the scan would see the rest as well.
    let subject = life
        .world
        .admin()
        .account("ada")
        .await
        .unwrap()
        .id
        .to_string();
    assert!(logged.contains(&subject));
    assert!(lines.contains("/api/goals") && lines.lines().count() > 20);
    assert!(said.contains("ada@example.com"));
    for secret in life.secrets() {
        assert!(secret.len() > 16, "too short to be looked for");
        for (place, text) in [("log", &logged), ("access log", &lines), ("answers", said)] {
            let before = text.split_once(secret.as_str()).map(|(before, _)| before);
            let left = before.and_then(|before| before.lines().last());
            assert!(
                left.is_none(),
                "a secret stands in the {place}, after {left:?}"
            );
        }
    }
    assert!(!lines.contains(COOKIE) && !lines.contains("token="));
}
