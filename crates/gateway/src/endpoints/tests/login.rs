use cloakroom_testkit::Browser;
use http::StatusCode;
use serde_json::json as value;

use super::stub::{Mood, PASSWORD};
use super::world::{Choices, World, delete, form, get, json, open, post};
use crate::refusal::Refusal;

fn right(extra: &str) -> String {
    format!("identifier=ada%40example.com&password=correct+horse+battery{extra}")
}

#[tokio::test]
async fn a_form_logs_in_and_leads_on_with_303() {
    // LG-10
    let world = World::new();
    let mut browser = Browser::http();
    let answer = world
        .send(
            &mut browser,
            form("/auth/login", &right("&return_to=%2Fgoals%3Fp%3D2")),
        )
        .await;
    assert_eq!(answer.location(), "/goals?p=2");
    assert!(world.is_logged_in(&mut browser).await);
    assert!(browser.readable_by_script().is_empty());
}

#[tokio::test]
async fn a_program_logs_in_and_is_told_who_it_is_but_no_token() {
    // LG-01
    let world = World::new();
    for name in ["identifier", "email", "username"] {
        let mut browser = Browser::http();
        let body = value!({ name: "ada", "password": PASSWORD });
        let answer = world.send(&mut browser, json("/auth/login", &body)).await;
        assert_eq!(answer.status(), StatusCode::OK);
        let text = answer.text().await;
        assert!(
            text.contains("\"name\":\"Ada Lovelace\"") && !text.contains("secret"),
            "{text}"
        );
        assert!(world.is_logged_in(&mut browser).await);
    }
}

