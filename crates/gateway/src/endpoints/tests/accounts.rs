use http::StatusCode;
use serde_json::json as value;

use super::stub::{Mood, PASSWORD};
use super::world::{Choices, World, form, json, open};
use crate::refusal::{CsrfMissing, Refusal};

#[tokio::test]
async fn the_page_shows_profile_password_and_devices() {
    let world = World::new();
    let mut here = world.logged_in("ada").await;
    world.logged_in("ada").await;
    let page = world
        .send(&mut here, open("/auth/account?done=profile"))
        .await
        .text()
        .await;
    for part in [
        "value=\"Ada Lovelace\"",
        "name=\"current_password\"",
        "This device",
        "End all other sessions",
        "Your profile is saved.",
    ] {
        assert!(page.contains(part), "{part} in {page}");
    }
    assert_eq!(page.matches("/end\">").count(), 1);
}

#[tokio::test]
async fn where_users_are_managed_elsewhere_the_profile_is_only_shown() {
    let world = World::with(Choices {
        no_accounts: true,
        ..Choices::default()
    });
    let mut browser = world.logged_in("ada").await;
    let page = world
        .send(&mut browser, open("/auth/account"))
        .await
        .text()
        .await;
    assert!(page.contains("<dd>ada@example.com</dd>") && !page.contains("<input id="));
    let body = value!({ "name": "Countess" });
    let answer = world
        .send(&mut browser, json("/auth/account/profile", &body))
        .await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
}

#[tokio::test]
async fn a_changed_name_is_known_to_the_session_at_once() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let token = world.form_token(&mut browser).await;
    let body = format!("form_token={token}&name=Countess&username=ada&email=ada%40example.com");
    let answer = world
        .send(&mut browser, form("/auth/account/profile", &body))
        .await;
    assert_eq!(answer.location(), "/auth/account?done=profile");
    assert_eq!(
        world.session(&mut browser).await["user"]["name"],
        "Countess"
    );
    let body = value!({ "name": "Ada King" });
    let answer = world
        .send(&mut browser, json("/auth/account/profile", &body))
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(answer.json().await["user"]["name"], "Ada King");
}

#[tokio::test]
async fn a_refused_profile_keeps_what_was_typed_and_names_the_field() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let token = world.form_token(&mut browser).await;
    let body = format!("form_token={token}&name=Countess&username=bob&email=ada%40example.com");
    let answer = world
        .send(&mut browser, form("/auth/account/profile", &body))
        .await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    let page = answer.text().await;
    assert!(
        page.contains("value=\"Countess\"") && page.contains("id=\"username-error\""),
        "{page}"
    );
    let body = value!({ "email": "nonsense", "name": "" });
    let answer = world
        .send(&mut browser, json("/auth/account/profile", &body))
        .await;
    let Refusal::InvalidFields(fields) = answer.refusal() else {
        panic!()
    };
    assert_eq!(fields.keys().collect::<Vec<_>>(), ["email", "name"]);
}

#[tokio::test]
async fn a_form_of_another_session_changes_nothing() {
    // CS-04
    let world = World::new();
    let [mut ada, mut bob] = [world.logged_in("ada").await, world.logged_in("bob").await];
    let token = world.form_token(&mut bob).await;
    for path in ["/auth/account/profile", "/auth/account/password"] {
        let body = format!(
            "form_token={token}&name=Eve&current_password={PASSWORD}&new_password={PASSWORD}"
        );
        let answer = world.send(&mut ada, form(path, &body)).await;
        assert_eq!(
            answer.refusal(),
            &Refusal::Csrf(CsrfMissing::Token),
            "{path}"
        );
    }
    assert_eq!(
        world.session(&mut ada).await["user"]["name"],
        "Ada Lovelace"
    );
}

#[tokio::test]
async fn a_form_from_before_a_login_is_worth_nothing_after_it() {
    // CS-04
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let token = world.form_token(&mut browser).await;
    let body = format!("identifier=ada&password={PASSWORD}");
    world.send(&mut browser, form("/auth/login", &body)).await;
    let body = format!("form_token={token}&name=Eve");
    let answer = world
        .send(&mut browser, form("/auth/account/profile", &body))
        .await;
    assert_eq!(answer.refusal(), &Refusal::Csrf(CsrfMissing::Token));
}

#[tokio::test]
async fn a_changed_password_ends_the_other_sessions_unless_told_otherwise() {
    // LO-07
    let world = World::new();
    let mut here = world.logged_in("ada").await;
    for (choice, ended) in [(value!(false), false), (value!(null), true)] {
        let mut there = world.logged_in("ada").await;
        let body = value!({
            "current_password": PASSWORD, "new_password": "another long sentence", "end_others": choice,
        });
        let answer = world
            .send(&mut here, json("/auth/account/password", &body))
            .await;
        assert_eq!(answer.status(), StatusCode::NO_CONTENT);
        assert_eq!(world.provider.last_password_change(), Some(ended));
        let told = world.session(&mut there).await;
        assert_eq!(told["authenticated"], !ended);
        if ended {
            assert_eq!(told["reason"], "password_changed");
        }
    }
    assert!(world.is_logged_in(&mut here).await);
}

#[tokio::test]
async fn the_current_password_is_asked_for_and_never_shown_again() {
    // ID-06
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let token = world.form_token(&mut browser).await;
    let body = format!(
        "form_token={token}&current_password=wrong+one&new_password=another+long+sentence&end_others=false"
    );
    let answer = world
        .send(&mut browser, form("/auth/account/password", &body))
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await;
    assert!(
        page.contains("id=\"current_password-error\" role=\"alert\">This is not your password.")
    );
    assert!(page.contains("value=\"false\" checked"));
    assert!(!page.contains("wrong one") && !page.contains("another long sentence"));
    assert_eq!(world.provider.last_password_change(), None);
}

#[tokio::test]
async fn a_password_that_cannot_be_set_is_not_sent() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let body = value!({ "current_password": "", "new_password": "short" });
    let answer = world
        .send(&mut browser, json("/auth/account/password", &body))
        .await;
    let Refusal::InvalidFields(fields) = answer.refusal() else {
        panic!()
    };
    assert_eq!(
        fields.keys().collect::<Vec<_>>(),
        ["current_password", "new_password"]
    );
}

#[tokio::test]
async fn a_login_that_the_provider_has_ended_ends_here_too() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    world.provider.is(Mood::Refusing);
    let body = value!({ "name": "Eve" });
    let answer = world
        .send(&mut browser, json("/auth/account/profile", &body))
        .await;
    assert!(matches!(
        answer.refusal(),
        Refusal::Unauthenticated(Some(_))
    ));
    assert!(browser.cookie("cloakroom").is_none());
}

#[tokio::test]
async fn a_provider_that_is_down_leaves_the_page_standing() {
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let token = world.form_token(&mut browser).await;
    world.provider.is(Mood::Down);
    let page = world.send(&mut browser, open("/auth/account")).await;
    assert_eq!(page.status(), StatusCode::OK);
    let body = format!("form_token={token}&name=Countess");
    let answer = world
        .send(&mut browser, form("/auth/account/profile", &body))
        .await;
    assert_eq!(answer.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert!(answer.text().await.contains("value=\"Countess\""));
}
