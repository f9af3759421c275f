use cloakroom_testkit::SeededEntropy;

use super::*;
use crate::config::Origin;
use crate::session::fixture::{config, raw_headers};

fn https() -> CookieNames {
    CookieNames::new(&config())
}

fn http() -> CookieNames {
    let mut config = config();
    config.public_url = Origin::parse("http://localhost:8080").unwrap();
    config.session.same_site = SameSite::Strict;
    CookieNames::new(&config)
}

#[test]
fn the_cookie_is_found_among_others() {
    let headers = raw_headers(&[b"a=1; __Host-Http-cloakroom=v1.x=y; b=2", b"c=3"]);
    assert_eq!(https().find(&headers), Found::One(b"v1.x=y"));
    assert_eq!(http().find(&raw_headers(&[b"cloakroom="])), Found::One(b""));
    assert_eq!(https().find(&raw_headers(&[])), Found::None);
}

#[test]
fn two_cookies_of_our_name_are_none_wherever_they_stand() {
    // CK-15
    let one = b"__Host-Http-cloakroom=1".as_slice();
    assert_eq!(https().find(&raw_headers(&[one, one])), Found::Ambiguous);
    let both = b"__Host-Http-cloakroom=1; x=y; __Host-Http-cloakroom=2";
    assert_eq!(https().find(&raw_headers(&[both])), Found::Ambiguous);
    let device = b"__Host-Http-cloakroom-device=AAAAAAAAAAAAAAAAAAAAAA";
    assert!(https().device(&raw_headers(&[device])).is_some());
    assert!(https().device(&raw_headers(&[device, device])).is_none());
}

#[test]
fn a_name_counts_only_byte_for_byte() {
    // CK-16
    for lookalike in [
        &b"\xe2\x80\x80__Host-Http-cloakroom=x"[..],
        b"__host-http-cloakroom=x",
        b"__HOST-HTTP-CLOAKROOM=x",
        b"__Host-Http-cloakroom =x",
        b"a=1;  __Host-Http-cloakroom=x",
        b"a=1;\t__Host-Http-cloakroom=x",
        b"\"__Host-Http-cloakroom\"=x",
        b"__Host-Http-cloakroom",
        b"__Host-Http-cloakroom2=x",
        b"__Host-Http-cloakroom[0]=x",
        b"x__Host-Http-cloakroom=x",
        b"a=__Host-Http-cloakroom=x",
        b"__Host-Http%2dcloakroom=x",
        b"$Version=1, __Host-Http-cloakroom=x",
        b"cloakroom=x",
        b"__Host-cloakroom=x",
    ] {
        let headers = raw_headers(&[lookalike]);
        assert_eq!(
            https().find(&headers),
            Found::None,
            "{}",
            lookalike.escape_ascii()
        );
    }
}

#[test]
fn a_quoted_value_is_taken_as_it_stands() {
    // CK-16: what RFC 2109 would have read as one quoted value is three pairs.
    let headers = raw_headers(&[b"$Version=1; a=\"; __Host-Http-cloakroom=v; c=\""]);
    assert_eq!(https().find(&headers), Found::One(b"v"));
    let headers = raw_headers(&[b"__Host-Http-cloakroom=\"v\""]);
    assert_eq!(https().find(&headers), Found::One(b"\"v\""));
}

#[test]
fn ours_never_go_upstream_and_the_others_stay_as_they_were() {
    // PX-11
    for (sent, forwarded) in [
        ("cloakroom=v", None),
        ("cloakroom=v;", None),
        ("cloakroom=v; cloakroom-device=d", None),
        ("a=1", Some("a=1")),
        ("a=1; cloakroom=v; b=\"x y\"", Some("a=1; b=\"x y\"")),
        ("cloakroom=v; a=1;b=2 ;  c=3", Some("a=1;b=2 ;  c=3")),
        ("a=1; cloakroom=v", Some("a=1")),
        ("a=1; \tcloakroom =v", Some("a=1")),
        ("cloakroom=1; a=1; cloakroom=2", Some("a=1")),
        (
            "cloakroom2=v; a=cloakroom=v",
            Some("cloakroom2=v; a=cloakroom=v"),
        ),
        (
            "__Host-Http-cloakroom=not-ours-here",
            Some("__Host-Http-cloakroom=not-ours-here"),
        ),
    ] {
        let value = HeaderValue::from_str(sent).unwrap();
        let stripped = http().strip(&value);
        assert_eq!(
            stripped.as_ref().map(|value| value.to_str().unwrap()),
            forwarded,
            "{sent}"
        );
    }
}

#[test]
fn an_upstream_cannot_set_ours() {
    // PX-11
    for ours in [
        "cloakroom=x; Path=/",
        "cloakroom=",
        " cloakroom = x",
        "cloakroom-device=x",
        "=cloakroom=x",
        "= cloakroom=x; Path=/",
        "cloakroom",
    ] {
        assert!(http().is_ours(ours.as_bytes()), "{ours}");
    }
    for other in [
        "session=x",
        "cloakroom2=x",
        "a=cloakroom=x",
        "Cloakroom=x",
        "",
        "=",
    ] {
        assert!(!http().is_ours(other.as_bytes()), "{other}");
    }
}

#[test]
fn the_cookie_has_the_attributes_of_the_public_address() {
    // CK-01, CK-02, CK-03
    let value = CookieValue::draw(&SeededEntropy::new(1));
    let set = https().set_session(&value).unwrap();
    let expected = format!(
        "__Host-Http-cloakroom={}; Path=/; Max-Age=1209600; HttpOnly; SameSite=Lax; Secure",
        *value.to_text()
    );
    assert_eq!(set.as_bytes(), expected.as_bytes());
    assert!(set.is_sensitive());
    let set = http().set_session(&value).unwrap();
    let expected = format!(
        "cloakroom={}; Path=/; Max-Age=1209600; HttpOnly; SameSite=Strict",
        *value.to_text()
    );
    assert_eq!(set.as_bytes(), expected.as_bytes());
}

#[test]
fn clearing_repeats_the_attributes() {
    // CK-19
    assert_eq!(
        https().clear_session().unwrap().to_str().unwrap(),
        "__Host-Http-cloakroom=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure"
    );
    assert_eq!(
        http().clear_session().unwrap().to_str().unwrap(),
        "cloakroom=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"
    );
}

#[test]
fn a_device_keeps_its_name_for_400_days() {
    let name = DeviceName::draw(&SeededEntropy::new(1));
    let set = https().set_device(&name).unwrap();
    let expected = format!(
        "__Host-Http-cloakroom-device={}; Path=/; Max-Age=34560000; HttpOnly; SameSite=Lax; Secure",
        name.as_str()
    );
    assert_eq!(set.to_str().unwrap(), expected);
}
