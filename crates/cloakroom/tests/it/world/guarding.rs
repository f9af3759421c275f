//! Whatever is malformed is nobody, whatever breaks is refused, and neither takes the process along.

use cloakroom_core::ports::{Entropy, random};
use cloakroom_testkit::SeededEntropy;
use http::StatusCode;

use super::assembly::World;
use super::person::{Ask, COOKIE};

/// A header value that no honest browser sends: the `n`th of a fixed, mixed series.
fn malformed(n: usize, real: &str, entropy: &SeededEntropy) -> Vec<u8> {
    let mut noise = vec![0; 1 + n % 90];
    entropy.fill(&mut noise);
    let printable: Vec<u8> = noise.iter().map(|byte| 0x21 + byte % 94).collect();
    let opaque: Vec<u8> = noise.iter().map(|byte| byte | 0x80).collect();
    let [at, bit] = random::<2>(entropy);
    let at = usize::from(at) % real.len();
    let with = |value: &[u8]| [COOKIE.as_bytes(), b"=", value].concat();
    match n % 12 {
        0 => with(
            &printable
                .iter()
                .copied()
                .filter(|byte| !b";".contains(byte))
                .collect::<Vec<_>>(),
        ),
        1 => with(&opaque),
        2 => with(&real.as_bytes()[..at]),
        3 => with(&[real.as_bytes(), &[b'A' + bit % 26]].concat()),
        4 => {
            let mut flipped = real.as_bytes().to_vec();
            // Another character of the same alphabet or of none, never the same one.
            flipped[at] = if flipped[at] == b'Q' { b'-' } else { b'Q' };
            with(&flipped)
        }
        5 => [with(real.as_bytes()), b"; ".to_vec(), with(real.as_bytes())].concat(),
        6 => with(&[b"\"", real.as_bytes(), b"\""].concat()),
        7 => [
            b"$Version=1; ",
            COOKIE.to_lowercase().as_bytes(),
            b"=",
            real.as_bytes(),
        ]
        .concat(),
        8 => [b"\xe2\x80\x80", with(real.as_bytes()).as_slice()].concat(),
        9 => with(real.replace("v1.", "v2.").as_bytes()),
        10 => with(real.replace('.', "%2E").as_bytes()),
        _ => [COOKIE.as_bytes(), b" =", real.as_bytes()].concat(),
    }
}

const AUTHORIZATIONS: [&[u8]; 8] = [
    b"Bearer %",
    b"Bearer",
    b"Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9.",
    b"Basic \xff\xfe",
    b"bearer  x y z",
    b"Negotiate AAAA",
    b"\"",
    b"Bearer \xe2\x80\x80",
];

// GD-08, GD-09, CK-07, CK-15, CK-16
#[tokio::test]
async fn ten_thousand_malformed_cookies_and_authorizations_reach_the_app_as_nobody() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    let real = ada.cookie().unwrap();
    let entropy = SeededEntropy::new(4);
    let mut wire = world.anonymous().connect().await;
    let mut forwarded = 0;
    for n in 0..10_000 {
        let path = ["/", "/api/goals", "/dashboard", "/public/x"][n % 4];
        let cookie = malformed(n / 4, &real, &entropy);
        let ask = Ask::fetch(path)
            .raw("cookie", &cookie)
            .raw("authorization", AUTHORIZATIONS[n % AUTHORIZATIONS.len()])
            .with("x-user-id", "1")
            .with("x-cloakroom-session", "forged");
        let answer = wire.send(ask).await;
        let shown = String::from_utf8_lossy(&cookie).into_owned();
        let open = ["/", "/public/x"].contains(&path);
        let expected = if open {
            StatusCode::OK
        } else {
            StatusCode::UNAUTHORIZED
        };
        assert_eq!(answer.status, expected, "{path} {shown}");
        assert!(!answer.sets_a_session(), "{path} {shown}");
        forwarded += usize::from(open);
        for seen in world.app.take_seen() {
            assert!(!seen.has_identity(), "{path} {shown} {:?}", seen.headers);
        }
    }
    assert_eq!(forwarded, 5000);
    assert_eq!(
        ada.fetch("/api/goals").await.status,
        StatusCode::OK,
        "the real one is unharmed"
    );
}

// GD-12
#[tokio::test]
async fn a_method_that_a_path_does_not_know_is_refused_with_those_it_does() {
    let world = World::new();
    let refused = world.anonymous().send(Ask::post("/auth/session")).await;
    assert_eq!(refused.status, StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(refused.code(), "method_not_allowed");
    assert_eq!(refused.header("allow"), Some("GET,HEAD"));
}

// AU-06
#[tokio::test]
async fn a_panic_is_that_requests_500_and_nobody_elses() {
    let world = World::new();
    let ada = world.signed_in("ada").await;
    world.app.panic_when_dialled(true);
    let answer = ada.fetch("/api/goals").await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    assert_eq!(answer.code(), "internal");
    assert!(
        !answer.text().contains("on purpose"),
        "the cause stays inside (AU-05)"
    );
    assert!(answer.leaves_cookies_alone());
    world.app.panic_when_dialled(false);
    assert_eq!(ada.fetch("/api/goals").await.status, StatusCode::OK);
}
