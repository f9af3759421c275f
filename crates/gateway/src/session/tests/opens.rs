//! Which cookies open what.

use cloakroom_core::EndReason;
use cloakroom_core::ports::random;
use cloakroom_testkit::SeededEntropy;
use http::header::{CACHE_CONTROL, SET_COOKIE};
use http::{HeaderMap, HeaderValue};

use super::super::fixture::{client, raw_headers, ring};
use super::*;

#[tokio::test]
async fn a_session_opens_by_its_cookie_here_and_on_another_gateway() {
    let world = World::new();
    let (begun, cookie) = world.login().await;
    for sessions in [Arc::clone(&world.sessions), world.another()] {
        let opened = known(sessions.open(&headers(&cookie)).await).unwrap();
        assert_eq!(opened.handle, begun.handle);
        assert_eq!(opened.tokens, begun.tokens);
        assert_eq!(opened.headers.authorization, "Bearer access-1");
        assert_eq!(opened.headers.user_id, "ada");
        assert_eq!(opened.headers.assertion, begun.headers.assertion);
        assert_eq!(opened.headers.sid, begun.handle.as_str());
        assert!(opened.headers.authorization.is_sensitive());
    }
}

#[tokio::test]
async fn only_exposed_claims_are_kept() {
    let world = World::new();
    let (session, _) = world.login().await;
    assert!(session.profile.claims.contains_key("tier"));
    assert!(!session.profile.claims.contains_key("secret"));
}

#[tokio::test]
async fn a_hundred_thousand_mutated_cookies_open_nothing() {
    // CK-07
    let world = World::new();
    let (_, cookie) = world.login().await;
    world.sessions.read_feed().await.unwrap();
    let good = cookie.to_text().as_bytes().to_vec();
    let dice = SeededEntropy::new(99);
    for round in 0..100_000_usize {
        let [kind, at, with, more] = random(&dice);
        let mut bad = good.clone();
        let at = usize::from(at) % bad.len();
        match kind % 4 {
            0 => bad[at] ^= 1 << (with % 7),
            1 => bad.truncate(at),
            2 => bad.insert(at, b'A' + with % 26),
            _ => bad.extend(std::iter::repeat_n(
                b'a' + with % 26,
                usize::from(more % 40) + 1,
            )),
        }
        // What a mutation has turned into a control or a separator is no value of ours any more either.
        let bad: Vec<u8> = bad
            .into_iter()
            .filter(|byte| (0x21..0x7f).contains(byte))
            .collect();
        if bad == good || bad.contains(&b';') {
            continue;
        }
        let mut line = b"__Host-Http-cloakroom=".to_vec();
        line.extend_from_slice(&bad);
        let visitor = world.sessions.open(&raw_headers(&[&line])).await;
        let told = stranger(&visitor).unwrap_or_else(|| panic!("round {round}"));
        assert_eq!(
            told,
            Anonymous {
                reason: None,
                cookie: StrayCookie::Dead
            }
        );
    }
    assert!(known(world.open(&cookie).await).is_some());
}

#[tokio::test]
async fn the_right_id_with_a_wrong_secret_opens_nothing_cached_or_not_ended_or_not() {
    let world = World::new();
    let (session, cookie) = world.login().await;
    let (other, stranger_cookie) = world.login().await;
    let mixed = format!(
        "{}{}",
        &cookie.to_text()[..26],
        &stranger_cookie.to_text()[26..]
    );
    let mixed = CookieValue::parse(mixed.as_bytes()).unwrap();
    assert_eq!(mixed.lookup_id(), session.id);
    let nothing = Anonymous {
        reason: None,
        cookie: StrayCookie::Dead,
    };
    assert_eq!(stranger(&world.open(&mixed).await), Some(nothing));
    // The same session in a world where its time is over: the reason is not told either.
    let later = World::new();
    assert_eq!(later.login().await.0.id, session.id);
    later.clock.advance(8 * 24 * 3600 * SECOND);
    assert_eq!(stranger(&later.open(&mixed).await), Some(nothing));
    world
        .sessions
        .end_this(&session, EndReason::Logout)
        .await
        .unwrap();
    assert_eq!(stranger(&world.open(&mixed).await), Some(nothing));
    let told = Anonymous {
        reason: Some(EndReason::Logout),
        cookie: StrayCookie::Dead,
    };
    assert_eq!(stranger(&world.open(&cookie).await), Some(told));
    assert_eq!(
        known(world.open(&stranger_cookie).await).unwrap().handle,
        other.handle
    );
}

