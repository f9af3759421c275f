//! PX-08, PX-09, PX-11, GD-02: what leaves for the upstream, and what does not.

use super::*;
use crate::call::tests::{call, config, rule};
use crate::guard;

fn sent(
    rule: &Rule,
    config: &Config,
    prefix: &str,
    target: &str,
    headers: &[(&str, &str)],
) -> Parts {
    let mut call = call("GET", target, headers);
    let open = Rule {
        access: crate::config::Access::Optional,
        ..rule.clone()
    };
    let permit = guard::authorize(&open, None).unwrap_or_else(|refusal| panic!("{refusal:?}"));
    Says::new(config)
        .unwrap()
        .request(rule, prefix, &permit, &mut call)
        .unwrap()
}

fn cookies(reserved: &[&str], sent_cookies: &[&str]) -> Vec<String> {
    let mut config = config("https://app.example.com");
    config.rules = vec![Rule {
        inject: crate::config::Inject {
            cookies: reserved.iter().map(|name| (*name).to_owned()).collect(),
            ..Default::default()
        },
        ..rule("/**")
    }];
    let headers: Vec<_> = sent_cookies
        .iter()
        .map(|value| ("cookie", *value))
        .collect();
    let head = sent(&rule("/**"), &config, "", "/x", &headers);
    let left = head.headers.get_all("cookie").iter();
    left.map(|value| value.to_str().unwrap().to_owned())
        .collect()
}

#[test]
fn the_target_is_forwarded_byte_for_byte() {
    // GD-02
    let config = config("https://app.example.com");
    for target in [
        "/",
        "/a?b=c&d=%2f..%2F",
        "/a//?x",
        "/%C3%A9/",
        "/x?_rsc=1m86m",
    ] {
        assert_eq!(
            sent(&rule("/**"), &config, "", target, &[]).uri.to_string(),
            target
        );
    }
    let absolute = sent(
        &rule("/**"),
        &config,
        "",
        "https://app.example.com/a?b",
        &[],
    );
    assert_eq!(
        absolute.uri.to_string(),
        "/a?b",
        "the authority chooses no upstream"
    );
}

#[test]
fn a_prefix_is_stripped_from_the_rule_and_another_put_in_front() {
    let config = config("https://app.example.com");
    let rule = Rule {
        strip_prefix: "/api/proxy".to_owned(),
        ..rule("/api/proxy/**")
    };
    for (target, expected) in [
        ("/api/proxy/goals?x=1", "/api/goals?x=1"),
        ("/API/Proxy/goals", "/api/goals"),
        ("/api/proxy", "/api/"),
        ("/api/proxy/", "/api/"),
        ("/api/proxy?x=/a/b", "/api/?x=/a/b"),
    ] {
        assert_eq!(
            sent(&rule, &config, "/api", target, &[]).uri.to_string(),
            expected
        );
    }
}

#[test]
fn what_is_stripped_is_counted_in_segments_however_they_are_spelled() {
    // GD-02
    let config = config("https://app.example.com");
    let rule = Rule {
        strip_prefix: "/a+b/c".to_owned(),
        ..rule("/a+b/c/**")
    };
    for target in ["/a+b/c/x%20y?z", "/a%2Bb/c/x%20y?z", "/a%2Bb/%63/x%20y?z"] {
        let sent = sent(&rule, &config, "", target, &[]);
        assert_eq!(sent.uri.to_string(), "/x%20y?z", "{target}");
    }
}

#[test]
fn hop_by_hop_fields_and_those_that_connection_names_stay_here() {
    // PX-08
    let head = sent(
        &rule("/**"),
        &config("https://app.example.com"),
        "",
        "/x",
        &[
            ("host", "app.example.com"),
            (
                "connection",
                "close, X-Secret, X-Forwarded-Proto, X-Request-Id",
            ),
            ("connection", "host, cookie"),
            ("x-secret", "1"),
            ("cookie", "theme=dark"),
            ("te", "trailers"),
            ("transfer-encoding", "chunked"),
            ("keep-alive", "5"),
            ("proxy-authorization", "x"),
            ("upgrade", "h2c"),
            ("http2-settings", "x"),
            ("expect", "100-continue"),
            ("trailer", "x"),
            ("accept", "*/*"),
        ],
    );
    let mut names: Vec<_> = head.headers.keys().map(HeaderName::as_str).collect();
    names.sort_unstable();
    let ours = [
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-request-id",
    ];
    assert_eq!(names, [&["accept", "cookie", "host"][..], &ours].concat());
    assert_eq!(head.headers["x-forwarded-proto"], "https");
    assert_eq!(head.headers["x-forwarded-port"], "443");
    assert_eq!(head.headers["x-forwarded-host"], "app.example.com");
    assert_eq!(head.headers["x-forwarded-for"], "203.0.113.9");
}

#[test]
fn a_clients_own_authorization_never_passes_unless_the_rule_says_so() {
    // PX-12
    let config = config("https://app.example.com");
    let headers = [("authorization", "Bearer forged")];
    assert!(
        !sent(&rule("/**"), &config, "", "/", &headers)
            .headers
            .contains_key("authorization")
    );
    let pass = Rule {
        pass_authorization: true,
        ..rule("/**")
    };
    assert_eq!(
        sent(&pass, &config, "", "/", &headers).headers["authorization"],
        "Bearer forged"
    );
}

#[test]
fn our_cookies_stay_here_and_others_pass_byte_for_byte() {
    // PX-11
    assert_eq!(cookies(&[], &["a=1;b=\"x y\" ; c"]), ["a=1;b=\"x y\" ; c"]);
    assert_eq!(
        cookies(&[], &["a=1; __Host-Http-cloakroom=v1.x.y; b=2"]),
        ["a=1; b=2"]
    );
    assert_eq!(
        cookies(&[], &["__Host-Http-cloakroom=v1.x.y"]),
        Vec::<String>::new()
    );
    assert_eq!(cookies(&[], &["__Host-Http-cloakroom=x", "a=1"]), ["a=1"]);
}

#[test]
fn cookies_that_carry_a_token_for_some_app_are_reserved_on_every_route() {
    let sent = [
        "access_token=forged; a=1; Access-Token.0=x; access_token.12=y; access_tokens=2; access-token=z",
    ];
    assert_eq!(cookies(&["access_token"], &sent), ["a=1; access_tokens=2"]);
}

#[test]
fn an_injected_cookie_takes_nothing_from_the_browsers_own() {
    // PX-11
    let mut headers = HeaderMap::new();
    for line in [&b"a=1; b=\xc3\xa9"[..], b"c=3"] {
        headers.append(header::COOKIE, HeaderValue::from_bytes(line).unwrap());
    }
    append_cookies(&mut headers, &["access_token=t".to_owned()]).unwrap();
    let lines: Vec<_> = headers.get_all(header::COOKIE).iter().collect();
    assert_eq!(lines, [&b"a=1; b=\xc3\xa9; c=3; access_token=t"[..]]);
}

#[test]
fn an_answer_that_is_framed_twice_keeps_the_frame_that_holds() {
    // PX-18
    let says = Says::new(&config("https://app.example.com")).unwrap();
    let answered = |headers: &[(&str, &str)]| {
        let mut answer = http::Response::builder();
        for (name, value) in headers {
            answer = answer.header(*name, *value);
        }
        let mut answer = answer.body(()).unwrap();
        says.answer(&mut answer);
        answer.headers().contains_key("content-length")
    };
    assert!(!answered(&[
        ("content-length", "3"),
        ("transfer-encoding", "chunked")
    ]));
    assert!(answered(&[("content-length", "3")]));
}
