//! What stops the start, and that it says so.

use super::*;

fn config(folder: &TempDir) -> Config {
    Config {
        api_issuer: "http://localhost:8081".to_owned(),
        api_audience: "goals".to_owned(),
        api_jwks_url: "http://localhost:8081/.well-known/jwks.json".to_owned(),
        app_issuer: "http://localhost:8080".to_owned(),
        app_jwks_url: "http://localhost:8080/auth/jwks.json".to_owned(),
        goals_file: folder.path().join("goals.json"),
    }
}

async fn open(config: Config) -> Result<App, OpenError> {
    App::open(
        config,
        Arc::new(TestClock::new()),
        Arc::new(SeededEntropy::new(1)),
    )
    .await
}

#[tokio::test]
async fn a_good_configuration_opens_without_any_issuer_being_there_yet() {
    let folder = tempfile::tempdir().unwrap();
    assert!(open(config(&folder)).await.is_ok());
}

#[tokio::test]
async fn keys_from_afar_without_tls_stop_the_start() {
    let folder = tempfile::tempdir().unwrap();
    for url in ["http://id.example.com/jwks.json", "nonsense"] {
        let mut config = config(&folder);
        config.api_jwks_url = url.to_owned();
        assert!(
            matches!(open(config).await.err(), Some(OpenError::Callers(_))),
            "{url}"
        );
    }
}

#[tokio::test]
async fn a_damaged_goals_file_stops_the_start_and_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let config = config(&folder);
    std::fs::write(&config.goals_file, "not json").unwrap();
    let refused = open(config).await.err().unwrap();
    let message = refused.to_string();
    assert!(
        message.contains("goals.json") && message.contains("damaged"),
        "{message}"
    );
}

/// An address where nobody listens: it was free a moment ago.
fn nobody_there() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}/jwks.json", listener.local_addr().unwrap())
}

#[tokio::test]
async fn while_the_keys_cannot_be_had_a_session_is_unclear_and_not_missing() {
    let world = World::new().await;
    let mut config = config(&world.folder);
    config.api_jwks_url = nobody_there();
    config.app_jwks_url = nobody_there();
    let deaf = World {
        app: open(config).await.unwrap(),
        ..world
    };
    let page = deaf.ada().get("/goals").await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE);
    assert!(!page.body.contains("Please log in"));
    assert_eq!(
        deaf.ada().get("/api/goals").await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(deaf.ada().get("/").await.status, StatusCode::OK);
    assert_eq!(
        deaf.anonymous().get("/goals").await.status,
        StatusCode::UNAUTHORIZED
    );
}
