//! PX-05, GD-06, AV-01: hosts and limits.

use super::*;
use crate::call::tests::{call, config};

fn judged(hosts: &[&str], target: &str, sent: &[&str]) -> Result<String, Refusal> {
    let mut config = config("https://app.example.com");
    config.hosts = hosts.iter().map(|host| (*host).to_owned()).collect();
    let headers: Vec<_> = sent.iter().map(|host| ("host", *host)).collect();
    let mut call = call("GET", target, &headers);
    Ingress::new(&config).judge(&mut call)?;
    Ok(call.head.headers[HOST].to_str().unwrap().to_owned())
}

#[test]
fn a_known_host_is_accepted_in_every_spelling_and_sent_in_ours() {
    // GD-06
    for host in [
        "app.example.com",
        "APP.Example.com",
        "app.example.com.",
        "app.example.com:443",
    ] {
        assert_eq!(
            judged(&[], "/", &[host]).as_deref(),
            Ok("app.example.com"),
            "{host}"
        );
    }
    assert_eq!(
        judged(&["alt.example.com"], "/", &["alt.example.com"]).as_deref(),
        Ok("alt.example.com")
    );
}

#[test]
fn another_host_is_refused() {
    for host in [
        "evil.example",
        "app.example.com.evil.example",
        "app.example.com:80",
        "localhost",
        "127.0.0.1",
    ] {
        assert_eq!(
            judged(&[], "/", &[host]),
            Err(Refusal::UnknownHost),
            "{host}"
        );
    }
}

#[test]
fn a_missing_repeated_or_nonsensical_host_is_a_bad_request() {
    // PX-05
    for hosts in [
        &[][..],
        &["app.example.com", "app.example.com"],
        &["a b"],
        &["app.example.com:x"],
        &[""],
    ] {
        assert!(
            matches!(judged(&[], "/", hosts), Err(Refusal::BadRequest(_))),
            "{hosts:?}"
        );
    }
}

#[test]
fn an_absolute_target_counts_as_the_host() {
    // PX-05
    let sent = judged(&[], "https://app.example.com/x", &["evil.example"]);
    assert_eq!(sent.as_deref(), Ok("app.example.com"));
    let sent = judged(&[], "http://evil.example/x", &["app.example.com"]);
    assert_eq!(sent, Err(Refusal::UnknownHost));
}

#[test]
fn a_body_is_framed_by_chunks_alone_or_the_request_is_refused() {
    // PX-02
    let judged = |codings: &[&str]| {
        let codings = codings.iter().map(|coding| ("transfer-encoding", *coding));
        let headers: Vec<_> = std::iter::once(("host", "app.example.com"))
            .chain(codings)
            .collect();
        let mut call = call("POST", "/", &headers);
        Ingress::new(&config("https://app.example.com")).judge(&mut call)
    };
    for plain in [&[][..], &["chunked"], &["Chunked"]] {
        assert_eq!(judged(plain), Ok(()), "{plain:?}");
    }
    for doubtful in [
        &["chunked", "chunked"][..],
        &["chunked, chunked"],
        &["gzip, chunked"],
        &["identity"],
        &["chunked;x"],
        &[""],
    ] {
        let refused = judged(doubtful);
        assert!(
            matches!(refused, Err(Refusal::BadRequest(_))),
            "{doubtful:?}"
        );
    }
}

#[test]
fn an_overlong_target_is_refused() {
    // AV-01
    let long = format!("/{}", "a".repeat(MAX_TARGET));
    assert_eq!(
        judged(&[], &long, &["app.example.com"]),
        Err(Refusal::TargetTooLong)
    );
}

#[test]
fn headers_that_are_too_large_together_are_refused() {
    // AV-01
    let config = config("https://app.example.com");
    let judged = |size: usize| {
        let (half, rest) = ("a".repeat(size / 2), "a".repeat(size - size / 2));
        let headers = [("host", "app.example.com"), ("a", &half), ("b", &rest)];
        Ingress::new(&config).judge(&mut call("GET", "/", &headers))
    };
    let named = "hostapp.example.comab".len();
    assert_eq!(judged(MAX_HEADERS - named), Ok(()));
    assert_eq!(
        judged(MAX_HEADERS - named + 1),
        Err(Refusal::HeadersTooLarge)
    );
}

#[test]
fn only_the_clients_own_word_about_activity_outlives_the_cleaning() {
    let mut call = call(
        "GET",
        "/",
        &[("host", "app.example.com"), ("x-cloakroom-activity", "1")],
    );
    Ingress::new(&config("https://app.example.com"))
        .judge(&mut call)
        .unwrap();
    assert!(call.active);
    assert!(!call.head.headers.contains_key("x-cloakroom-activity"));
}
