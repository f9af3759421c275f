use cloakroom_testkit::Browser;
use http::StatusCode;

use super::world::{World, delete, form, get, post};
use crate::refusal::{CsrfMissing, Refusal};

async fn sid(world: &World, browser: &mut Browser) -> String {
    world.session(browser).await["sid"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[tokio::test]
async fn the_owner_sees_their_sessions_and_nobody_elses() {
    // LO-06, ID-12
    let world = World::new();
    let mut here = world.logged_in("ada").await;
    world.wait(5);
    let mut there = world.logged_in("ada").await;
    world.logged_in("bob").await;
    let listed = world
        .send(&mut here, get("/auth/sessions"))
        .await
        .json()
        .await;
    let listed = listed["sessions"].as_array().unwrap().clone();
    assert_eq!(listed.len(), 2);
    assert_eq!(listed[0]["id"], sid(&world, &mut there).await);
    assert_eq!(
        (&listed[0]["current"], &listed[1]["current"]),
        (&false.into(), &true.into())
    );
    assert_eq!(listed[1]["created_at"], "2027-01-15T08:00:00Z");
    assert_eq!(listed[0]["last_seen_at"], "2027-01-15T08:00:05Z");
    assert_eq!(listed[0]["ip"], "203.0.113.7");
}

#[tokio::test]
async fn ending_one_session_leaves_the_others() {
    let world = World::new();
    let [mut here, mut there] = [world.logged_in("ada").await, world.logged_in("ada").await];
    let path = format!("/auth/sessions/{}", sid(&world, &mut there).await);
    let answer = world.send(&mut here, delete(&path)).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert_eq!(world.session(&mut there).await["reason"], "revoked_by_user");
    assert!(world.is_logged_in(&mut here).await);
    let answer = world.send(&mut here, delete(&path)).await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
}

#[tokio::test]
async fn a_strangers_session_is_not_found_and_lives_on() {
    // ID-12
    let world = World::new();
    let [mut ada, mut bob] = [world.logged_in("ada").await, world.logged_in("bob").await];
    let path = format!("/auth/sessions/{}", sid(&world, &mut bob).await);
    let answer = world.send(&mut ada, delete(&path)).await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
    let token = world.form_token(&mut ada).await;
    let path = format!("{path}/end");
    let answer = world
        .send(&mut ada, form(&path, &format!("form_token={token}")))
        .await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
    assert!(world.is_logged_in(&mut bob).await);
    for nonsense in [
        "/auth/sessions/x%2Fy",
        "/auth/sessions/%FF",
        "/auth/sessions/a.b",
    ] {
        let answer = world.send(&mut ada, delete(nonsense)).await;
        assert_eq!(answer.refusal(), &Refusal::NotFound, "{nonsense}");
    }
}

#[tokio::test]
async fn ending_the_own_session_clears_its_cookie_and_revokes_its_tokens() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let path = format!("/auth/sessions/{}", sid(&world, &mut browser).await);
    let answer = world.send(&mut browser, delete(&path)).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(browser.cookie("cloakroom").is_none());
    assert_eq!(world.provider.until_revoked(1).await.len(), 1);
}

#[tokio::test]
async fn all_others_are_ended_at_once() {
    let world = World::new();
    let [mut here, mut there] = [world.logged_in("ada").await, world.logged_in("ada").await];
    let mut bob = world.logged_in("bob").await;
    let answer = world.send(&mut here, delete("/auth/sessions")).await;
    assert_eq!(answer.status(), StatusCode::NO_CONTENT);
    assert!(world.is_logged_in(&mut here).await && world.is_logged_in(&mut bob).await);
    assert!(!world.is_logged_in(&mut there).await);
}

#[tokio::test]
async fn a_form_ends_sessions_with_its_token_and_not_without() {
    // CS-04
    let world = World::new();
    let [mut here, mut there] = [world.logged_in("ada").await, world.logged_in("ada").await];
    let path = format!("/auth/sessions/{}/end", sid(&world, &mut there).await);
    let foreign = world.form_token(&mut there).await;
    for body in ["", "form_token=x", &format!("form_token={foreign}")] {
        for path in [path.as_str(), "/auth/sessions/end-others"] {
            let answer = world.send(&mut here, form(path, body)).await;
            assert_eq!(
                answer.refusal(),
                &Refusal::Csrf(CsrfMissing::Token),
                "{path} {body}"
            );
        }
    }
    let answer = world.send(&mut here, post(&path)).await;
    assert_eq!(answer.refusal(), &Refusal::Csrf(CsrfMissing::Token));
    assert!(world.is_logged_in(&mut there).await);

    let own = format!("form_token={}", world.form_token(&mut here).await);
    let answer = world.send(&mut here, form(&path, &own)).await;
    assert_eq!(answer.location(), "/auth/account?done=sessions");
    assert!(!world.is_logged_in(&mut there).await);
    let mut third = world.logged_in("ada").await;
    let answer = world
        .send(&mut here, form("/auth/sessions/end-others", &own))
        .await;
    assert_eq!(answer.location(), "/auth/account?done=sessions");
    assert!(!world.is_logged_in(&mut third).await && world.is_logged_in(&mut here).await);
}

#[tokio::test]
async fn without_a_session_there_is_nothing_to_list_or_to_end() {
    let world = World::new();
    let mut nobody = Browser::http();
    for ask in [
        get("/auth/sessions"),
        delete("/auth/sessions"),
        delete("/auth/sessions/x"),
        form("/auth/sessions/end-others", ""),
        get("/auth/account"),
        form("/auth/account/profile", "name=x"),
        post("/auth/refresh"),
    ] {
        let answer = world.send(&mut nobody, ask).await;
        assert_eq!(answer.refusal(), &Refusal::Unauthenticated(None));
    }
}
