//! What holds for every endpoint, and the checked-in OpenAPI document.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use cloakroom_core::ports::Entropy;
use cloakroom_testkit::SeededEntropy;
use http::{Method, StatusCode};

use super::world::{Ask, Log, PASSWORD, World, login_as};
use crate::Identity;

#[tokio::test]
async fn unknown_paths_and_methods_are_refused_in_the_same_shape() {
    let world = World::new(|_| {});
    let nothing = world.send(Ask::get("/api/v1/nothing")).await;
    assert_eq!(nothing.refusal(), (404, "not_found"));
    assert!(nothing.body["detail"].is_string());
    let method = world.send(Ask::new(Method::PUT, "/api/v1/login")).await;
    assert_eq!(method.refusal(), (405, "method_not_allowed"));
}

// LG-14
#[tokio::test]
async fn no_get_logs_anybody_in() {
    let world = World::with_ada().await;
    let ask = Ask::get("/api/v1/login?username=ada&password=paper%20lantern%20drifts%20north");
    assert_eq!(world.send(ask).await.refusal(), (405, "method_not_allowed"));
}

#[tokio::test]
async fn refusals_are_not_cached_and_not_sniffed() {
    let world = World::new(|_| {});
    for ask in [
        Ask::get("/"),
        login_as("ada", "x"),
        Ask::get("/api/v1/user/me"),
    ] {
        let answer = world.send(ask).await;
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    }
}

// AU-05
#[tokio::test]
async fn what_went_wrong_inside_is_not_told() {
    let world = World::with_ada().await;
    world.store.fail(true);
    let answer = world.send(login_as("ada", "x")).await;
    assert_eq!(answer.body["detail"], "The store cannot be reached.");
    assert!(!answer.body.to_string().contains("switched off"));
}

/// Randomness that fails when it is told to, as only a broken machine's does.
struct Breakable {
    entropy: SeededEntropy,
    broken: AtomicBool,
}

impl Entropy for Breakable {
    fn fill(&self, out: &mut [u8]) {
        assert!(
            !self.broken.load(Ordering::SeqCst),
            "the source of randomness is broken"
        );
        self.entropy.fill(out);
    }
}

// AU-06
#[tokio::test]
async fn a_panic_is_that_requests_500_and_the_next_request_is_served() {
    let entropy = Arc::new(Breakable {
        entropy: SeededEntropy::new(2),
        broken: AtomicBool::new(false),
    });
    let world = World::with_entropy(entropy.clone());
    world.add("ada", &[]).await;
    let (log, _guard) = Log::capture();
    entropy.broken.store(true, Ordering::SeqCst);
    let answer = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(answer.refusal(), (500, "internal"));
    assert!(log.text().contains("a request handler panicked"));
    entropy.broken.store(false, Ordering::SeqCst);
    assert_eq!(
        world.send(login_as("ada", PASSWORD)).await.status,
        StatusCode::OK
    );
}

#[test]
fn the_checked_in_openapi_document_is_the_one_that_the_code_describes() {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/identity.openapi.json");
    let checked_in = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        checked_in == Identity::openapi_json(),
        "docs/reference/identity.openapi.json is out of date: run `cloakroom openapi` and store what it prints there"
    );
}

#[test]
fn the_document_is_openapi_3_1_and_describes_every_endpoint() {
    let document: serde_json::Value = serde_json::from_str(&Identity::openapi_json()).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    let paths: Vec<_> = document["paths"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        paths,
        [
            "/.well-known/jwks.json",
            "/.well-known/openid-configuration",
            "/api/v1/login",
            "/api/v1/logout",
            "/api/v1/refresh",
            "/api/v1/user",
            "/api/v1/user/me",
            "/api/v1/user/me/password",
            "/api/v1/user/{username}",
            "/oauth2/introspect",
            "/oauth2/revoke",
        ]
    );
}
