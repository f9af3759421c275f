//! GD-02, GD-04: a path that could mean two things is never judged.

use proptest::prelude::*;

use super::*;

fn judged(path: &str, mendable: bool) -> Result<String, Refusal> {
    let uri: Uri = path.parse().map_err(|_| Refusal::BadPath)?;
    check(&uri, mendable, false).map(|path| path.as_str().to_owned())
}

#[test]
fn canonical_paths_pass_byte_for_byte() {
    for path in [
        "/",
        "/a",
        "/a/",
        "/a/b.c/d",
        "/a%20b",
        "/caf%C3%A9",
        "/.well-known/x",
        "/a/...",
        "/a..b",
        "/@x:y,z",
        "/_next/static/chunks/%5Bid%5D.js",
        "/a=b&c+d!$'()*",
    ] {
        assert_eq!(judged(path, true).as_deref(), Ok(path));
    }
}

#[test]
fn ambiguous_paths_are_refused_in_every_spelling() {
    // GD-04
    for path in [
        "/..",
        "/../admin",
        "/a/../b",
        "/a/./b",
        "/a/.",
        "/%2e%2e/admin",
        "/%2E./admin",
        "/a/.%2e",
        "/a%2fb",
        "/a%2Fb",
        "/a%5cb",
        "/a%5Cb",
        "/a%00",
        "/a%0d%0a",
        "/a%252fb",
        "/a%25",
        "/a;b",
        "/a;/../b",
        "/a%3bb",
        "/a%",
        "/a%2",
        "/a%zz",
        "/public/..%2fadmin",
        "/a/%2e/b",
        "/a%7F",
    ] {
        assert_eq!(judged(path, true), Err(Refusal::BadPath), "{path}");
        assert_eq!(judged(path, false), Err(Refusal::BadPath), "{path}");
    }
}

#[test]
fn another_spelling_is_redirected_to_the_one_that_is_judged() {
    for (path, canonical) in [
        ("/%61dmin", "/admin"),
        ("/caf%c3%a9", "/caf%C3%A9"),
        ("/a//b", "/a/b"),
        ("/a///b//", "/a/b/"),
        ("//evil.example/x", "/evil.example/x"),
        ("/%7Ebob?q=%7e&r=//x", "/~bob?q=%7e&r=//x"),
    ] {
        let uri = Uri::builder().path_and_query(path).build().unwrap();
        let refused = check(&uri, true, false);
        assert_eq!(
            refused,
            Err(Refusal::Respell(canonical.to_owned())),
            "{path}"
        );
        assert_eq!(check(&uri, false, false), Err(Refusal::BadPath), "{path}");
    }
}

#[test]
fn an_encoded_slash_passes_where_the_rule_says_so() {
    let uri: Uri = "/files/a%2Fb".parse().unwrap();
    assert!(check(&uri, true, true).is_ok());
    for dots in ["/files/..b%2F.c", "/files/a%2F...%2Fb"] {
        let uri: Uri = dots.parse().unwrap();
        assert!(check(&uri, true, true).is_ok(), "{dots}");
    }
}

#[test]
fn an_encoded_slash_hides_no_dot_segment_from_whoever_undoes_it() {
    // GD-04
    for path in [
        "/files/..%2Fadmin",
        "/files/..%2F..",
        "/files/x%2F..%2Fadmin",
        "/files/x%2F..",
        "/files/x%2F../admin",
        "/files/x%2F.%2Fadmin",
        "/files/x%2F%2e%2e%2Fadmin",
        "/files/x%2F%2E./admin",
    ] {
        let uri: Uri = path.parse().unwrap();
        assert_eq!(check(&uri, true, true), Err(Refusal::BadPath), "{path}");
    }
}

proptest! {
    /// What passes has no second meaning left, and mending is done in one step.
    #[test]
    fn accepted_paths_have_one_meaning(path in "/[a-cA-C0-9/.%;\\\\_~+2eEfF5]{0,24}") {
        let Ok(uri) = path.parse::<Uri>() else { return Ok(()) };
        match check(&uri, true, false) {
            Ok(path) => {
                let path = path.as_str();
                prop_assert!(!path.contains("//") && !path.contains('\\') && !path.contains(';'));
                prop_assert!(path.split('/').all(|s| s != "." && s != ".."));
                prop_assert_eq!(respell(path), path);
            }
            Err(Refusal::Respell(mended)) => {
                let again: Uri = mended.parse().unwrap();
                prop_assert!(check(&again, true, false).is_ok(), "{}", mended);
            }
            Err(refusal) => prop_assert_eq!(refusal, Refusal::BadPath),
        }
    }
}
