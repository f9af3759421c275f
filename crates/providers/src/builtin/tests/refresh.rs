//! Refreshing and revoking: which refusals are final, and which only look so.

use super::*;

fn refresh_token() -> RefreshToken {
    RefreshToken::new("r0".to_owned())
}

fn tokens(refresh: Option<RefreshToken>) -> TokenSet {
    TokenSet {
        access: access(),
        received: Timestamp::from_secs(0),
        access_expires: Timestamp::from_secs(60),
        refresh,
        predecessor: None,
    }
}

impl World {
    async fn refresh(&self) -> Result<Grant, ProviderError> {
        self.provider.refresh(&refresh_token()).await
    }
}

#[tokio::test]
async fn a_refresh_presents_the_token_with_the_gateways_credential() {
    let world = World::new();
    world.answers([Reply::json(200, &world.issued())]);
    let grant = world.refresh().await.unwrap();
    assert_eq!(grant.tokens.refresh.unwrap().expose(), "r1");
    let sent = &world.sent()[0];
    assert_eq!(sent.uri.path(), "/api/v1/refresh");
    assert_eq!(header(sent, "authorization"), Some(basic("ab").as_str()));
    assert_eq!(header(sent, "content-type"), Some("application/json"));
    assert_eq!(sent.body, r#"{"refresh_token":"r0"}"#);
    assert_eq!(world.provider.retry(), Retry::Idempotent);
}

// RF-10
#[tokio::test]
async fn only_a_refusal_that_is_spelled_out_is_final() {
    let world = World::new();
    for code in ["invalid_grant", "revoked"] {
        world.answers([Reply::refusal(401, code)]);
        let refused = world.refresh().await.unwrap_err();
        assert_eq!(refused, ProviderError::Refused);
        assert!(refused.is_final());
    }
    for reply in [
        Reply::refusal(401, "invalid_client"),
        Reply::refusal(401, "unknown"),
        Reply::refusal(401, "something_new"),
        Reply::refusal(400, "invalid_grant"),
        Reply::refusal(403, "revoked"),
        Reply::refusal(401, "invalid_grant").with("content-type", "text/html"),
        Reply::refusal(409, "stale"),
        Reply::refusal(500, "invalid_grant"),
        Reply::bare(401),
        Reply::bare(403),
        Reply::bare(404),
        Reply::bare(429),
        Reply::bare(503),
        Reply::bare(302),
    ] {
        let (status, body) = (reply.status, reply.body.clone());
        world.answers([reply]);
        let refused = world.refresh().await.unwrap_err();
        assert!(!refused.is_final(), "{status} {body}: {refused:?}");
    }
}

#[tokio::test]
async fn stale_and_unknown_are_told_apart() {
    let world = World::new();
    for (reply, expected) in [
        (Reply::refusal(409, "stale"), ProviderError::Stale),
        (Reply::refusal(401, "unknown"), ProviderError::Unknown),
    ] {
        world.answers([reply]);
        assert_eq!(world.refresh().await.unwrap_err(), expected);
    }
}

#[tokio::test]
async fn trouble_on_the_way_leaves_everything_open() {
    let world = World::new();
    for reply in [
        Reply::refusal(401, "invalid_client"),
        Reply::bare(429).with("retry-after", "5"),
        Reply::bare(500),
        Reply::bare(503),
    ] {
        let status = reply.status;
        world.answers([reply]);
        let failed = world.refresh().await;
        assert!(
            matches!(failed, Err(ProviderError::Unavailable(_))),
            "{status}"
        );
    }
    world
        .outbound
        .on("id.test:81", |_| async { Err(interrupted()) });
    assert!(matches!(
        world.refresh().await,
        Err(ProviderError::Unavailable(_))
    ));
}

#[tokio::test]
async fn revoking_names_the_refresh_token_or_else_the_access_token() {
    let world = World::new();
    world.answers([Reply::bare(200), Reply::bare(200)]);
    world
        .provider
        .revoke(&tokens(Some(refresh_token())))
        .await
        .unwrap();
    world.provider.revoke(&tokens(None)).await.unwrap();
    let sent = world.sent();
    assert_eq!(sent[0].uri.path(), "/oauth2/revoke");
    assert_eq!(
        header(&sent[0], "authorization"),
        Some(basic("ab").as_str())
    );
    assert_eq!(sent[0].body, "token=r0&token_type_hint=refresh_token");
    assert_eq!(sent[1].body, "token=a1&token_type_hint=access_token");
}

#[tokio::test]
async fn a_revocation_that_was_not_done_is_an_error() {
    let world = World::new();
    for reply in [
        Reply::refusal(401, "invalid_client"),
        Reply::bare(503),
        Reply::bare(400),
    ] {
        let status = reply.status;
        world.answers([reply]);
        let failed = world.provider.revoke(&tokens(None)).await;
        assert!(failed.is_err(), "{status}");
    }
}