#[tokio::test]
async fn a_way_back_that_leaves_the_site_is_the_default_page() {
    // LG-09
    let world = World::new();
    for (given, target) in [
        ("&return_to=%2F%2Fevil.example", "/dashboard"),
        ("&return_to=https%3A%2F%2Fevil.example%2F", "/dashboard"),
        ("&return_to=%2F%5Cevil.example", "/dashboard"),
        ("&return_to=%2Fauth%2Flogin", "/dashboard"),
        ("&callbackUrl=%2Fgoals", "/goals"),
        ("", "/dashboard"),
    ] {
        let answer = world
            .send(&mut Browser::http(), form("/auth/login", &right(given)))
            .await;
        assert_eq!(answer.location(), target, "{given}");
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_page() {
    // LG-11
    let world = World::new();
    let mut pages = Vec::new();
    for body in [
        "identifier=ada&password=wrong",
        "identifier=eve&password=wrong",
    ] {
        let mut browser = Browser::http();
        let answer = world.send(&mut browser, form("/auth/login", body)).await;
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED);
        assert_eq!(browser.cookies().count(), 0);
        pages.push(
            answer
                .text()
                .await
                .replace("value=\"eve\"", "value=\"ada\""),
        );
    }
    assert_eq!(pages[0], pages[1]);
    assert!(pages[0].contains("The name or the password is wrong."));
    assert!(pages[0].contains("value=\"ada\"") && !pages[0].contains("value=\"wrong\""));
}

#[tokio::test]
async fn a_program_is_told_that_the_credentials_are_wrong() {
    let world = World::new();
    let body = value!({ "identifier": "ada", "password": "wrong" });
    let answer = world
        .send(&mut Browser::http(), json("/auth/login", &body))
        .await;
    assert_eq!(answer.refusal(), &Refusal::InvalidCredentials);
}

#[tokio::test]
async fn missing_fields_are_named_and_nothing_is_sent() {
    let world = World::new();
    let answer = world
        .send(&mut Browser::http(), json("/auth/login", &value!({})))
        .await;
    let Refusal::InvalidFields(fields) = answer.refusal() else {
        panic!()
    };
    assert_eq!(
        fields.keys().collect::<Vec<_>>(),
        ["identifier", "password"]
    );
    assert!(world.provider.clients().is_empty());
}

#[tokio::test]
async fn a_live_session_is_replaced_and_its_cookie_is_worth_nothing() {
    // CK-11
    let world = World::new();
    let mut browser = world.logged_in("ada").await;
    let mut old = browser.clone();
    let answer = world
        .send(&mut browser, form("/auth/login", &right("")))
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
    assert!(world.is_logged_in(&mut browser).await);
    let told = world.session(&mut old).await;
    assert_eq!(
        (&told["authenticated"], &told["reason"]),
        (&value!(false), &value!("replaced"))
    );
    let revoked = world.provider.until_revoked(1).await;
    assert_eq!(revoked, ["access-secret.ada.1"]);
}

#[tokio::test]
async fn a_get_never_logs_in_and_leads_on_who_is_logged_in() {
    // LG-14
    let world = World::new();
    let mut browser = Browser::http();
    let answer = world
        .send(&mut browser, open("/auth/login?identifier=ada&password=x"))
        .await;
    assert_eq!(answer.status(), StatusCode::OK);
    assert_eq!(browser.cookies().count(), 0);
    let mut browser = world.logged_in("ada").await;
    let answer = world
        .send(&mut browser, open("/auth/login?return_to=/goals"))
        .await;
    assert_eq!(answer.location(), "/goals");
}

#[tokio::test]
async fn the_page_keeps_the_way_back_and_offers_to_register() {
    let world = World::new();
    let page = world
        .send(
            &mut Browser::http(),
            open("/auth/login?return_to=/goals?p=2"),
        )
        .await;
    let page = page.text().await;
    assert!(
        page.contains("name=\"return_to\" value=\"/goals?p=2\""),
        "{page}"
    );
    assert!(
        page.contains("href=\"/auth/register?return_to=%2Fgoals%3Fp%3D2\""),
        "{page}"
    );
    let world = World::with(Choices {
        no_accounts: true,
        ..Choices::default()
    });
    let page = world
        .send(&mut Browser::http(), open("/auth/login"))
        .await
        .text()
        .await;
    assert!(!page.contains("/auth/register"));
}

#[tokio::test]
async fn an_own_page_is_led_to_with_code_and_way_back() {
    let world = World::with(Choices {
        own_pages: true,
        ..Choices::default()
    });
    let mut browser = Browser::http();
    let answer = world
        .send(&mut browser, open("/auth/login?return_to=/goals"))
        .await;
    assert_eq!(answer.location(), "/welcome?return_to=%2Fgoals");
    let body = "email=ada&password=wrong&return_to=/goals";
    let answer = world.send(&mut browser, form("/auth/login", body)).await;
    assert_eq!(
        answer.location(),
        "/welcome?error=invalid_credentials&return_to=%2Fgoals"
    );
}

#[tokio::test]
async fn a_provider_in_trouble_is_told_as_such_and_its_words_are_not_repeated() {
    // LG-16, AU-05
    let world = World::new();
    for (mood, status, retry) in [
        (Mood::Down, StatusCode::SERVICE_UNAVAILABLE, Some("5")),
        (Mood::Busy, StatusCode::TOO_MANY_REQUESTS, Some("90")),
        (Mood::Refusing, StatusCode::BAD_GATEWAY, None),
    ] {
        world.provider.is(mood);
        let answer = world
            .send(&mut Browser::http(), form("/auth/login", &right("")))
            .await;
        assert_eq!(
            (answer.status(), answer.header("retry-after")),
            (status, retry)
        );
        let page = answer.text().await;
        assert!(
            page.contains("role=\"alert\"") && !page.contains("refused</"),
            "{page}"
        );
    }
}

#[tokio::test]
async fn a_store_that_is_out_begins_no_session_and_the_new_tokens_are_revoked() {
    let world = World::new();
    world.store.fail(true);
    let body = value!({ "identifier": "ada", "password": PASSWORD });
    let answer = world
        .send(&mut Browser::http(), json("/auth/login", &body))
        .await;
    assert_eq!(answer.refusal(), &Refusal::StoreUnavailable);
    assert_eq!(
        world.provider.until_revoked(1).await,
        ["access-secret.ada.1"]
    );
}

#[tokio::test]
async fn the_provider_is_told_the_browsers_lasting_name() {
    let world = World::new();
    let mut browser = Browser::http();
    for _ in 0..2 {
        let ask = form("/auth/login", &right("")).with("user-agent", "Mozilla/5.0");
        world.send(&mut browser, ask).await;
    }
    let [first, second] = world.provider.clients().try_into().unwrap();
    assert!(first.device.is_some());
    assert_eq!(first.device, second.device);
    assert_eq!(
        (first.user_agent.as_str(), first.ip.to_string().as_str()),
        ("Mozilla/5.0", "203.0.113.7")
    );
}

#[tokio::test]
async fn other_media_types_methods_and_paths_are_refused() {
    // CS-09
    let world = World::new();
    let mut browser = Browser::http();
    let plain = post("/auth/login").body("text/plain", "{}");
    let answer = world.send(&mut browser, plain).await;
    assert_eq!(answer.refusal(), &Refusal::UnsupportedMediaType);
    let answer = world.send(&mut browser, delete("/auth/login")).await;
    assert!(matches!(answer.refusal(), Refusal::MethodNotAllowed(_)));
    let answer = world.send(&mut browser, get("/auth/nothing")).await;
    assert_eq!(answer.refusal(), &Refusal::NotFound);
}

#[tokio::test]
async fn a_form_that_never_arrives_is_given_up() {
    // AV-01
    let world = World::new();
    let mut browser = Browser::http();
    let asking = form("/auth/login", "").withheld();
    let (answer, ()) = tokio::join!(world.send(&mut browser, asking), async {
        world.clock.until_sleepers(1).await;
        world.wait(30);
    });
    assert!(matches!(answer.refusal(), Refusal::BadRequest(_)));
    let answer = world
        .send(&mut browser, form("/auth/login", &right("")))
        .await;
    assert_eq!(answer.status(), StatusCode::SEE_OTHER);
}
