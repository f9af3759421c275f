//! A refresh token in the wrong hands: seen, and the end of that login everywhere; never seen where there is none.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use serde_json::json;

use super::assembly::{ACCESS_TTL, World};
use super::network::REFRESH;
use super::person::{Ask, Person};
use super::witness::Witness;

/// A stranger presents a token: without the gateway's credential.
async fn present(world: &World, token: &str) -> Response<Bytes> {
    let request = Request::post(format!("http://identity{REFRESH}"))
        .header("content-type", "application/json")
        .body(json!({ "refresh_token": token }).to_string().into())
        .unwrap();
    world.network.ask(request).await
}

// F-07, RF-03, RF-05
#[tokio::test]
async fn a_stolen_refresh_token_ends_its_login_within_a_second_with_one_event_each() {
    let mut world = World::new();
    let other = world.start();
    let witness = Witness::begin();
    for round in 0..20 {
        let ada = world.signed_in("ada").await;
        let spent = world.network.latest();
        world.pass(ACCESS_TTL).await;
        assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
        assert_eq!(
            ada.at(&other).fetch("/api/goals").await.status,
            StatusCode::OK
        );
        let live = world.network.latest();
        // A spent token, the live one, seconds or a day later: a stranger has neither.
        let stolen = if round % 2 == 0 { &spent } else { &live };
        let later = [0, 1, 300, 86_400][round % 4];
        world.pass(Duration::from_secs(later)).await;
        let answer = present(&world, &stolen.refresh).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "round {round}");
        assert!(!world.holds(&live.refresh).await);
        world.pass(Duration::from_secs(1)).await;
        let cookie = ada.cookie().unwrap();
        for person in [ada.clone(), ada.at(&other)] {
            person.plant(&cookie);
            let answer = person.fetch("/api/goals").await;
            assert_eq!(answer.reason(), "reuse_detected", "round {round}");
        }
        assert_eq!(witness.audited("refresh_reuse").len(), round + 1);
        let ended = witness.audited("session_ended");
        let detected = ended
            .iter()
            .filter(|event| event["reason"] == "reuse_detected");
        assert_eq!(detected.count(), round + 1);
        // Whoever tries again learns nothing and alarms nobody.
        assert_eq!(
            present(&world, &live.refresh).await.status(),
            StatusCode::UNAUTHORIZED
        );
        assert_eq!(witness.audited("refresh_reuse").len(), round + 1);
    }
}

// F-07
#[tokio::test]
async fn two_thousand_honest_rotations_alarm_nobody() {
    let world = World::new();
    let witness = Witness::begin();
    let people = [world.signed_in("ada").await, world.signed_in("bob").await];
    for round in 0..1000 {
        world.advance(Duration::from_secs(6));
        for person in &people {
            let answer = person.send(Ask::post("/auth/refresh")).await;
            assert_eq!(
                answer.status,
                StatusCode::OK,
                "round {round}: {}",
                answer.text()
            );
        }
    }
    assert_eq!(world.network.refreshes(), 2000);
    assert!(witness.audited("refresh_reuse").is_empty());
    assert!(witness.audited("session_ended").is_empty());
    for person in &people {
        assert!(is_logged_in(person).await);
    }
}

// RF-08
#[tokio::test]
async fn a_wrong_client_credential_spends_nothing_and_ends_nobodys_session() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    let live = world.network.latest();
    let request = Request::post(format!("http://identity{REFRESH}"))
        .header("content-type", "application/json")
        .header("authorization", "Basic Y2xvYWtyb29tLWdhdGV3YXk6d3Jvbmc=")
        .body(json!({ "refresh_token": live.refresh }).to_string().into())
        .unwrap();
    assert_eq!(
        world.network.ask(request).await.status(),
        StatusCode::UNAUTHORIZED
    );
    assert!(world.holds(&live.refresh).await);
    world.pass(ACCESS_TTL).await;
    assert!(is_logged_in(&ada).await);
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
}

async fn is_logged_in(person: &Person) -> bool {
    person.fetch("/auth/session").await.json()["authenticated"] == true
}
