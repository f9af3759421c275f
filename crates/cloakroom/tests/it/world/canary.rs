//! No secret in any log, access line, answer or URL, whatever happens in between.

use std::time::Duration;

use http::{StatusCode, header};
use serde_json::json;

use super::assembly::{ACCESS_TTL, PASSWORD, World, credentials, settle};
use super::network::{Fault, REFRESH};
use super::person::{Answer, Ask, COOKIE};
use super::witness::Witness;

const WRONG: &str = "wrong-password-canary";
const FRESH: &str = "cobalt ladder sings at dusk";

/// An answer as text, without the one place where the cookie belongs.
fn transcript(answer: &Answer) -> String {
    let mut text = format!("{}\n", answer.status);
    for (name, value) in &answer.headers {
        if *name != header::SET_COOKIE {
            text.push_str(&format!(
                "{name}: {}\n",
                String::from_utf8_lossy(value.as_bytes())
            ));
        }
    }
    text + &String::from_utf8_lossy(&answer.body)
}

// AU-02, LG-01, TK-06
#[tokio::test]
async fn a_whole_life_with_the_gateway_leaves_no_secret_in_any_log_or_answer() {
    let world = World::new();
    let witness = Witness::begin();
    let mut said = String::new();
    let mut secrets = vec![PASSWORD.to_owned(), WRONG.to_owned(), FRESH.to_owned()];
    let person = world.anonymous();
    let register = json!({
        "name": "Ada", "username": "ada", "email": "ada@example.com", "password": PASSWORD,
    });
    let mut steps = vec![
        Ask::page("/auth/login"),
        Ask::post("/auth/register").json(&register),
        Ask::post("/auth/logout"),
        credentials("ada", WRONG),
        Ask::form("/auth/login", &format!("identifier=ada&password={WRONG}")),
        credentials(WRONG, PASSWORD),
        credentials("ada", PASSWORD),
    ];
    for path in [
        "/",
        "/dashboard",
        "/admin",
        "/auth/account",
        "/auth/login",
        "/nowhere",
        "/auth/sessions",
    ] {
        steps.push(Ask::page(path));
    }
    for path in [
        "/api/goals",
        "/auth/session",
        "/auth/sessions",
        "/auth/jwks.json",
    ] {
        steps.push(Ask::fetch(path));
    }
    for step in steps {
        let answer = person.send(step).await;
        secrets.extend(person.all_cookies());
        said.push_str(&transcript(&answer));
    }
    assert!(person.cookie().is_some());

    world.pass(ACCESS_TTL).await;
    let troubles = [
        Fault::LostAnswer,
        Fault::Status(500),
        Fault::Page,
        Fault::Unreachable,
        Fault::LostAnswer,
    ];
    for fault in troubles {
        world.network.fail(REFRESH, fault, 1);
        said.push_str(&transcript(&person.fetch("/api/goals").await));
        world.pass(Duration::from_secs(2)).await;
    }
    assert_eq!(person.fetch("/api/goals").await.status, StatusCode::OK);
    for (broken, mended) in [(true, false)] {
        world.sessions.fail(broken);
        world.pass(Duration::from_secs(40)).await;
        said.push_str(&transcript(&person.fetch("/api/goals").await));
        said.push_str(&transcript(
            &person.send(credentials("ada", PASSWORD)).await,
        ));
        world.sessions.fail(mended);
    }
    world.app.stop();
    said.push_str(&transcript(&person.page("/dashboard").await));
    world.app.start();

    let change = json!({ "current_password": PASSWORD, "new_password": FRESH });
    said.push_str(&transcript(
        &person
            .send(Ask::post("/auth/account/password").json(&change))
            .await,
    ));
    secrets.extend(person.all_cookies());
    // Somebody puts everything they have where it does not belong.
    let everywhere = format!(
        "/api/goals?token={}&password={PASSWORD}",
        person.cookie().unwrap()
    );
    let stray = Ask::fetch(&everywhere.replace(' ', "+"))
        .with(
            "authorization",
            &format!("Bearer {}", world.network.latest().access),
        )
        .with(
            "referer",
            &format!("https://goals.test/x?{}", person.cookie().unwrap()),
        );
    said.push_str(&transcript(&person.send(stray).await));
    let forged = format!("{}x", person.cookie().unwrap());
    let other = world.anonymous();
    other.plant(&forged);
    said.push_str(&transcript(&other.page("/dashboard").await));
    said.push_str(&transcript(&person.send(Ask::post("/auth/logout")).await));
    settle().await;
    world.pass(Duration::from_secs(2)).await;

    for issued in world.network.issued() {
        // A token's signature or secret alone would do as well as the whole.
        secrets.extend(issued.access.rsplit('.').next().map(str::to_owned));
        secrets.extend(issued.refresh.rsplit('.').next().map(str::to_owned));
    }
    let halves: Vec<String> = secrets
        .iter()
        .filter(|secret| secret.starts_with("v1."))
        .flat_map(|cookie| cookie.split('.'))
        .filter(|half| half.len() > 2)
        .map(str::to_owned)
        .collect();
    secrets.extend(halves);
    secrets.push(world.credential());
    secrets.retain(|secret| secret.len() > 8);
    assert!(secrets.len() > 20, "the scan knows what to look for");
    let (logged, lines) = (witness.text(), world.access.text());
    assert!(logged.len() > 1000 && lines.lines().count() > 20 && said.len() > 10_000);
    for secret in &secrets {
        for (place, text) in [
            ("the log", &logged),
            ("the access log", &lines),
            ("an answer", &said),
        ] {
            let at = text.find(secret.as_str());
            let around = at.map(|at| text[..at].chars().rev().take(200).collect::<String>());
            let around = around.map(|text| text.chars().rev().collect::<String>());
            assert!(at.is_none(), "a secret stands in {place}, after {around:?}");
        }
    }
    assert!(!lines.contains(COOKIE) && !lines.contains("token="));
}
