//! Calls, rules and configurations for the tests of the stages, and the tests of `call` itself.

use std::time::Duration;

use http::Request;

use super::*;
use crate::config::{
    Access, Brand, Config, CsrfMode, Inject, Methods, Origin, Pattern, RefreshConfig, ReturnTo,
    Rule, SameSite, SessionConfig, Target,
};

/// A call as `receive` would make it, without a body.
pub(crate) fn call(method: &str, target: &str, headers: &[(&str, &str)]) -> Call {
    let mut request = Request::builder().method(method).uri(target);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut request = request.body(()).unwrap();
    let upgrade = request.headers().contains_key("upgrade");
    let upgrade = upgrade.then(|| hyper::upgrade::on(&mut request));
    let head = request.into_parts().0;
    let (class, active) = crate::ingress::classify(&head);
    let peer = Peer::new("203.0.113.9:1234".parse().unwrap());
    Call {
        head,
        payload: Payload::Empty,
        upgrade,
        id: RequestId::new(1, 1),
        id_header: RequestId::new(1, 1).to_header(),
        client_ip: peer.ip(),
        forwarded_for: peer.forwarded_for(peer.ip()),
        class,
        active,
        now: Timestamp::from_secs(1_000_000),
        since: Duration::ZERO,
    }
}

/// A rule with the defaults of a page route.
pub(crate) fn rule(pattern: &str) -> Rule {
    Rule {
        pattern: Pattern::parse(pattern).unwrap(),
        target: Target::Upstream(0),
        strip_prefix: String::new(),
        access: Access::Required,
        methods: Methods::Any,
        csrf: CsrfMode::Origin,
        inject: Inject {
            bearer: true,
            user_id: true,
            assertion: true,
            cookies: vec![],
        },
        timeout: Duration::from_secs(60),
        body_limit: None,
        replay: false,
        pass_authorization: false,
        encoded_slash: false,
    }
}

/// A configuration with one rule and no upstream.
pub(crate) fn config(public_url: &str) -> Config {
    Config {
        public_url: Origin::parse(public_url).unwrap(),
        hosts: vec![],
        trusted_proxies: vec![],
        base_path: "/auth".to_owned(),
        session: SessionConfig {
            idle_timeout: Duration::from_secs(7 * 86_400),
            absolute_lifetime: Duration::from_secs(14 * 86_400),
            same_site: SameSite::Lax,
            outage_grace: Duration::from_secs(30),
            per_principal: 100,
            expose: vec![],
        },
        refresh: RefreshConfig::default(),
        pages: crate::config::PagesConfig {
            login: None,
            register: None,
            after_login: ReturnTo::root(),
            after_logout: ReturnTo::root(),
            brand: Brand {
                name: "Test".to_owned(),
                accent: None,
                terms_url: None,
                privacy_url: None,
            },
        },
        upstreams: vec![],
        rules: vec![rule("/**")],
    }
}

#[test]
fn request_ids_count_up_behind_the_name_of_the_process() {
    assert_eq!(
        RequestId::new(0xdead_beef, 255).as_str(),
        "deadbeef0000000000ff"
    );
}

#[test]
fn a_repeated_header_has_no_single_value() {
    let mut headers = HeaderMap::new();
    headers.append("origin", "a".parse().unwrap());
    assert_eq!(single(&headers, "origin"), Some("a"));
    headers.append("origin", "b".parse().unwrap());
    assert_eq!(single(&headers, "origin"), None);
}

#[test]
fn a_websocket_is_the_only_switch_that_is_passed_on() {
    // PX-15: what is spoken behind a switch is judged by no rule
    let wants = |method, upgrade, connection| {
        let headers = [("upgrade", upgrade), ("connection", connection)];
        call(method, "/", &headers).wants_websocket()
    };
    assert!(wants("GET", "websocket", "Upgrade"));
    assert!(wants("GET", "WebSocket", "keep-alive, upgrade"));
    for other in ["h2c", "H2C", "tcp", "TLS/1.3", "websocket, h2c", ""] {
        assert!(!wants("GET", other, "Upgrade"), "{other}");
    }
    assert!(!wants("GET", "websocket", "keep-alive"));
    for method in ["POST", "HEAD", "OPTIONS"] {
        assert!(!wants(method, "websocket", "Upgrade"), "{method}");
    }
    let two = [
        ("upgrade", "websocket"),
        ("upgrade", "h2c"),
        ("connection", "Upgrade"),
    ];
    assert!(!call("GET", "/", &two).wants_websocket());
}

#[test]
fn a_websocket_is_asked_for_without_a_body_and_not_in_http_1_0() {
    // PX-15
    let asked = || {
        let headers = [("upgrade", "websocket"), ("connection", "Upgrade")];
        call("GET", "/", &headers)
    };
    assert!(asked().wants_websocket());
    let mut with_body = asked();
    with_body.payload = Payload::Held(Bytes::from_static(b"early"));
    assert!(!with_body.wants_websocket());
    let mut old = asked();
    old.head.version = Version::HTTP_10;
    assert!(!old.wants_websocket());
}
