//! Renewing: the family of refresh tokens over HTTP.

use std::time::Duration;

use cloakroom_core::EndReason;
use cloakroom_core::family::{FamilyId, RevokeReason};
use cloakroom_core::ports::{FamilyStore as _, Revoke, Whose};
use http::StatusCode;
use uuid::Uuid;

use super::login::futures;
use super::world::{Ask, Log, PASSWORD, Tokens, World, es256, key, login_as, me, refresh, ring};

const HOUR: u64 = 3600;
const DAY: u64 = 24 * HOUR;

fn family(tokens: &Tokens) -> FamilyId {
    FamilyId(Uuid::parse_str(tokens.claims()["sid"].as_str().unwrap()).unwrap())
}

async fn refreshed(world: &World, ask: Ask) -> Tokens {
    Tokens::from(&world.send(ask).await)
}

// RF-02
#[tokio::test]
async fn each_renewal_spends_the_token_and_makes_the_next_of_the_same_login() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    world.pass(600);
    let second = refreshed(&world, refresh(&first.refresh).gateway()).await;
    let third = refreshed(&world, refresh(&second.refresh).gateway()).await;
    assert_ne!(first.refresh, second.refresh);
    assert_ne!(second.refresh, third.refresh);
    assert_eq!(family(&first), family(&third));
    assert_ne!(first.claims()["jti"], second.claims()["jti"]);
    assert_eq!(world.send(me(&third.access)).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_cookie_is_as_good_as_the_field_and_is_renewed_with_it() {
    let world = World::with_ada().await;
    let first = world.login_plain("ada").await;
    let answer = world
        .send(Ask::post("/api/v1/refresh").cookie(&first.refresh))
        .await;
    let second = Tokens::from(&answer);
    assert!(answer.set_cookie().unwrap().contains(&second.refresh));
    let planted = Ask::post("/api/v1/refresh")
        .cookie(&second.refresh)
        .cookie("x");
    assert_eq!(world.send(planted).await.refusal(), (401, "invalid_grant"));
    assert_eq!(
        world.send(Ask::post("/api/v1/refresh")).await.refusal(),
        (401, "invalid_grant")
    );
}

// RF-04
#[tokio::test]
async fn fifty_renewals_at_once_with_one_token_all_get_the_one_successor() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let all = (0..50).map(|_| world.send(refresh(&first.refresh).gateway()));
    let answers = futures(all).await;
    let mut successors: Vec<_> = answers
        .iter()
        .map(|answer| Tokens::from(answer).refresh)
        .collect();
    assert_eq!(successors.len(), 50);
    successors.dedup();
    assert_eq!(successors.len(), 1);
    let stored = world.store.family(family(&first)).await.unwrap().unwrap();
    assert_eq!(stored.generation, 1);
}

#[tokio::test]
async fn a_lost_answer_is_repeated_hours_later_and_after_all_keys_were_rotated() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let lost = refreshed(&world, refresh(&first.refresh).gateway()).await;
    world.pass(8 * HOUR);
    let keys = &world.keys;
    let now = cloakroom_core::ports::Clock::now(world.clock.as_ref());
    let newer = |old: &cloakroom_core::keys::Keys, kid: &str, material: Vec<u8>| {
        let kept = old.current().iter().cloned().collect::<Vec<_>>();
        old.replace(ring([kept, vec![key(kid, material, now)]].concat()));
    };
    newer(&keys.signing, "s2", es256());
    newer(&keys.rotation, "r2", vec![2; 32]);
    newer(&keys.client, "c2", vec![8; 32]);
    let client = cloakroom_core::hex::encode(&[8; 32]);
    let ask = refresh(&first.refresh).basic("cloakroom-gateway", &client);
    let again = refreshed(&world, ask).await;
    assert_eq!(again.refresh, lost.refresh);
    assert_eq!(again.header()["kid"], "s2");
    assert_eq!(world.send(me(&again.access)).await.status, StatusCode::OK);
    let next = refreshed(&world, refresh(&again.refresh).gateway()).await;
    assert_ne!(next.refresh, again.refresh);
}

#[tokio::test]
async fn a_successor_whose_key_is_gone_is_refused_and_not_invented() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    refreshed(&world, refresh(&first.refresh).gateway()).await;
    let start = cloakroom_core::Timestamp::from_secs(0);
    world
        .keys
        .rotation
        .replace(ring(vec![key("r2", vec![2; 32], start)]));
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "invalid_grant"));
    // The same id over other bytes does not derive the stored successor either.
    world
        .keys
        .rotation
        .replace(ring(vec![key("r1", vec![9; 32], start)]));
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "invalid_grant"));
}

