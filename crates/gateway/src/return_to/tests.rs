//! LG-09: nothing that a browser would take off this origin is a `ReturnTo`.

use proptest::prelude::*;

use super::*;

fn accepted(text: &str) -> bool {
    ReturnTo::parse(text, "/auth").is_some()
}

#[test]
fn paths_of_this_site_are_accepted_with_their_query() {
    for text in [
        "/",
        "/dashboard",
        "/goals?page=2&status=active",
        "/a/b#c",
        "/authors",
        "/x?u=//evil.example",
    ] {
        assert!(accepted(text), "{text}");
    }
}

#[test]
fn everything_that_could_leave_the_site_is_refused() {
    // LG-09
    let hosts = [
        "evil.example",
        "evil.example/%2f..",
        "localhost:8080@evil.example",
    ];
    let starts = [
        "",
        "http:",
        "https:",
        "http://",
        "https://",
        "//",
        "///",
        "////",
        "/\\",
        "\\/",
        "\\\\",
        "\\",
        "/\t/",
        "\t//",
        "/\n/",
        "/\r/",
        " //",
        "/ /",
        "/\u{b}/",
        "/\u{85}/",
        "/\u{a0}/",
        "/\u{3000}/",
        "javascript:",
        "data:text/html,",
        "/\u{2215}/",
        "/\u{ff0f}",
        "http:/",
        "https:\\\\",
        "//%09/",
        ".",
        "..",
        "./",
        "../",
        "?",
        "#",
        "%2f%2f",
        "%5c",
        "\u{0}/",
        "/\u{0}/",
        "blob:",
        "//\u{200b}",
        "\u{feff}//",
    ];
    for start in starts {
        for host in hosts {
            let text = format!("{start}{host}");
            assert!(!accepted(&text), "{text:?}");
        }
    }
}

#[test]
fn our_own_endpoints_are_no_destination() {
    for text in [
        "/auth",
        "/auth/login",
        "/AUTH/logout",
        "/x/../auth/logout",
        "/./auth",
        "/%2e/auth",
        "/auth?x",
    ] {
        assert!(!accepted(text), "{text}");
    }
}

#[test]
fn an_overlong_path_is_refused() {
    assert!(accepted(&format!("/{}", "a".repeat(2047))));
    assert!(!accepted(&format!("/{}", "a".repeat(2048))));
}

proptest! {
    #[test]
    fn whatever_is_accepted_stays_on_the_origin(text in "[/\\\\.a-z:@%\\t ?#]{0,40}") {
        if accepted(&text) {
            prop_assert!(text.starts_with('/') && !text.starts_with("//"));
            prop_assert!(!text.contains(['\\', '\t', ' ']));
        }
    }
}
