//! GD-01, GD-12: default deny, the most specific rule, and methods.

use std::time::Duration;

use http::{HeaderValue, Uri};

use super::super::Pattern;
use super::*;
use crate::config::{CsrfMode, Inject};

fn rule(pattern: &str, access: Access) -> Rule {
    Rule {
        pattern: Pattern::parse(pattern).unwrap(),
        target: Target::Upstream(0),
        strip_prefix: String::new(),
        access,
        methods: Methods::Any,
        csrf: CsrfMode::Origin,
        inject: Inject::default(),
        timeout: Duration::from_secs(60),
        body_limit: None,
        replay: false,
        pass_authorization: false,
        encoded_slash: false,
    }
}

fn found(table: &RouteTable, path: &str, method: &Method) -> Result<String, Refusal> {
    let uri: Uri = path.parse().unwrap();
    let path = super::super::check(&uri, false, false)?;
    table
        .find(path, method)
        .map(|(_, rule)| rule.pattern.to_string())
}

fn table(patterns: &[&str]) -> RouteTable {
    RouteTable::new(patterns.iter().map(|p| rule(p, Access::Required)).collect()).unwrap()
}

#[test]
fn the_most_specific_rule_wins_whatever_the_order() {
    let mut patterns = vec![
        "/**",
        "/admin/**",
        "/admin/public",
        "/admin/*/edit",
        "/users/*",
        "/users/me",
        "/",
    ];
    for _ in 0..patterns.len() {
        patterns.rotate_left(1);
        let table = table(&patterns);
        for (path, expected) in [
            ("/", "/"),
            ("/x", "/**"),
            ("/admin", "/admin/**"),
            ("/admin/", "/admin/**"),
            ("/ADMIN/Users", "/admin/**"),
            ("/admin/public", "/admin/public"),
            ("/Admin/Public/", "/admin/public"),
            ("/admin/7/edit", "/admin/*/edit"),
            ("/admin/7/edit/x", "/admin/**"),
            ("/users/7", "/users/*"),
            ("/users/ME", "/users/me"),
            ("/users", "/**"),
            ("/administrator", "/**"),
        ] {
            assert_eq!(
                found(&table, path, &Method::GET).as_deref(),
                Ok(expected),
                "{path}"
            );
        }
    }
}

#[test]
fn an_escape_does_not_lead_around_a_rule() {
    // GD-02, GD-04
    let table = table(&["/@me/**", "/a+b", "/caf%C3%A9", "/(x)/*", "/**"]);
    for (path, expected) in [
        ("/@me/x", "/@me/**"),
        ("/%40me/x", "/@me/**"),
        ("/%40ME", "/@me/**"),
        ("/a+b", "/a+b"),
        ("/a%2Bb", "/a+b"),
        ("/caf%C3%A9", "/caf%C3%A9"),
        ("/%28x%29/y%20z", "/(x)/*"),
        ("/%40you", "/**"),
        ("/a%20b", "/**"),
    ] {
        let found = found(&table, path, &Method::GET);
        assert_eq!(found.as_deref(), Ok(expected), "{path}");
    }
    let same = vec![
        rule("/@me", Access::Public),
        rule("/%40me", Access::Required),
    ];
    assert!(RouteTable::new(same).is_err());
}

#[test]
fn a_path_without_a_rule_is_refused() {
    // GD-01
    assert_eq!(
        found(&table(&["/a/**"]), "/b", &Method::GET),
        Err(Refusal::NoRoute)
    );
}

#[test]
fn methods_outside_the_rule_are_refused_and_head_counts_as_get() {
    // GD-12
    let get = Rule {
        methods: Methods::Only(vec![Method::GET]),
        ..rule("/a", Access::Public)
    };
    let post = Rule {
        methods: Methods::Only(vec![Method::POST]),
        ..rule("/A", Access::Required)
    };
    let table = RouteTable::new(vec![get, post, rule("/**", Access::Public)]).unwrap();
    assert_eq!(found(&table, "/a", &Method::HEAD).as_deref(), Ok("/a"));
    assert_eq!(found(&table, "/a", &Method::POST).as_deref(), Ok("/A"));
    let knows = |text| Err(Refusal::MethodNotAllowed(HeaderValue::from_static(text)));
    assert_eq!(
        found(&table, "/a", &Method::DELETE),
        knows("GET, HEAD, POST")
    );
    for odd in ["TRACE", "CONNECT", "PURGE"] {
        let odd = Method::from_bytes(odd.as_bytes()).unwrap();
        let all = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
        assert_eq!(found(&table, "/b", &odd), knows(all));
    }
}

#[test]
fn contradictions_are_found_at_start() {
    // CF-01
    let same_but_for_case = vec![
        rule("/Admin/**", Access::Public),
        rule("/admin/**", Access::Required),
    ];
    let refused = RouteTable::new(same_but_for_case).err();
    assert_eq!(
        refused,
        Some(TableError::Duplicate {
            first: 0,
            second: 1
        })
    );
    let strip = Rule {
        strip_prefix: "/ap".to_owned(),
        ..rule("/api/**", Access::Public)
    };
    assert_eq!(
        RouteTable::new(vec![strip]).err(),
        Some(TableError::StripPrefix { rule: 0 })
    );
    let bearer = Inject {
        bearer: true,
        ..Inject::default()
    };
    let two = Rule {
        inject: bearer.clone(),
        pass_authorization: true,
        ..rule("/a", Access::Required)
    };
    assert_eq!(
        RouteTable::new(vec![two]).err(),
        Some(TableError::TwoAuthorizations { rule: 0 })
    );
    let public = Rule {
        inject: bearer,
        ..rule("/a", Access::Public)
    };
    assert_eq!(
        RouteTable::new(vec![public]).err(),
        Some(TableError::PublicIdentity { rule: 0 })
    );
    assert_eq!(RouteTable::new(vec![]).err(), Some(TableError::Empty));
}

#[test]
fn patterns_that_could_never_match_are_refused() {
    for bad in [
        "admin", "/a/**/b", "/a*", "/a/../b", "/a//b", "/a%2e", "/a;b", "/a b", "/%61",
    ] {
        assert!(Pattern::parse(bad).is_err(), "{bad}");
    }
}
