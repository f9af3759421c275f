//! Signing keys: published before they sign, believed after they have stopped.

use std::time::Duration;

use cloakroom_core::ports::Clock as _;
use cloakroom_jose::{KeySet, Policy, Verifier};
use http::StatusCode;

use super::world::{Ask, Tokens, World, es256, key, me, ring};
use crate::{Config, ConfigError, Identity, IdentityKeys, Parts};

async fn published(world: &World) -> KeySet {
    let answer = world.send(Ask::get("/.well-known/jwks.json")).await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    KeySet::from_json(answer.body.to_string().as_bytes()).unwrap()
}

fn verifies(world: &World, keys: &KeySet, tokens: &Tokens) -> bool {
    let policy = Policy::new("https://id.example.com", "cloakroom:api", &["at+jwt"]);
    let now = world.clock.now().as_secs();
    Verifier::new(policy)
        .verify(&tokens.access, keys, now)
        .is_ok()
}

// TK-11
#[tokio::test]
async fn no_verification_fails_while_keys_rotate_and_verifiers_keep_the_set_for_its_max_age() {
    let world = World::with_ada().await;
    let stale = published(&world).await;
    let old = world.login("ada").await;
    let kept: Vec<_> = world.keys.signing.current().iter().cloned().collect();
    let at = world.clock.now().plus(Duration::from_secs(600));
    world
        .keys
        .signing
        .replace(ring([kept, vec![key("s2", es256(), at)]].concat()));
    let fresh = published(&world).await;
    // Published, and not signing yet: who still has the old set verifies everything.
    world.pass(300);
    let between = world.login("ada").await;
    assert_eq!(between.header()["kid"], "s1");
    assert!(verifies(&world, &stale, &between));
    world.pass(300);
    let new = world.login("ada").await;
    assert_eq!(new.header()["kid"], "s2");
    assert!(verifies(&world, &fresh, &new));
    assert!(!verifies(&world, &stale, &new));
    assert!(verifies(&world, &fresh, &old));
    assert_eq!(world.send(me(&old.access)).await.status, StatusCode::OK);
}

// TK-12
#[tokio::test]
async fn nothing_private_is_published() {
    let world = World::with_ada().await;
    let answer = world.send(Ask::get("/.well-known/jwks.json")).await;
    let key = answer.body["keys"][0].as_object().unwrap();
    assert_eq!(key["kty"], "EC");
    assert_eq!(key["crv"], "P-256");
    for private in ["d", "p", "q", "k", "dp", "dq", "qi"] {
        assert!(!key.contains_key(private), "{private}");
    }
}

#[tokio::test]
async fn a_key_taken_out_of_the_ring_is_not_believed_any_more() {
    let world = World::with_ada().await;
    let tokens = world.login("ada").await;
    let now = world.clock.now();
    world
        .keys
        .signing
        .replace(ring(vec![key("s2", es256(), now)]));
    assert_eq!(
        world.send(me(&tokens.access)).await.refusal(),
        (401, "unauthenticated")
    );
}

#[tokio::test]
async fn a_broken_ring_is_not_taken_and_the_old_one_goes_on() {
    let world = World::with_ada().await;
    let now = world.clock.now();
    world
        .keys
        .signing
        .replace(ring(vec![key("s2", vec![1; 7], now)]));
    let tokens = world.login("ada").await;
    assert_eq!(tokens.header()["kid"], "s1");
}

#[tokio::test]
async fn discovery_names_what_is_there() {
    let world = World::with_ada().await;
    let answer = world
        .send(Ask::get("/.well-known/openid-configuration"))
        .await;
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    assert_eq!(answer.body["issuer"], "https://id.example.com");
    assert_eq!(
        answer.body["jwks_uri"],
        "https://id.example.com/.well-known/jwks.json"
    );
    assert_eq!(
        answer.body["id_token_signing_alg_values_supported"][0],
        "ES256"
    );
    for endpoint in ["revocation_endpoint", "introspection_endpoint"] {
        let address = answer.body[endpoint].as_str().unwrap();
        let path = address.strip_prefix("https://id.example.com").unwrap();
        let asked = world.send(Ask::post(path).form(&[("token", "x")])).await;
        assert_eq!(asked.refusal(), (401, "invalid_client"), "{endpoint}");
    }
}

// CF-01
#[test]
fn keys_of_the_wrong_size_stop_the_start() {
    let world = World::new(|_| {});
    let start = |change: fn(&mut IdentityKeys)| {
        let mut keys = world.keys.clone();
        change(&mut keys);
        let parts = Parts {
            clock: world.clock.clone(),
            entropy: world.identity.entropy.clone(),
            users: world.store.clone(),
            families: world.store.clone(),
            keys,
        };
        Identity::new(Config::new("https://id.example.com", "api"), parts).map(|_| ())
    };
    let one = |change: fn(&mut IdentityKeys)| match start(change) {
        Err(ConfigError::Key { ring, .. }) => ring,
        _ => "accepted",
    };
    assert_eq!(one(|keys| keys.rotation = wrong(31)), "rotation");
    assert_eq!(one(|keys| keys.client = wrong(15)), "client");
    assert_eq!(one(|keys| keys.signing = wrong(32)), "signing");
    assert_eq!(one(|_| {}), "accepted");
}

fn wrong(bytes: usize) -> cloakroom_core::keys::Keys {
    let start = cloakroom_core::Timestamp::from_secs(0);
    cloakroom_core::keys::Keys::new(ring(vec![key("k", vec![1; bytes], start)]))
}
