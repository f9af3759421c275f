//! How often a password may be tried or proposed, and a name asked for.

use http::{Method, StatusCode};
use serde_json::{Value, json};

use super::login::futures;
use super::world::{Answer, Ask, PASSWORD, World, login_as};

const MINUTES: u64 = 60;

async fn fail(world: &World, times: usize, ask: &Ask) {
    for _ in 0..times {
        let answer = world.send(ask.clone()).await;
        assert_eq!(answer.refusal(), (401, "invalid_credentials"));
    }
}

fn wait(answer: &Answer) -> u64 {
    assert_eq!(answer.refusal(), (429, "rate_limited"));
    answer.header("retry-after").unwrap().parse().unwrap()
}

// LG-12
#[tokio::test]
async fn ten_failures_in_fifteen_minutes_close_the_account_for_the_rest_of_them() {
    let world = World::with_ada().await;
    fail(&world, 5, &login_as("ada", "wrong password")).await;
    world.pass(5 * MINUTES);
    fail(&world, 5, &login_as("ada@example.com", "wrong password")).await;
    let before = world.hashes();
    let refused = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(wait(&refused), 10 * MINUTES);
    assert_eq!(world.hashes(), before);
    world.pass(10 * MINUTES);
    assert_eq!(
        world.send(login_as("ada", PASSWORD)).await.status,
        StatusCode::OK
    );
}

// LG-12
#[tokio::test]
async fn a_success_forgets_the_failures_of_the_account() {
    let world = World::with_ada().await;
    for _ in 0..3 {
        fail(&world, 9, &login_as("ada", "wrong password")).await;
        assert_eq!(
            world.send(login_as("ada", PASSWORD)).await.status,
            StatusCode::OK
        );
    }
}

// LG-11
#[tokio::test]
async fn a_name_that_nobody_has_is_limited_like_one_that_somebody_has() {
    let world = World::with_ada().await;
    fail(&world, 10, &login_as("nobody", "wrong password")).await;
    fail(&world, 10, &login_as("ada", "wrong password")).await;
    let nobody = world.send(login_as("nobody", PASSWORD)).await;
    let ada = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(wait(&nobody), wait(&ada));
    assert_eq!(nobody.body, ada.body);
}

// LG-13
#[tokio::test]
async fn attempts_at_the_same_moment_cannot_pass_the_limit_together() {
    let world = World::with_ada().await;
    let before = world.hashes();
    let attempts = (0..40).map(|_| world.send(login_as("ada", "wrong password")));
    let answers = futures(attempts).await;
    let tried = answers
        .iter()
        .filter(|answer| answer.status == StatusCode::UNAUTHORIZED);
    assert_eq!(tried.count(), 10);
    assert_eq!(world.hashes() - before, 10);
}