#[tokio::test]
async fn the_owner_with_an_older_token_is_stale_and_nothing_ends() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let second = refreshed(&world, refresh(&first.refresh).gateway()).await;
    let third = refreshed(&world, refresh(&second.refresh).gateway()).await;
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (409, "stale"));
    assert_eq!(world.send(me(&third.access)).await.status, StatusCode::OK);
    assert!(world.outbox().await.is_empty());
}

// RF-03, RF-05, RF-08
#[tokio::test]
async fn a_stranger_with_a_token_of_the_gateway_kills_the_family_once_and_is_written_down_once() {
    for spent in [false, true] {
        let world = World::with_ada().await;
        let first = world.login("ada").await;
        let newest = if spent {
            refreshed(&world, refresh(&first.refresh).gateway()).await
        } else {
            Tokens {
                access: first.access.clone(),
                refresh: first.refresh.clone(),
            }
        };
        let (log, _guard) = Log::capture();
        let stolen = refresh(&first.refresh);
        assert_eq!(
            world.send(stolen.clone()).await.refusal(),
            (401, "invalid_grant")
        );
        // Anything after the kill finds a dead family and is no second event.
        assert_eq!(world.send(stolen).await.refusal(), (401, "revoked"));
        assert_eq!(
            world
                .send(refresh(&newest.refresh).gateway())
                .await
                .refusal(),
            (401, "revoked")
        );
        assert_eq!(
            world.send(me(&newest.access)).await.refusal(),
            (401, "unauthenticated")
        );
        assert_eq!(
            log.audited(),
            [("refresh_reuse".to_owned(), "refused".to_owned())]
        );
        let event = log.last_audit();
        assert_eq!(event["family"], family(&first).0.to_string());
        assert_eq!(event["user.id"], world.user("ada").await.id.to_string());
        assert_eq!(event["network"], "192.0.2.1");
        let outbox = world.outbox().await;
        assert_eq!(outbox.len(), 1);
        assert_eq!(outbox[0].reason, EndReason::ReuseDetected);
        assert_eq!(outbox[0].whose, Whose::Login(family(&first).0.to_string()));
    }
}

#[tokio::test]
async fn a_wrong_client_credential_spends_nothing_and_kills_nothing() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let wrong_secret = refresh(&first.refresh).basic("cloakroom-gateway", "wrong");
    let right = cloakroom_core::hex::encode(&[7; 32]);
    let wrong_name = refresh(&first.refresh).basic("somebody-else", &right);
    let upper_case = refresh(&first.refresh).basic("cloakroom-gateway", &"AB".repeat(32));
    let twice = refresh(&first.refresh).gateway().gateway();
    let garbled = refresh(&first.refresh).header("authorization", "Basic %%%");
    for ask in [wrong_secret, wrong_name, upper_case, twice, garbled] {
        assert_eq!(world.send(ask).await.refusal(), (401, "invalid_client"));
    }
    let second = refreshed(&world, refresh(&first.refresh).gateway()).await;
    assert_ne!(second.refresh, first.refresh);
}

#[tokio::test]
async fn a_plain_client_may_repeat_within_the_window_and_not_after_it() {
    let world = World::with_ada().await;
    let first = world.login_plain("ada").await;
    let second = refreshed(&world, refresh(&first.refresh)).await;
    world.pass(9);
    let again = refreshed(&world, refresh(&first.refresh)).await;
    assert_eq!(again.refresh, second.refresh);
    world.pass(1);
    // RF-03
    assert_eq!(
        world.send(refresh(&first.refresh)).await.refusal(),
        (401, "invalid_grant")
    );
    assert_eq!(
        world.send(refresh(&second.refresh)).await.refusal(),
        (401, "revoked")
    );
}

#[tokio::test]
async fn an_idempotency_key_repeats_for_a_plain_client_as_long_as_the_successor_is_unused() {
    let world = World::with_ada().await;
    let first = world.login_plain("ada").await;
    let keyed = |token: &str, key: &str| refresh(token).header("idempotency-key", key);
    let second = refreshed(&world, keyed(&first.refresh, "a")).await;
    world.pass(HOUR);
    let again = refreshed(&world, keyed(&first.refresh, "a")).await;
    assert_eq!(again.refresh, second.refresh);
    refreshed(&world, keyed(&second.refresh, "b")).await;
    let used = world.send(keyed(&first.refresh, "a")).await;
    assert_eq!(used.refusal(), (409, "stale"));
    // RF-03
    let other_key = world.send(keyed(&second.refresh, "c")).await;
    assert_eq!(other_key.refusal(), (401, "invalid_grant"));
    assert_eq!(world.outbox().await.len(), 1);
}

