//! Logging in: what a browser brings along counts for nothing, failures all look alike, and the way leads back.

use std::collections::BTreeMap;

use http::{Method, StatusCode};

use super::assembly::{PASSWORD, World, credentials};
use super::person::{Answer, Ask};

// CK-11
#[tokio::test]
async fn an_id_that_was_planted_before_the_login_is_never_authenticated() {
    let world = World::new();
    world.add("ada", &[]).await;
    let victim = world.anonymous();
    let planted = format!("v1.{}.{}", "A".repeat(22), "A".repeat(43));
    victim.plant(&planted);
    victim.log_in("ada").await;
    assert_ne!(victim.cookie().unwrap(), planted);
    let attacker = world.anonymous();
    attacker.plant(&planted);
    assert_eq!(attacker.fetch("/api/goals").await.reason(), "no_session");
}

// CK-11
#[tokio::test]
async fn a_login_replaces_the_session_that_the_browser_had() {
    let world = World::new();
    let browser = world.signed_in("ada").await;
    let before = browser.cookie().unwrap();
    world.add("bob", &[]).await;
    browser.log_in("bob").await;
    let after = browser.cookie().unwrap();
    assert_ne!(before, after);
    let attacker = world.anonymous();
    attacker.plant(&before);
    assert_eq!(attacker.fetch("/api/goals").await.reason(), "replaced");
    let who = browser.fetch("/auth/session").await.json();
    assert_eq!(who["user"]["username"], "bob");
}

// LG-09, LG-10
#[tokio::test]
async fn a_login_leads_back_to_a_path_of_this_site_and_nowhere_else() {
    let world = World::new();
    world.add("ada", &[]).await;
    let refused = world.anonymous().page("/dashboard?tab=2").await;
    assert_eq!(refused.status, StatusCode::SEE_OTHER);
    assert_eq!(
        refused.header("location"),
        Some("/auth/login?return_to=%2Fdashboard%3Ftab%3D2")
    );
    let head = Ask::new(Method::HEAD, "/dashboard")
        .with("sec-fetch-mode", "navigate")
        .with("sec-fetch-dest", "document");
    let refused = world.anonymous().send(head).await;
    assert_eq!(
        refused.header("location"),
        Some("/auth/login?return_to=%2Fdashboard")
    );
    for (asked, reached) in [
        ("%2Fdashboard%3Ftab%3D2", "/dashboard?tab=2"),
        ("https%3A%2F%2Fevil.test", "/dashboard"),
        ("%2F%2Fevil.test", "/dashboard"),
        ("%2F%5Cevil.test", "/dashboard"),
        ("%2Fauth%2Flogout", "/dashboard"),
        ("", "/dashboard"),
    ] {
        let body = format!(
            "identifier=ada&password={}&return_to={asked}",
            PASSWORD.replace(' ', "+")
        );
        let answer = world
            .anonymous()
            .send(Ask::form("/auth/login", &body))
            .await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{asked}");
        assert_eq!(answer.header("location"), Some(reached), "{asked}");
        assert!(answer.sets_a_session());
    }
}

// LG-11
#[tokio::test]
async fn unknown_wrong_and_disabled_are_one_answer() {
    let world = World::new();
    world.add("ada", &[]).await;
    world.add("eve", &[]).await;
    world.admin().disable("eve").await.unwrap();
    let mut answers = Vec::new();
    for (name, password) in [
        ("nobody", PASSWORD),
        ("ada", "not her password"),
        ("eve", PASSWORD),
    ] {
        let answer = world.anonymous().send(credentials(name, password)).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{name}");
        assert_eq!(answer.code(), "invalid_credentials", "{name}");
        answers.push(comparable(&answer));
    }
    assert_eq!(answers[0], answers[1]);
    assert_eq!(answers[0], answers[2]);
}

// LG-14, CS-01
#[tokio::test]
async fn a_login_from_another_site_is_refused_before_the_password_is_looked_at() {
    let world = World::new();
    world.add("ada", &[]).await;
    let ask = credentials("ada", PASSWORD).with("sec-fetch-site", "cross-site");
    let answer = world.anonymous().send(ask).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    assert_eq!(answer.code(), "csrf");
    assert!(!answer.sets_a_session());
    assert!(world.network.issued().is_empty());
}

/// Everything of an answer but the request's own name and the time of day, which hyper takes from the machine.
fn comparable(answer: &Answer) -> (BTreeMap<String, String>, serde_json::Value) {
    let headers = answer
        .headers
        .iter()
        .filter(|(name, _)| !["x-request-id", "date"].contains(&name.as_str()));
    let headers =
        headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let mut body = answer.json();
    body.as_object_mut().unwrap().remove("request_id");
    (headers.collect(), body)
}
