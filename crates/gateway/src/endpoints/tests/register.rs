use cloakroom_testkit::Browser;
use http::StatusCode;
use serde_json::{Value, json as value};

use super::world::{Choices, World, form, json, open};
use crate::refusal::Refusal;

fn eve() -> Value {
    value!({
        "name": "Eve", "username": "eve", "email": "eve@example.com",
        "password": "a long enough sentence", "role": "admin",
    })
}

fn eve_with(name: &str, text: &str) -> Value {
    let mut body = eve();
    body[name] = text.into();
    body
}

#[tokio::test]
async fn registering_creates_the_account_and_logs_it_in() {
    let world = World::new();
    let mut browser = Browser::http();
    let answer = world
        .send(&mut browser, json("/auth/register", &eve()))
        .await;
    assert_eq!(answer.status(), StatusCode::CREATED);
    assert_eq!(answer.json().await["user"]["name"], "Eve");
    assert!(world.is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn a_form_that_registers_leads_on_with_303() {
    let world = World::new();
    let mut browser = Browser::http();
    let body = "name=Eve&username=eve&email=eve%40example.com&password=a+long+enough+sentence&return_to=/x";
    let answer = world.send(&mut browser, form("/auth/register", body)).await;
    assert_eq!(answer.location(), "/x");
    assert!(world.is_logged_in(&mut browser).await);
}

#[tokio::test]
async fn a_taken_name_or_address_is_a_conflict() {
    let world = World::new();
    let mut browser = Browser::http();
    let answer = world
        .send(
            &mut browser,
            json("/auth/register", &eve_with("username", "ada")),
        )
        .await;
    assert_eq!(answer.refusal(), &Refusal::UsernameTaken);
    let body = eve_with("email", "ada@example.com");
    let answer = world
        .send(&mut browser, json("/auth/register", &body))
        .await;
    assert_eq!(answer.refusal(), &Refusal::EmailTaken);
    assert_eq!(browser.cookies().count(), 0);
}

#[tokio::test]
async fn a_taken_name_stands_at_its_field_and_the_form_keeps_all_but_the_password() {
    let world = World::new();
    let body =
        "name=Eve+%3Cb%3E&username=ada&email=eve%40example.com&password=a+long+enough+sentence";
    let answer = world
        .send(&mut Browser::http(), form("/auth/register", body))
        .await;
    assert_eq!(answer.status(), StatusCode::CONFLICT);
    let page = answer.text().await;
    assert!(
        page.contains("id=\"username-error\" role=\"alert\">This user name is taken."),
        "{page}"
    );
    for kept in [
        "value=\"Eve &#60;b&#62;\"",
        "value=\"ada\"",
        "value=\"eve@example.com\"",
    ] {
        assert!(page.contains(kept), "{kept}");
    }
    assert!(!page.contains("a long enough sentence"));
}

#[tokio::test]
async fn invalid_fields_are_each_told_before_anything_is_sent() {
    let world = World::new();
    let body = value!({ "name": " ", "username": "", "email": "eve", "password": "short" });
    let answer = world
        .send(&mut Browser::http(), json("/auth/register", &body))
        .await;
    let Refusal::InvalidFields(fields) = answer.refusal() else {
        panic!()
    };
    assert_eq!(
        fields.keys().collect::<Vec<_>>(),
        ["email", "name", "password", "username"]
    );
}

#[tokio::test]
async fn what_the_provider_says_about_a_field_is_shown_there_escaped() {
    // LG-16
    let world = World::new();
    let body = "name=Eve&username=eve&email=eve%40example.com&password=password123";
    let answer = world
        .send(&mut Browser::http(), form("/auth/register", body))
        .await;
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let page = answer.text().await;
    assert!(
        page.contains("id=\"password-error\" role=\"alert\">This password is &#60;known&#62;."),
        "{page}"
    );
}

#[tokio::test]
async fn an_own_page_is_led_to_with_the_code() {
    let world = World::with(Choices {
        own_pages: true,
        ..Choices::default()
    });
    let mut browser = Browser::http();
    let answer = world
        .send(&mut browser, open("/auth/register?return_to=/x"))
        .await;
    assert_eq!(answer.location(), "/join?plan=free&return_to=%2Fx");
    let answer = world
        .send(&mut browser, form("/auth/register", "name=Eve"))
        .await;
    assert_eq!(answer.location(), "/join?plan=free&error=invalid_fields");
}

#[tokio::test]
async fn where_users_are_managed_elsewhere_there_is_no_registration() {
    let world = World::with(Choices {
        no_accounts: true,
        ..Choices::default()
    });
    let mut browser = Browser::http();
    let answer = world.send(&mut browser, open("/auth/register")).await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
    let answer = world
        .send(&mut browser, form("/auth/register", "name=Eve"))
        .await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
}
