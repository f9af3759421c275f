use cloakroom_testkit::SeededEntropy;

use super::*;

#[test]
fn a_value_is_read_back_as_it_was_written() {
    let drawn = CookieValue::draw(&SeededEntropy::new(1));
    let text = drawn.to_text();
    assert_eq!(text.len(), 69);
    let read = CookieValue::parse(text.as_bytes()).unwrap();
    assert_eq!(read.lookup_id(), drawn.lookup_id());
    assert_eq!(read.verifier(), drawn.verifier());
    assert_eq!(read.key(), drawn.key());
    assert_eq!(*read.to_text(), *text);
}

#[test]
fn the_store_gets_hashes_and_neither_half_itself() {
    // CK-10
    let cookie = CookieValue::draw(&SeededEntropy::new(1));
    assert_eq!(cookie.id.len() * 8, 128);
    assert_eq!(cookie.secret.len() * 8, 256);
    assert_ne!(
        cookie.lookup_id().as_bytes().get(..16),
        Some(&cookie.id[..])
    );
    assert_ne!(cookie.verifier().as_bytes(), &*cookie.secret);
}

#[test]
fn there_is_no_second_spelling_of_a_value() {
    let good = CookieValue::draw(&SeededEntropy::new(1)).to_text();
    let (id, secret) = good.strip_prefix("v1.").unwrap().split_once('.').unwrap();
    // Six bits of the last character of the id are padding in part: the next character decodes to the same bytes
    // where a decoder is lax.
    let mut lax = id.as_bytes().to_vec();
    *lax.last_mut().unwrap() += 1;
    let lax = String::from_utf8(lax).unwrap();
    for bad in [
        String::new(),
        "v1..".into(),
        format!("V1.{id}.{secret}"),
        format!("v2.{id}.{secret}"),
        format!("v1.{id}.{secret}="),
        format!("v1.{id}=.{secret}"),
        format!(" v1.{id}.{secret}"),
        format!("v1.{id}.{secret} "),
        format!("\"v1.{id}.{secret}\""),
        format!("v1.{secret}.{id}"),
        format!("v1-{id}.{secret}"),
        format!("v1.{id}-{secret}"),
        format!("v1.{lax}.{secret}"),
        format!("v1.{id}.{}+", &secret[..42]),
        format!("v1.{id}.{}", &secret[..42]),
        format!("v1.{id}.{secret}A"),
    ] {
        assert!(CookieValue::parse(bad.as_bytes()).is_none(), "{bad}");
    }
    assert!(CookieValue::parse(&[0xff; 69]).is_none());
    assert!(CookieValue::parse(good.as_bytes()).is_some());
}

#[test]
fn a_session_and_a_device_are_never_taken_for_each_other() {
    // CK-09
    let entropy = SeededEntropy::new(1);
    let device = DeviceName::draw(&entropy);
    assert!(CookieValue::parse(device.as_str().as_bytes()).is_none());
    assert!(DeviceName::parse(CookieValue::draw(&entropy).to_text().as_bytes()).is_none());
    assert_eq!(
        DeviceName::parse(device.as_str().as_bytes())
            .unwrap()
            .as_str(),
        device.as_str()
    );
    assert_eq!(device.as_str().len(), 22);
}

#[test]
fn debug_output_shows_no_secret() {
    let entropy = SeededEntropy::new(1);
    let shown = format!(
        "{:?} {:?}",
        CookieValue::draw(&entropy),
        DeviceName::draw(&entropy)
    );
    assert_eq!(shown, "CookieValue DeviceName");
}
