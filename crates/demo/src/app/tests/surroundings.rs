//! What is around the pages: the style sheet, the icon, the health check.

use super::*;

/// The style sheet's address, as a page names it.
async fn style_url(world: &World) -> String {
    let page = world.anonymous().get("/").await.body;
    let after = page.split("rel=\"stylesheet\" href=\"").nth(1).unwrap();
    after.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn the_style_sheet_is_cached_for_ever_under_its_hash_and_only_there() {
    let world = World::new().await;
    let url = style_url(&world).await;
    let style = world.anonymous().get(&url).await;
    assert_eq!(style.status, StatusCode::OK);
    assert_eq!(style.header("content-type"), "text/css; charset=utf-8");
    assert_eq!(
        style.header("cache-control"),
        "public, max-age=31536000, immutable"
    );
    for other in ["/assets/app.css", "/assets/app.css?v=0000000000000000"] {
        assert_eq!(
            world.anonymous().get(other).await.header("cache-control"),
            "no-cache"
        );
    }
}

#[tokio::test]
async fn only_the_assets_are_served_from_their_folder() {
    let world = World::new().await;
    assert_eq!(
        world
            .anonymous()
            .get("/assets/icon.svg")
            .await
            .header("content-type"),
        "image/svg+xml"
    );
    for missing in [
        "/assets/app.js",
        "/assets/..%2FCargo.toml",
        "/assets/",
        "/assets/app",
    ] {
        assert_eq!(
            world.anonymous().get(missing).await.status,
            StatusCode::NOT_FOUND,
            "{missing}"
        );
    }
}

#[tokio::test]
async fn health_is_told_to_anybody() {
    let world = World::new().await;
    let health = world.anonymous().get("/healthz").await;
    assert_eq!(
        (health.status, health.body.as_str()),
        (StatusCode::OK, "ok\n")
    );
}
