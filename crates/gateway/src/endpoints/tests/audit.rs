//! What is written down about what people do, and what never is.

use std::cell::RefCell;
use std::fmt::{Debug, Write};
use std::sync::Once;

use cloakroom_testkit::Browser;
use serde_json::json as value;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::stub::PASSWORD;
use super::world::{World, delete, form, json, post};

thread_local! {
    /// What this test wrote: each test runs on a thread of its own.
    static LINES: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps every event as a line of `name=value`, the target first, for the thread that wrote it. It serves the
/// whole process: what a subscriber of one thread hears depends on which thread met an event first.
struct Recorder;

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        write!(self.0, " {field}={value:?}").unwrap();
    }
}

impl Subscriber for Recorder {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line(event.metadata().target().to_owned());
        event.record(&mut line);
        LINES.with_borrow_mut(|lines| lines.push(line.0));
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

/// Listens from now on.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| tracing::subscriber::set_global_default(Recorder).unwrap());
    LINES.take();
}

/// Takes out the audit events of this kind.
fn events(kind: &str) -> Vec<String> {
    let wanted = format!(" event=\"{kind}\" ");
    LINES.with_borrow_mut(|lines| {
        lines
            .extract_if(.., |line| {
                line.starts_with("audit ") && line.contains(&wanted)
            })
            .collect()
    })
}

#[tokio::test]
async fn each_thing_that_people_do_is_written_down_once_with_who_and_from_where() {
    // AU-01, AU-04
    listen();
    let world = World::new();
    let mut there = world.logged_in("ada").await;
    let id = world.session(&mut there).await["sid"]
        .as_str()
        .unwrap()
        .to_owned();
    let line = &events("login")[..];
    assert!(
        line.len() == 1 && line[0].contains(&format!("subject=ada session={id}")),
        "{line:?}"
    );

    let mut browser = Browser::http();
    world
        .send(
            &mut browser,
            form("/auth/login", "identifier=ada&password=x"),
        )
        .await;
    let new = value!({
        "name": "Eve", "username": "eve", "email": "eve@example.com", "password": "a long sentence",
    });
    world
        .send(&mut Browser::http(), json("/auth/register", &new))
        .await;
    let mut here = world.logged_in("ada").await;
    world
        .send(
            &mut here,
            json("/auth/account/profile", &value!({ "name": "Countess" })),
        )
        .await;
    for current in ["wrong", PASSWORD] {
        let body = value!({
            "current_password": current, "new_password": "a new sentence", "end_others": false,
        });
        world
            .send(&mut here, json("/auth/account/password", &body))
            .await;
    }
    world
        .send(&mut here, delete(&format!("/auth/sessions/{id}")))
        .await;
    world.send(&mut here, post("/auth/logout")).await;
    for kind in [
        "login",
        "login_failed",
        "register",
        "profile_change",
        "password_refused",
        "password_change",
        "sessions_end",
        "logout",
    ] {
        let lines = events(kind);
        assert_eq!(lines.len(), 1, "{kind}: {lines:?}");
        assert!(lines[0].contains("client_ip=203.0.113.7"), "{lines:?}");
        assert!(
            lines[0].contains("request_id=00000001000000000002"),
            "{lines:?}"
        );
    }
}

#[tokio::test]
async fn no_password_token_cookie_or_typed_text_is_ever_written_down() {
    // AU-02, AU-03
    listen();
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let cookie = browser.cookie("cloakroom").unwrap().value.clone();
    let body = "identifier=canary%0Aaudit+event%3Dlogin&password=canary";
    world
        .send(&mut Browser::http(), form("/auth/login", body))
        .await;
    let body = value!({ "current_password": "canary", "new_password": "canary canary" });
    world
        .send(&mut browser, json("/auth/account/password", &body))
        .await;
    world.send(&mut browser, post("/auth/logout")).await;
    let written = LINES.take().join("\n");
    assert!(
        written.contains("login_failed") && written.contains("event=\"logout\""),
        "{written}"
    );
    for secret in ["canary", PASSWORD, "secret.", &cookie, &cookie[26..]] {
        assert!(!written.contains(secret), "{secret} in {written}");
    }
}
