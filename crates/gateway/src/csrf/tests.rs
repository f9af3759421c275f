//! CS-01..03, CS-06, PX-16: what proves its origin and what does not, one thing changed at a time.

use super::*;
use crate::call::tests::{call, rule};

const PUBLIC: &str = "https://app.example.com";
const WEBSOCKET: [(&str, &str); 2] = [("upgrade", "websocket"), ("connection", "Upgrade")];

fn judged(mode: CsrfMode, method: &str, headers: &[(&str, &str)]) -> Result<(), &'static str> {
    let public = Origin::parse(PUBLIC).unwrap();
    let rule = Rule {
        csrf: mode,
        ..rule("/**")
    };
    match prove(&rule, &public, &call(method, "/x", headers)) {
        Ok(()) => Ok(()),
        Err(Refusal::Csrf(missing)) => Err(missing.as_str()),
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_safe_method_needs_no_proof() {
    for method in ["GET", "HEAD", "OPTIONS"] {
        assert_eq!(
            judged(
                CsrfMode::Strict,
                method,
                &[("sec-fetch-site", "cross-site")]
            ),
            Ok(())
        );
    }
}

#[test]
fn the_browsers_own_word_decides_first() {
    // CS-01
    assert_eq!(
        judged(
            CsrfMode::Origin,
            "POST",
            &[("sec-fetch-site", "same-origin")]
        ),
        Ok(())
    );
    for site in ["cross-site", "same-site", "none", "SAME-ORIGIN", ""] {
        let headers = [
            ("sec-fetch-site", site),
            ("origin", PUBLIC),
            ("x-requested-with", "x"),
        ];
        assert_eq!(
            judged(CsrfMode::Origin, "POST", &headers),
            Err("origin"),
            "{site}"
        );
    }
    let twice = [
        ("sec-fetch-site", "same-origin"),
        ("sec-fetch-site", "cross-site"),
    ];
    assert_eq!(judged(CsrfMode::Origin, "POST", &twice), Err("origin"));
}

#[test]
fn without_fetch_metadata_the_origin_has_to_be_ours() {
    // CS-02, CS-06
    assert_eq!(
        judged(CsrfMode::Origin, "DELETE", &[("origin", PUBLIC)]),
        Ok(())
    );
    for origin in [
        "null",
        "https://evil.example",
        "http://app.example.com",
        "https://app.example.com:444",
    ] {
        let headers = [("origin", origin), ("x-requested-with", "x")];
        assert_eq!(
            judged(CsrfMode::Origin, "DELETE", &headers),
            Err("origin"),
            "{origin}"
        );
    }
}

#[test]
fn a_tool_that_is_no_browser_says_so_with_a_header_that_no_form_can_send() {
    assert_eq!(
        judged(CsrfMode::Origin, "POST", &[("x-requested-with", "curl")]),
        Ok(())
    );
    assert_eq!(judged(CsrfMode::Origin, "POST", &[]), Err("origin"));
    assert_eq!(judged(CsrfMode::Off, "POST", &[]), Ok(()));
}

#[test]
fn data_routes_want_a_second_proof() {
    // CS-03
    let same = ("sec-fetch-site", "same-origin");
    let json = ("content-type", "application/json; charset=utf-8");
    let form = ("content-type", "application/x-www-form-urlencoded");
    assert_eq!(judged(CsrfMode::Header, "POST", &[same]), Err("header"));
    assert_eq!(
        judged(CsrfMode::Header, "POST", &[same, form]),
        Err("header")
    );
    assert_eq!(
        judged(
            CsrfMode::Header,
            "POST",
            &[same, ("content-type", "text/plain; application/json")]
        ),
        Err("header")
    );
    assert_eq!(judged(CsrfMode::Header, "POST", &[same, json]), Ok(()));
    assert_eq!(
        judged(CsrfMode::Header, "POST", &[same, ("x-csrf-token", "1")]),
        Ok(())
    );
    assert_eq!(
        judged(CsrfMode::Strict, "POST", &[same, json]),
        Err("header")
    );
    assert_eq!(
        judged(CsrfMode::Strict, "POST", &[same, ("x-requested-with", "x")]),
        Ok(())
    );
    assert_eq!(judged(CsrfMode::Header, "POST", &[json]), Err("origin"));
}

#[test]
fn a_websocket_needs_an_equal_origin() {
    // PX-16
    let [upgrade, connection] = WEBSOCKET;
    assert_eq!(
        judged(
            CsrfMode::Origin,
            "GET",
            &[upgrade, connection, ("origin", PUBLIC)]
        ),
        Ok(())
    );
    assert_eq!(judged(CsrfMode::Origin, "GET", &WEBSOCKET), Err("origin"));
    let foreign = [
        upgrade,
        connection,
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "same-origin"),
    ];
    assert_eq!(judged(CsrfMode::Origin, "GET", &foreign), Err("origin"));
}

#[test]
fn no_hint_of_another_purpose_excuses_a_websocket_from_its_origin() {
    // PX-16, GD-07
    let [upgrade, connection] = WEBSOCKET;
    for hint in [
        ("next-action", "x"),
        ("purpose", "prefetch"),
        ("sec-purpose", "prefetch"),
        ("next-router-prefetch", "1"),
        ("rsc", "1"),
        ("sec-fetch-mode", "navigate"),
    ] {
        let sent = |origin| {
            let headers = [upgrade, connection, hint, ("origin", origin)];
            judged(CsrfMode::Origin, "GET", &headers)
        };
        assert_eq!(sent("https://evil.example"), Err("origin"), "{hint:?}");
        assert_eq!(sent(PUBLIC), Ok(()), "{hint:?}");
    }
}

#[test]
fn an_event_stream_must_not_come_from_elsewhere() {
    let stream = ("accept", "text/event-stream");
    assert_eq!(judged(CsrfMode::Origin, "GET", &[stream]), Ok(()));
    assert_eq!(
        judged(CsrfMode::Origin, "GET", &[stream, ("origin", PUBLIC)]),
        Ok(())
    );
    assert_eq!(
        judged(
            CsrfMode::Origin,
            "GET",
            &[stream, ("origin", "https://evil.example")]
        ),
        Err("origin")
    );
    assert_eq!(
        judged(
            CsrfMode::Origin,
            "GET",
            &[stream, ("sec-fetch-site", "cross-site")]
        ),
        Err("origin")
    );
}