#[tokio::test]
async fn two_cookies_of_our_name_are_no_session_and_nothing_is_cleared() {
    // CK-15
    let world = World::new();
    let (_, cookie) = world.login().await;
    let line = format!("__Host-Http-cloakroom={}", *cookie.to_text());
    let visitor = world
        .sessions
        .open(&raw_headers(&[line.as_bytes(), line.as_bytes()]))
        .await;
    let told = Anonymous {
        reason: None,
        cookie: StrayCookie::Ambiguous,
    };
    assert_eq!(stranger(&visitor), Some(told));
    let mut answer = HeaderMap::new();
    world.sessions.commit(&visitor, None, &mut answer);
    assert!(answer.is_empty());
}

#[tokio::test]
async fn a_login_gives_a_new_cookie_and_kills_the_session_that_was_there() {
    // CK-11
    let world = World::new();
    let planted = CookieValue::draw(&SeededEntropy::new(77));
    let (old, old_cookie) = world.login().await;
    let grant = world.provider.grant("ada");
    let begun = world
        .sessions
        .begin(grant, world.clock.now(), &client(), Some(&old))
        .await;
    let (new, new_cookie) = begun.unwrap();
    assert_ne!(new_cookie.key(), old_cookie.key());
    assert_ne!(new_cookie.lookup_id(), old_cookie.lookup_id());
    assert_ne!(new.handle, old.handle);
    let told = Anonymous {
        reason: Some(EndReason::Replaced),
        cookie: StrayCookie::Dead,
    };
    assert_eq!(stranger(&world.open(&old_cookie).await), Some(told));
    assert!(known(world.open(&planted).await).is_none());
    assert!(known(world.open(&new_cookie).await).is_some());
}

#[tokio::test]
async fn a_hit_asks_nobody() {
    let world = World::new();
    let (_, cookie) = world.login().await;
    world.sessions.read_feed().await.unwrap();
    assert!(known(world.open(&cookie).await).is_some());
    world.store.fail(true);
    assert!(hit(&world.sessions, &cookie).is_some());
}

#[tokio::test]
async fn a_key_taken_out_of_the_ring_closes_what_it_sealed() {
    let world = World::new();
    let (_, cookie) = world.login().await;
    world.sealing.replace(ring(&[("seal-1", 1), ("seal-2", 2)]));
    assert!(known(world.another().open(&headers(&cookie)).await).is_some());
    world.sealing.replace(ring(&[("seal-2", 2)]));
    let visitor = world.another().open(&headers(&cookie)).await;
    assert_eq!(
        stranger(&visitor),
        Some(Anonymous {
            reason: None,
            cookie: StrayCookie::Dead
        })
    );
}

#[tokio::test]
async fn each_exit_writes_the_cookie_that_belongs_to_it_and_forbids_to_store_it() {
    // CK-17, CK-19
    let world = World::new();
    let (session, cookie) = world.login().await;
    let device = DeviceName::draw(&SeededEntropy::new(3));
    let dead = Visitor::Anonymous(Anonymous {
        reason: None,
        cookie: StrayCookie::Dead,
    });
    let begin = SessionChange::Begin {
        cookie,
        device: Some(device),
    };
    let written = |visitor: &Visitor, change: Option<SessionChange>| {
        let mut answer = HeaderMap::new();
        answer.insert(CACHE_CONTROL, HeaderValue::from_static("public"));
        world.sessions.commit(visitor, change, &mut answer);
        let cookies = answer.get_all(SET_COOKIE).iter();
        let cookies: Vec<_> = cookies
            .map(|value| value.to_str().unwrap().to_owned())
            .collect();
        assert_eq!(answer[CACHE_CONTROL] == "no-store", !cookies.is_empty());
        cookies
    };
    let known = Visitor::Known(session);
    let set = written(&dead, Some(begin));
    assert_eq!(set.len(), 2, "a login clears nothing of what it sets");
    assert!(set[0].starts_with("__Host-Http-cloakroom=v1."));
    assert!(set[1].starts_with("__Host-Http-cloakroom-device="));
    let cleared = "__Host-Http-cloakroom=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax; Secure";
    assert_eq!(written(&known, Some(SessionChange::End)), [cleared]);
    assert_eq!(written(&dead, None), [cleared]);
    assert!(written(&known, None).is_empty());
    assert!(written(&Visitor::Unavailable, None).is_empty());
    assert!(written(&Visitor::Anonymous(Anonymous::default()), None).is_empty());
}
