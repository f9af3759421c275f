//! What the jar keeps, sends and refuses.

use http::HeaderValue;

use super::*;

fn answer(cookies: &[&str]) -> HeaderMap {
    cookies
        .iter()
        .map(|text| (SET_COOKIE, HeaderValue::from_str(text).unwrap()))
        .collect()
}

fn parse(text: &str) -> Result<Cookie, BadCookie> {
    Cookie::parse(text, true)
}

#[test]
fn a_cookie_comes_back_with_the_next_request() {
    let mut browser = Browser::https();
    let session = "__Host-Http-s=v1.abc; HttpOnly; Path=/; SameSite=Lax; Secure; Max-Age=60";
    browser
        .receive(&answer(&[session, "hint=1; Path=/"]))
        .unwrap();
    let header = browser.header("/dashboard", Initiator::SameSite);
    assert_eq!(header.as_deref(), Some("__Host-Http-s=v1.abc; hint=1"));
    assert_eq!(browser.readable_by_script().len(), 1);
    assert_eq!(browser.readable_by_script()[0].name, "hint");
}

#[test]
fn a_cookie_goes_when_its_time_is_over_or_it_is_cleared() {
    let mut browser = Browser::https();
    let set = answer(&["a=1; Path=/; Max-Age=60", "b=1; Path=/"]);
    browser.receive(&set).unwrap();
    browser.wait(Duration::from_secs(60));
    assert!(browser.cookie("a").is_none());
    browser
        .receive(&answer(&["b=; Path=/; Max-Age=0"]))
        .unwrap();
    assert_eq!(browser.header("/", Initiator::SameSite), None);
}

#[test]
fn a_foreign_page_sends_only_what_same_site_lets_it() {
    let mut browser = Browser::https();
    let set = [
        "strict=1; Path=/; SameSite=Strict",
        "lax=1; Path=/; SameSite=Lax",
        "none=1; Path=/; SameSite=None; Secure",
    ];
    browser.receive(&answer(&set)).unwrap();
    let link = browser.header("/", Initiator::ForeignLink);
    assert_eq!(link.as_deref(), Some("lax=1; none=1"));
    let post = browser.header("/", Initiator::ForeignPage);
    assert_eq!(post.as_deref(), Some("none=1"));
}

#[test]
fn a_path_matches_at_segment_borders() {
    let mut browser = Browser::https();
    browser.receive(&answer(&["a=1; Path=/auth"])).unwrap();
    assert!(browser.header("/auth/login", Initiator::SameSite).is_some());
    assert!(browser.header("/authors", Initiator::SameSite).is_none());
}

#[test]
fn what_a_browser_would_drop_or_repair_is_an_error() {
    let bad = [
        ("a", BadCookie::Illegal),
        ("a=x y; Path=/", BadCookie::Illegal),
        ("a=1; Path=/; Path=/", BadCookie::Attribute),
        ("a=1; Path=/; Colour=red", BadCookie::Attribute),
        ("a=1", BadCookie::Attribute),
        ("a=1; Path=/; SameSite=None", BadCookie::Insecure),
        (
            "__Host-a=1; Path=/; Secure; Domain=x.test",
            BadCookie::Prefix,
        ),
        ("__Host-Http-a=1; Path=/; Secure", BadCookie::Prefix),
        ("__Secure-a=1; Path=/", BadCookie::Prefix),
    ];
    for (text, why) in bad {
        assert_eq!(parse(text), Err(why), "{text}");
    }
    let over_http = Cookie::parse("a=1; Path=/; Secure", false);
    assert_eq!(over_http, Err(BadCookie::Insecure));
}