// LG-12
#[tokio::test]
async fn fifty_failures_close_a_network_and_no_other() {
    let world = World::with_ada().await;
    for number in 0..50 {
        let ip = format!("2001:db8:1:2::{number:x}");
        let ask = login_as(&format!("nobody{number}"), "wrong password").from(&ip);
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
    let same = login_as("ada", PASSWORD).from("2001:db8:1:2:ffff::1");
    assert_eq!(wait(&world.send(same).await), 15 * MINUTES);
    let other = login_as("ada", PASSWORD).from("2001:db8:1:3::1");
    assert_eq!(world.send(other).await.status, StatusCode::OK);
}

fn on_device(password: &str, device: &str) -> Ask {
    login_as("ada", password)
        .gateway()
        .header("x-client-device", device)
}

// LG-12
#[tokio::test]
async fn a_stranger_cannot_lock_the_owner_out_of_a_known_device() {
    let world = World::with_ada().await;
    let answer = world.send(on_device(PASSWORD, "ada's laptop")).await;
    assert_eq!(answer.status, StatusCode::OK);
    fail(
        &world,
        10,
        &login_as("ada", "wrong password").from("198.51.100.9"),
    )
    .await;
    wait(&world.send(on_device(PASSWORD, "another laptop")).await);
    let answer = world.send(on_device(PASSWORD, "ada's laptop")).await;
    assert_eq!(answer.status, StatusCode::OK);
    // The known device has a limit too, and its success does not lift the one of strangers.
    wait(
        &world
            .send(login_as("ada", PASSWORD).from("198.51.100.9"))
            .await,
    );
    fail(&world, 10, &on_device("wrong password", "ada's laptop")).await;
    wait(&world.send(on_device(PASSWORD, "ada's laptop")).await);
}

// LG-12
#[tokio::test]
async fn a_network_that_is_closed_still_lets_the_owner_in_on_a_known_device() {
    let world = World::with_ada().await;
    let here = |ask: Ask| ask.header("x-client-ip", "203.0.113.7");
    let known = here(on_device(PASSWORD, "ada's laptop"));
    assert_eq!(world.send(known.clone()).await.status, StatusCode::OK);
    for number in 0..50 {
        let ask = here(login_as(&format!("nobody{number}"), "wrong password").gateway());
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
    wait(
        &world
            .send(here(on_device(PASSWORD, "another laptop")))
            .await,
    );
    assert_eq!(world.send(known).await.status, StatusCode::OK);
}

// LG-12
#[tokio::test]
async fn whoever_is_not_the_gateway_is_not_believed_about_address_or_device() {
    let world = World::with_ada().await;
    world.send(on_device(PASSWORD, "ada's laptop")).await;
    for number in 0..10 {
        let ask = login_as("ada", "wrong password")
            .header("x-client-ip", &format!("203.0.113.{number}"))
            .header("x-client-device", "ada's laptop");
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
    let guess = login_as("ada", PASSWORD).header("x-client-device", "ada's laptop");
    wait(&world.send(guess).await);
    for number in 0..40 {
        let ask = login_as(&format!("nobody{number}"), "wrong password")
            .header("x-client-ip", &format!("203.0.113.{number}"));
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
    let one_more = login_as("nobody", "wrong password").header("x-client-ip", "203.0.113.99");
    wait(&world.send(one_more).await);
}

// AU-04
#[tokio::test]
async fn the_gateway_is_believed_about_the_browsers_address() {
    let world = World::with_ada().await;
    for number in 0..60 {
        let ask = login_as(&format!("nobody{number}"), "wrong password")
            .gateway()
            .header("x-client-ip", &format!("203.0.113.{number}"));
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
}

// LG-12
#[tokio::test]
async fn attempts_that_the_network_limit_refuses_do_not_count_against_the_account() {
    let world = World::with_ada().await;
    for number in 0..50 {
        let ask = login_as(&format!("nobody{number}"), "wrong password").from("198.51.100.9");
        assert_eq!(world.send(ask).await.status, StatusCode::UNAUTHORIZED);
    }
    for _ in 0..20 {
        wait(
            &world
                .send(login_as("ada", "wrong password").from("198.51.100.9"))
                .await,
        );
    }
    let answer = world.send(login_as("ada", PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::OK);
}

// LG-11
#[tokio::test]
async fn the_right_password_of_a_disabled_account_counts_as_a_failure() {
    let world = World::with_ada().await;
    world.admin().disable("ada").await.unwrap();
    fail(&world, 10, &login_as("ada", PASSWORD)).await;
    wait(&world.send(login_as("ada", PASSWORD)).await);
}

// ID-07
#[tokio::test]
async fn a_change_of_name_is_no_unlimited_way_to_ask_which_addresses_are_taken() {
    let world = World::with_ada().await;
    world.add("bob", &[]).await;
    let token = world.login("ada").await.access;
    let rename = |body: Value| {
        let ask = Ask::new(Method::PATCH, "/api/v1/user/ada");
        world.send(ask.json(&body).bearer(&token))
    };
    for _ in 0..10 {
        let answer = rename(json!({"email": "bob@example.com"})).await;
        assert_eq!(answer.refusal(), (409, "email_taken"));
    }
    let refused = rename(json!({"email": "carol@example.com"})).await;
    assert_eq!(wait(&refused), 60 * MINUTES);
    wait(&rename(json!({"username": "carol"})).await);
    // What the form repeats unchanged asks nothing.
    let same = json!({"name": "Ada L.", "username": "ada", "email": "ada@example.com"});
    assert_eq!(rename(same).await.status, StatusCode::OK);
    world.pass(60 * MINUTES);
    let token = world.login("ada").await.access;
    let ask = Ask::new(Method::PATCH, "/api/v1/user/ada").json(&json!({"username": "carol"}));
    assert_eq!(world.send(ask.bearer(&token)).await.status, StatusCode::OK);
}

// ID-10
#[tokio::test]
async fn weak_passwords_from_one_network_cannot_keep_the_hashing_threads_busy() {
    let world = World::with_ada().await;
    let weak = json!({"name": "Eve", "username": "eve", "email": "eve@example.com", "password": "12345678"});
    let propose = |ip: &str| world.send(Ask::post("/api/v1/user").json(&weak).from(ip));
    for _ in 0..50 {
        let answer = propose("198.51.100.9").await;
        assert_eq!(answer.refusal(), (422, "invalid_fields"));
    }
    assert_eq!(wait(&propose("198.51.100.9").await), 15 * MINUTES);
    let elsewhere = propose("198.51.100.10").await;
    assert_eq!(elsewhere.refusal(), (422, "invalid_fields"));
    let login = login_as("ada", PASSWORD).from("198.51.100.9");
    assert_eq!(world.send(login).await.status, StatusCode::OK);
}