// RF-07
#[tokio::test]
async fn a_login_ends_when_idle_and_at_its_absolute_end_however_often_it_is_renewed() {
    let world = World::with_ada().await;
    let idle = world.login("ada").await;
    let mut kept = world.login("ada").await;
    let begun = kept.claims()["iat"].as_i64().unwrap();
    world.pass(6 * DAY);
    kept = refreshed(&world, refresh(&kept.refresh).gateway()).await;
    world.pass(DAY);
    let answer = world.send(refresh(&idle.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "invalid_grant"));
    world.pass(5 * DAY);
    kept = refreshed(&world, refresh(&kept.refresh).gateway()).await;
    world.pass(2 * DAY - 60);
    let answer = world.send(refresh(&kept.refresh).gateway()).await;
    let last = Tokens::from(&answer);
    // The last tokens end with the family and not 15 minutes or 7 days later.
    let end = begun + i64::try_from(14 * DAY).unwrap();
    assert_eq!(last.claims()["exp"].as_i64().unwrap(), end);
    assert_eq!(answer.body["expires_in"], 60);
    assert!(answer.set_cookie().unwrap().contains("Max-Age=60;"));
    world.pass(60);
    let answer = world.send(refresh(&last.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "invalid_grant"));
}

// RF-08
#[tokio::test]
async fn a_wider_scope_is_refused_and_nothing_is_spent() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let body = serde_json::json!({"refresh_token": first.refresh, "scope": "admin"});
    let ask = Ask::post("/api/v1/refresh").json(&body).gateway();
    assert_eq!(world.send(ask).await.refusal(), (400, "invalid_scope"));
    let stored = world.store.family(family(&first)).await.unwrap().unwrap();
    assert_eq!(stored.generation, 0);
}

// RF-09
#[tokio::test]
async fn a_token_that_was_never_issued_is_unknown_to_the_gateway_and_invalid_to_anybody_else() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let mut forged = first.refresh.clone();
    forged.replace_range(60..61, if &forged[60..61] == "A" { "B" } else { "A" });
    let told = world.send(refresh(&forged).gateway()).await;
    assert_eq!(told.refusal(), (401, "unknown"));
    assert_eq!(
        world.send(refresh(&forged)).await.refusal(),
        (401, "invalid_grant")
    );
    let shapeless = world.send(refresh("x").gateway()).await;
    assert_eq!(shapeless.refusal(), (401, "invalid_grant"));
    refreshed(&world, refresh(&first.refresh).gateway()).await;
}

#[tokio::test]
async fn a_role_taken_away_is_gone_with_the_next_renewal() {
    let world = World::new(|_| {});
    world.add("ada", &["admin"]).await;
    let first = world.login("ada").await;
    assert_eq!(first.claims()["roles"], serde_json::json!(["admin"]));
    assert!(world.admin().revoke("ada", "admin").await.unwrap());
    let second = refreshed(&world, refresh(&first.refresh).gateway()).await;
    assert_eq!(second.claims()["roles"], serde_json::json!([]));
}

// LO-08
#[tokio::test]
async fn a_disabled_users_renewal_is_refused_and_stays_refused() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    world.admin().disable("ada").await.unwrap();
    assert_eq!(
        world.send(me(&first.access)).await.refusal(),
        (401, "unauthenticated")
    );
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "revoked"));
    let outbox = world.outbox().await;
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].reason, EndReason::Disabled);
    world.pass(1);
    world.admin().enable("ada").await.unwrap();
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "revoked"));
    world.login("ada").await;
}

#[tokio::test]
async fn an_operators_restore_ends_every_login() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    let now = cloakroom_core::ports::Clock::now(world.clock.as_ref());
    world
        .store
        .revoke(Revoke::Everybody, RevokeReason::Restored, now)
        .await
        .unwrap();
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (401, "revoked"));
}

#[tokio::test]
async fn a_store_that_is_down_keeps_the_token_good() {
    let world = World::with_ada().await;
    let first = world.login("ada").await;
    world.store.fail(true);
    let answer = world.send(refresh(&first.refresh).gateway()).await;
    assert_eq!(answer.refusal(), (503, "store_unavailable"));
    world.store.fail(false);
    refreshed(&world, refresh(&first.refresh).gateway()).await;
}

#[tokio::test]
async fn a_window_of_zero_allows_a_plain_client_no_repeat() {
    let world = World::new(|config| config.repeat_window = Duration::ZERO);
    world.add("ada", &[]).await;
    let first = Tokens::from(&world.send(login_as("ada", PASSWORD)).await);
    refreshed(&world, refresh(&first.refresh)).await;
    assert_eq!(
        world.send(refresh(&first.refresh)).await.refusal(),
        (401, "invalid_grant")
    );
}
