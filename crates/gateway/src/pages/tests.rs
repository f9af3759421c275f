use std::time::Duration;

use askama::Template;
use cloakroom_core::EndReason;

use super::*;
use crate::config::Brand;
use crate::refusal::CsrfMissing;

fn shell() -> Shell {
    Shell::new(
        &Brand {
            name: "Goals & <Friends>".into(),
            accent: Some("#2f5d50".into()),
            terms_url: Some("https://example.com/terms".into()),
            privacy_url: None,
        },
        "/auth",
    )
}

fn rendered(pages: &[impl Template]) -> Vec<String> {
    pages.iter().map(|page| page.render().unwrap()).collect()
}

/// Every page with every sample.
fn all() -> Vec<String> {
    let shell = shell();
    [
        rendered(&LoginPage::samples(&shell)),
        rendered(&RegisterPage::samples(&shell)),
        rendered(&LogoutPage::samples(&shell)),
        rendered(&AccountPage::samples(&shell)),
        rendered(&problems(&shell)),
    ]
    .concat()
}

fn problems(shell: &Shell) -> Vec<ProblemPage> {
    refusals()
        .iter()
        .map(|refused| {
            refusal::page(
                refused,
                shell.clone(),
                "deadbeef0000000000ff",
                "/auth/login?return_to=%2Fx",
            )
        })
        .collect()
}

fn refusals() -> Vec<Refusal> {
    let up = || "the <app>".to_owned();
    vec![
        Refusal::BadRequest("The body could not be read."),
        Refusal::BadPath,
        Refusal::Respell("/x".into()),
        Refusal::UnknownHost,
        Refusal::TargetTooLong,
        Refusal::HeadersTooLarge,
        Refusal::NoRoute,
        Refusal::NotFound,
        Refusal::MethodNotAllowed(http::HeaderValue::from_static("GET")),
        Refusal::Unauthenticated(None),
        Refusal::Unauthenticated(Some(EndReason::Idle)),
        Refusal::InvalidCredentials,
        Refusal::Forbidden,
        Refusal::Csrf(CsrfMissing::Token),
        Refusal::UsernameTaken,
        Refusal::EmailTaken,
        Refusal::InvalidFields([].into()),
        Refusal::BodyTooLarge,
        Refusal::UnsupportedMediaType,
        Refusal::RateLimited(Duration::from_secs(60)),
        Refusal::StoreUnavailable,
        Refusal::RefreshUnavailable,
        Refusal::ProviderUnavailable,
        Refusal::UpstreamUnavailable(up()),
        Refusal::UpstreamTimeout(up()),
        Refusal::BadUpstream(up()),
        Refusal::Internal,
    ]
}

#[test]
fn no_page_has_a_script_or_an_inline_style() {
    for page in all() {
        for banned in ["<script", "<style", " style=", " onclick=", "javascript:"] {
            assert!(!page.contains(banned), "{banned} in {page}");
        }
    }
}

#[test]
fn every_page_has_a_language_a_title_one_heading_and_a_main_part() {
    for page in all() {
        assert!(
            page.starts_with("<!doctype html>\n<html lang=\"en\">"),
            "{page}"
        );
        for part in ["<title>", "<h1>", "<main>", "name=\"viewport\""] {
            assert_eq!(page.matches(part).count(), 1, "{part} in {page}");
        }
    }
}

#[test]
fn every_text_from_outside_is_escaped() {
    // LG-16
    let pages = all().concat();
    for raw in ["<b>", "<app>", "<Friends>"] {
        assert!(!pages.contains(raw), "{raw}");
    }
    for escaped in [
        "&#60;script&#62;",
        "the &#60;app&#62;",
        "Goals &#38; &#60;Friends&#62;",
    ] {
        assert!(pages.contains(escaped), "{escaped}");
    }
}

#[test]
fn every_input_that_is_seen_has_a_label_and_says_what_may_be_filled_in() {
    // LG-15
    for page in all() {
        for input in page.split("<input ").skip(1) {
            let input = input.split('>').next().unwrap();
            if let Some(id) = input.strip_prefix("id=\"") {
                let id = id.split('"').next().unwrap();
                assert!(page.contains(&format!("<label for=\"{id}\">")), "{id}");
                assert!(input.contains("autocomplete=\""), "{input}");
            } else {
                let bare = ["type=\"hidden\"", "type=\"radio\"", "readonly hidden"];
                assert!(bare.iter().any(|kind| input.contains(kind)), "{input}");
            }
        }
    }
}

#[test]
fn an_error_is_announced_and_tied_to_its_input() {
    let page = rendered(&RegisterPage::samples(&shell()))[1].clone();
    assert!(page.contains("aria-invalid=\"true\" aria-describedby=\"username-error\""));
    assert!(page.contains("aria-describedby=\"password-hint password-error\""));
    assert!(page.contains("<p class=\"error\" id=\"username-error\" role=\"alert\">"));
}

#[test]
fn a_password_input_is_always_empty_and_a_name_is_kept() {
    for page in all() {
        for input in page.split("type=\"password\" ").skip(1) {
            assert!(input.starts_with("value=\"\""), "{input}");
        }
    }
    assert!(rendered(&LoginPage::samples(&shell()))[1].contains("value=\"ada@example.com&#34;"));
}

#[test]
fn a_page_that_waits_for_an_application_names_it_and_asks_again() {
    let page = refusal::page(
        &Refusal::UpstreamUnavailable("web".into()),
        shell(),
        "id1",
        "/auth/login",
    );
    let page = page.render().unwrap();
    assert!(page.contains("<meta http-equiv=\"refresh\" content=\"3\">"));
    assert!(page.contains("<h1>Waiting for web</h1>"));
    let others = problems(&shell())
        .iter()
        .filter(|page| page.reload_after.is_some())
        .count();
    assert_eq!(others, 1);
}

#[test]
fn every_refusal_has_a_way_on_and_the_requests_name() {
    for page in problems(&shell()) {
        assert!(!page.actions.is_empty());
        assert!(
            page.render()
                .unwrap()
                .contains("<code>deadbeef0000000000ff</code>")
        );
    }
}

#[test]
fn a_notice_comes_back_only_as_one_of_the_known_words() {
    for &notice in Notice::ALL {
        assert_eq!(Notice::parse(notice.as_str()), Some(notice));
    }
    assert_eq!(Notice::parse("You won a prize"), None);
}

#[test]
fn assets_have_the_address_of_their_content() {
    let shell = shell();
    let sheet = asset("app.css").unwrap();
    assert_eq!(
        shell.style,
        format!("/auth/assets/app.css?v={}", sheet.fingerprint)
    );
    assert_eq!(sheet.media_type, "text/css; charset=utf-8");
    assert!(asset("../Cargo.toml").is_none() && asset("app.js").is_none());
}
