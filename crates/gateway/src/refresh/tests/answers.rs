//! What each answer of a provider does to the session.

use cloakroom_core::ports::ProviderError;
use cloakroom_core::token::RefreshToken;

use super::*;

#[tokio::test]
async fn a_certain_no_ends_the_session() {
    // RF-10
    let scene = Scene::expired().await;
    scene.world.provider.answers([Err(ProviderError::Refused)]);
    let ended = Some(Unfresh::Ended(EndReason::IssuerRefused));
    assert_eq!(scene.fresh().await.err(), ended);
    assert_eq!(
        reason(&scene.stored().await),
        Some(EndReason::IssuerRefused)
    );
}

#[tokio::test]
async fn trouble_keeps_the_session_and_is_no_logout() {
    // RF-10
    for trouble in [
        ProviderError::Unavailable("timeout".into()),
        ProviderError::Nonsense("no JSON".into()),
        ProviderError::RateLimited {
            retry_after: 30 * SECOND,
        },
        ProviderError::InvalidCredentials,
    ] {
        let scene = Scene::expired().await;
        scene.world.provider.answers([Err(trouble)]);
        assert_eq!(scene.fresh().await.err(), Some(Unfresh::Unavailable));
        assert_eq!(
            stored_access(&scene.stored().await).as_deref(),
            Some("access-1")
        );
        assert_eq!(
            access(&scene.fresh().await.unwrap()),
            "access-2",
            "the next request tries again"
        );
    }
}

#[tokio::test]
async fn an_unexpired_token_is_used_while_there_is_trouble() {
    let scene = Scene::with_left(10 * SECOND).await;
    scene
        .world
        .provider
        .answers([Err(ProviderError::Unavailable("down".into()))]);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
}

#[tokio::test]
async fn a_provider_that_asks_to_wait_is_left_alone_for_that_time() {
    let scene = Scene::with_left(25 * SECOND).await;
    scene
        .world
        .provider
        .answers([Err(ProviderError::RateLimited {
            retry_after: 10 * SECOND,
        })]);
    scene.fresh().await.unwrap();
    scene.world.clock.advance(9 * SECOND);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-1");
    scene.world.clock.advance(SECOND);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-2");
    assert_eq!(scene.world.provider.presented().len(), 2);
}

#[tokio::test]
async fn store_trouble_is_no_logout_either() {
    let scene = Scene::expired().await;
    scene.world.store.fail(true);
    assert_eq!(scene.fresh().await.err(), Some(Unfresh::StoreUnavailable));
    scene.world.store.fail(false);
    assert_eq!(access(&scene.fresh().await.unwrap()), "access-2");
}

#[tokio::test]
async fn a_token_that_nobody_renewed_after_all_means_that_the_store_has_lost_writes() {
    let scene = Scene::expired().await;
    scene.world.provider.answers([Err(ProviderError::Stale)]);
    let mut request = scene.request();
    assert!(
        scene
            .wait(&mut request, Duration::from_millis(1500))
            .await
            .is_none()
    );
    let landed = scene.wait(&mut request, SECOND).await.unwrap();
    assert_eq!(landed.err(), Some(Unfresh::Ended(EndReason::RolledBack)));
    assert_eq!(reason(&scene.stored().await), Some(EndReason::RolledBack));
}

#[tokio::test]
async fn an_issuer_that_lost_its_last_commits_is_shown_the_predecessor_once() {
    let scene = Scene::expired().await;
    let second = scene.fresh().await.unwrap();
    scene.world.clock.advance(LIFE);
    scene.world.provider.answers([Err(ProviderError::Unknown)]);
    let third = scene.refresher.fresh(second, Need::IfDue).await.unwrap();
    assert_eq!(
        scene.world.provider.presented(),
        ["refresh-1", "refresh-2", "refresh-1"]
    );
    assert_eq!(access(&third), "access-3");
    assert_eq!(
        third.tokens.predecessor.as_ref().map(RefreshToken::expose),
        Some("refresh-1")
    );
}

#[tokio::test]
async fn a_token_that_is_unknown_like_its_predecessor_ends_the_session() {
    let scene = Scene::expired().await;
    let second = scene.fresh().await.unwrap();
    scene.world.clock.advance(LIFE);
    scene
        .world
        .provider
        .answers([Err(ProviderError::Unknown), Err(ProviderError::Unknown)]);
    let over = scene.refresher.fresh(second, Need::IfDue).await;
    assert_eq!(over.err(), Some(Unfresh::Ended(EndReason::IssuerRefused)));
    assert_eq!(scene.world.provider.presented().len(), 3);
    assert_eq!(
        reason(&scene.stored().await),
        Some(EndReason::IssuerRefused)
    );
}

#[tokio::test]
async fn tokens_of_somebody_else_end_the_session_and_are_revoked() {
    let scene = Scene::expired().await;
    let foreign = scene.world.provider.grant("mallory");
    scene.world.provider.answers([Ok(foreign)]);
    let over = scene.fresh().await;
    assert_eq!(over.err(), Some(Unfresh::Ended(EndReason::IssuerRefused)));
    assert_eq!(scene.world.provider.revoked(), ["access-2"]);
    assert_eq!(
        reason(&scene.stored().await),
        Some(EndReason::IssuerRefused)
    );
}

#[tokio::test]
async fn a_provider_that_does_not_rotate_leaves_the_refresh_token_in_place() {
    // RF-15
    let scene = Scene::expired().await;
    let mut grant = scene.world.provider.grant("ada");
    grant.tokens.refresh = None;
    grant.tokens.access_expires = scene.world.clock.now().plus(LIFE);
    scene.world.provider.answers([Ok(grant)]);
    let renewed = scene.fresh().await.unwrap();
    assert_eq!(access(&renewed), "access-2");
    assert_eq!(
        renewed.tokens.refresh.as_ref().map(RefreshToken::expose),
        Some("refresh-1")
    );
    assert_eq!(renewed.tokens.predecessor, None);
}

#[tokio::test]
async fn roles_are_those_of_the_last_refresh() {
    let scene = Scene::expired().await;
    let mut grant = scene.world.provider.grant("ada");
    grant.profile.roles.clear();
    scene.world.provider.answers([Ok(grant)]);
    assert!(scene.session.profile.has_any_role(&["admin".into()]));
    let renewed = scene.fresh().await.unwrap();
    assert!(!renewed.profile.has_any_role(&["admin".into()]));
    assert_ne!(renewed.headers.assertion, scene.session.headers.assertion);
    assert!(
        !renewed.profile.claims.contains_key("secret"),
        "only exposed claims"
    );
}
