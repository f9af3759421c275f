//! An upstream's 401 to a token that was believed in: one renewal, one second sending, under the same rules.

use std::time::Duration;

use http::StatusCode;

use super::assembly::World;
use super::person::Ask;

const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn a_refused_token_is_renewed_once_and_the_request_sent_again() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    let first = world.network.latest();
    world.pass(11 * SECOND).await;
    world.app.refuse(&first.access);
    let answer = ada.fetch("/api/goals").await;
    assert_eq!(answer.status, StatusCode::OK);
    assert!(answer.leaves_cookies_alone());
    let second = world.network.latest();
    let seen = world.app.take_seen();
    let tokens: Vec<_> = seen.iter().map(|seen| seen.token().unwrap()).collect();
    assert_eq!(tokens, [first.access, second.access.clone()]);
    assert_eq!(world.network.refreshes(), 1);

    // Within a minute the answer is the app's own word.
    world.pass(11 * SECOND).await;
    world.app.refuse(&second.access);
    assert_eq!(
        ada.fetch("/api/goals").await.status,
        StatusCode::UNAUTHORIZED
    );
    assert_eq!(
        (world.app.take_seen().len(), world.network.refreshes()),
        (1, 1)
    );
    world.pass(50 * SECOND).await;
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
    assert_eq!(
        (world.app.take_seen().len(), world.network.refreshes()),
        (2, 2)
    );
}

#[tokio::test]
async fn a_token_that_is_refused_while_it_is_young_was_refused_for_another_reason() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.app.refuse(&world.network.latest().access);
    world.pass(9 * SECOND).await;
    let answer = ada.fetch("/api/goals").await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    assert!(
        answer.leaves_cookies_alone(),
        "the session is none of the app's business"
    );
    assert_eq!((world.app.seen().len(), world.network.refreshes()), (1, 0));
}

#[tokio::test]
async fn a_body_is_sent_again_where_the_rule_says_so_and_only_if_it_is_small() {
    let small = "n".repeat(64 * 1024);
    let large = "n".repeat(64 * 1024 + 1);
    for (path, body, sendings) in [
        ("/api/notes", &small, 2),
        ("/api/notes", &large, 1),
        ("/api/goals", &small, 1),
    ] {
        let world = World::new();
        let ada = world.signed_in("ada").await;
        world.app.refuse(&world.network.latest().access);
        world.pass(11 * SECOND).await;
        let answer = ada.send(Ask::post(path).body(body.clone())).await;
        let expected = if sendings == 2 {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(answer.status, expected, "{path}");
        let seen = world.app.seen();
        assert_eq!(seen.len(), sendings, "{path}");
        assert!(
            seen.iter().all(|seen| seen.body == body.as_bytes()),
            "{path}"
        );
    }
}

// GD-10
#[tokio::test]
async fn the_second_sending_is_judged_on_the_new_claims() {
    let world = World::new();
    let root = world.with_role("admin").await;
    world.app.refuse(&world.network.latest().access);
    world.pass(11 * SECOND).await;
    world.admin().revoke("admin", "admin").await.unwrap();
    let answer = root.fetch("/api/admin/stats").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.text());
    assert_eq!(
        world.app.seen().len(),
        1,
        "nothing was sent on the role that is gone"
    );
}

#[tokio::test]
async fn a_refused_token_whose_login_has_ended_ends_the_session_for_its_owner() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.app.refuse(&world.network.latest().access);
    world.advance(11 * SECOND);
    // The identity service knows, and has not told anybody yet.
    world.admin().disable("ada").await.unwrap();
    let answer = ada.fetch("/api/goals").await;
    assert!(
        ["disabled", "issuer_refused"].contains(&answer.reason().as_str()),
        "{}",
        answer.text()
    );
    assert_eq!(ada.cookie(), None);
}
