//! Logging in: what comes back, and that a failure tells nothing.

use cloakroom_core::ports::UserStore as _;
use cloakroom_core::secret::{ExposeSecret as _, SecretString};
use http::StatusCode;

use super::world::{Ask, PASSWORD, Tokens, World, login_as};

#[tokio::test]
async fn a_login_answers_tokens_and_a_strict_cookie() {
    let world = World::with_ada().await;
    let answer = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body["token_type"], "bearer");
    assert_eq!(answer.body["expires_in"], 900);
    let tokens = Tokens::from(&answer);
    let expected = format!(
        "refresh_token={}; Max-Age=604800; Path=/api/v1; HttpOnly; SameSite=Strict; Secure",
        tokens.refresh
    );
    assert_eq!(answer.set_cookie(), Some(expected.as_str()));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

#[tokio::test]
async fn the_user_name_in_any_case_and_the_address_both_log_in() {
    let world = World::with_ada().await;
    for identifier in ["ADA", "ada@example.com", "Ada@Example.COM"] {
        let answer = world.send(login_as(identifier, PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::OK, "{identifier}");
    }
}

// TK-14
#[tokio::test]
async fn an_access_token_says_who_for_whom_and_for_how_long() {
    let world = World::new(|_| {});
    world.add("ada", &["editor", "admin"]).await;
    let tokens = world.login("ada").await;
    let header = tokens.header();
    assert_eq!(
        (&header["typ"], &header["alg"]),
        (&"at+jwt".into(), &"ES256".into())
    );
    let claims = tokens.claims();
    let user = world.user("ada").await;
    assert_eq!(claims["iss"], "https://id.example.com");
    assert_eq!(claims["aud"], "cloakroom:api");
    assert_eq!(claims["sub"], user.id.to_string());
    assert_eq!(
        claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap(),
        900
    );
    assert_eq!(claims["roles"], serde_json::json!(["admin", "editor"]));
    assert_eq!(claims["name"], "ada of Example");
    assert_eq!(claims["email"], "ada@example.com");
    assert_eq!(claims["username"], "ada");
    assert!(claims["tier"].is_null());
    assert_eq!(claims["jti"].as_str().unwrap().len(), 32);
    assert_eq!(claims["sid"].as_str().unwrap().len(), 36);
}

#[tokio::test]
async fn hs256_is_a_matter_of_configuration() {
    let world = World::with_signing(vec![5; 32], |config| {
        config.algorithm = crate::Algorithm::Hs256;
    });
    world.add("ada", &[]).await;
    let tokens = world.login("ada").await;
    assert_eq!(tokens.header()["alg"], "HS256");
    let answer = world.send(super::world::me(&tokens.access)).await;
    assert_eq!(answer.status, StatusCode::OK);
    let keys = world.send(Ask::get("/.well-known/jwks.json")).await;
    assert_eq!(keys.body, serde_json::json!({ "keys": [] }));
}

// LG-11
#[tokio::test]
async fn wrong_password_unknown_name_and_disabled_account_are_one_answer_and_one_hash_each() {
    let world = World::with_ada().await;
    world.add("bob", &[]).await;
    world.admin().disable("bob").await.unwrap();
    let mut seen = Vec::new();
    for (username, password) in [
        ("ada", "wrong password"),
        ("nobody", PASSWORD),
        ("nobody@example.com", PASSWORD),
        ("no\u{2603}body", PASSWORD),
        ("bob", PASSWORD),
    ] {
        let before = world.hashes();
        let answer = world.send(login_as(username, password)).await;
        assert_eq!(world.hashes() - before, 1, "{username}");
        assert_eq!(answer.refusal(), (401, "invalid_credentials"));
        let headers = format!("{:?}", answer.headers);
        seen.push((answer.status, headers, answer.body.to_string()));
    }
    seen.dedup();
    assert_eq!(seen.len(), 1);
}

// ID-02, ID-10
#[tokio::test]
async fn an_endless_password_is_refused_before_it_is_hashed() {
    let world = World::with_ada().await;
    let before = world.hashes();
    let longer = world.send(login_as("ada", &"x".repeat(1025))).await;
    assert_eq!(longer.refusal(), (422, "invalid_fields"));
    let endless = world.send(login_as("ada", &"x".repeat(1 << 20))).await;
    assert_eq!(endless.refusal(), (413, "body_too_large"));
    assert_eq!(world.hashes(), before);
}

// ID-10
#[tokio::test]
async fn a_full_hashing_queue_is_503_with_a_time_to_come_back_and_counts_no_failure() {
    let world = World::new(|config| config.password.queue = Some(1));
    let attempts = (0..10).map(|_| world.send(login_as("nobody", PASSWORD)));
    let mut tried = 0;
    for answer in futures(attempts).await {
        if answer.status == StatusCode::UNAUTHORIZED {
            tried += 1;
        } else {
            assert_eq!(answer.refusal(), (503, "overloaded"));
            assert_eq!(answer.header("retry-after"), Some("1"));
        }
    }
    assert!(tried < 10, "the queue was never full");
    for _ in tried..10 {
        let answer = world.send(login_as("nobody", PASSWORD)).await;
        assert_eq!(answer.refusal(), (401, "invalid_credentials"));
    }
    let answer = world.send(login_as("nobody", PASSWORD)).await;
    assert_eq!(answer.refusal(), (429, "rate_limited"));
}

/// Runs all of them at once on this thread.
pub(super) async fn futures<F: Future>(all: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<_> = all.map(Box::pin).collect();
    let mut done = Vec::new();
    std::future::poll_fn(move |cx| {
        running.retain_mut(|one| match one.as_mut().poll(cx) {
            std::task::Poll::Ready(output) => {
                done.push(output);
                false
            }
            std::task::Poll::Pending => true,
        });
        if running.is_empty() {
            std::task::Poll::Ready(std::mem::take(&mut done))
        } else {
            std::task::Poll::Pending
        }
    })
    .await
}

// ID-01
#[tokio::test]
async fn a_hash_with_older_parameters_is_renewed_at_the_next_login() {
    let world = World::with_ada().await;
    let user = world.user("ada").await;
    assert!(
        user.password_hash
            .expose_secret()
            .starts_with("$argon2id$v=19$m=19456,t=2,p=1$")
    );
    let weaker = weaker_hash(PASSWORD);
    world
        .store
        .rehash(user.id, &user.password_hash, &weaker)
        .await
        .unwrap();
    world.send(login_as("ada", "wrong password")).await;
    let unchanged = world.user("ada").await.password_hash;
    assert_eq!(unchanged.expose_secret(), weaker.expose_secret());
    world.login("ada").await;
    let renewed = world.user("ada").await.password_hash;
    assert!(renewed.expose_secret().contains("m=19456,t=2,p=1"));
    world.login("ada").await;
}

fn weaker_hash(password: &str) -> SecretString {
    use argon2::{Argon2, Params, PasswordHasher as _};
    let argon = Argon2::from(Params::new(8192, 1, 1, None).unwrap());
    let hash = argon
        .hash_password_with_salt(password.as_bytes(), &[3; 16])
        .unwrap();
    SecretString::from(hash.to_string())
}

// ID-03
#[tokio::test]
async fn a_password_is_the_same_in_composed_and_decomposed_spelling() {
    let world = World::with_ada().await;
    let composed = SecretString::from("caf\u{e9} lantern drifts north");
    world
        .admin()
        .set_password("ada", Some(composed))
        .await
        .unwrap();
    world.pass(1);
    let answer = world
        .send(login_as("ada", "cafe\u{301} lantern drifts north"))
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}

#[tokio::test]
async fn only_a_form_with_known_fields_logs_in() {
    let world = World::with_ada().await;
    let json = Ask::post("/api/v1/login")
        .json(&serde_json::json!({"username": "ada", "password": PASSWORD}));
    assert_eq!(
        world.send(json).await.refusal(),
        (415, "unsupported_media_type")
    );
    let form = |pairs: &[(&str, &str)]| Ask::post("/api/v1/login").form(pairs);
    let oauth = form(&[
        ("grant_type", "password"),
        ("scope", ""),
        ("username", "ada"),
        ("password", PASSWORD),
    ]);
    assert_eq!(world.send(oauth).await.status, StatusCode::OK);
    let extra = world
        .send(form(&[
            ("username", "ada"),
            ("password", PASSWORD),
            ("roles", "admin"),
        ]))
        .await;
    assert_eq!(extra.refusal(), (422, "invalid_fields"));
    assert_eq!(extra.wrong_fields(), ["roles"]);
    let twice = form(&[
        ("username", "ada"),
        ("username", "bob"),
        ("password", PASSWORD),
    ]);
    assert_eq!(world.send(twice).await.refusal(), (422, "invalid_fields"));
    let missing = world.send(form(&[("username", "ada")])).await;
    assert_eq!(missing.wrong_fields(), ["password"]);
}

#[tokio::test]
async fn a_store_that_is_down_is_503_and_not_a_wrong_password() {
    let world = World::with_ada().await;
    world.store.fail(true);
    let answer = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(answer.refusal(), (503, "store_unavailable"));
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn a_wrong_client_credential_refuses_the_login_before_the_password() {
    let world = World::with_ada().await;
    let before = world.hashes();
    let answer = world
        .send(login_as("ada", PASSWORD).basic("cloakroom-gateway", "wrong"))
        .await;
    assert_eq!(answer.refusal(), (401, "invalid_client"));
    assert!(
        answer
            .header("www-authenticate")
            .unwrap()
            .starts_with("Basic")
    );
    assert_eq!(world.hashes(), before);
}
