//! The crate as an API server and a web app use it, with nothing but its public names.

#![expect(
    clippy::unwrap_used,
    reason = "a test stops at the first thing that is not as it should be"
)]

use axum::body::Body;
use axum::routing::get;
use axum::{Router, extract::Request};
use cloakroom_axum::testing::TestIssuer;
use cloakroom_axum::{
    Assertion, AuthError, CurrentUser, HttpFetch, OptionalUser, RequireRole, RequireUser, Session,
};
use cloakroom_jose::{Fetch, FetchError};
use http::{HeaderMap, StatusCode, header};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tower::ServiceExt as _;

const NOW: i64 = 1_800_000_000;

fn api(issuer: &TestIssuer) -> Router {
    let admin = Router::new()
        .route("/admin", get(async || "admin"))
        .layer(RequireRole::any(["admin", "root"]));
    let closed = Router::new()
        .route("/closed", get(async || "closed"))
        .layer(RequireUser);
    Router::new()
        .route("/public", get(async || "public"))
        .route("/me", get(async |user: CurrentUser| user.id))
        .route("/maybe", get(maybe))
        .route("/purge", get(purge))
        .merge(admin)
        .merge(closed)
        .layer(issuer.verify())
}

async fn maybe(OptionalUser(user): OptionalUser) -> String {
    user.map_or_else(|| "nobody".to_owned(), |user| user.name)
}

async fn purge(user: CurrentUser) -> Result<&'static str, AuthError> {
    user.require_role("admin")?;
    Ok("purged")
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

async fn ask(app: Router, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = app
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status,
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// Asks as the user with these claims.
async fn ask_as(issuer: &TestIssuer, path: &str, claims: Value) -> Answer {
    let bearer = issuer.bearer(&claims).unwrap();
    ask(api(issuer), path, &[("authorization", &bearer)]).await
}

#[tokio::test]
async fn a_handler_learns_who_is_calling() {
    let issuer = TestIssuer::new().unwrap();
    let answer = ask_as(&issuer, "/me", json!({"sub": "42"})).await;
    assert_eq!(
        (answer.status, answer.body.as_str()),
        (StatusCode::OK, "42")
    );
}

#[tokio::test]
async fn all_that_a_token_tells_is_there() {
    let issuer = TestIssuer::new().unwrap();
    let app = Router::new()
        .route("/", get(async |user: CurrentUser| format!("{user:?}")))
        .layer(issuer.verify());
    let claims = json!({
        "sub": "42", "name": "Ada", "username": "ada", "email": "ada@example.com",
        "roles": ["admin"], "sid": "s", "jti": "j", "tier": "gold",
    });
    let bearer = issuer.bearer(&claims).unwrap();
    let seen = ask(app, "/", &[("authorization", &bearer)]).await.body;
    for part in [
        r#"id: "42""#,
        r#"name: "Ada""#,
        r#"username: Some("ada")"#,
        r#"email: Some("ada@example.com")"#,
        r#"roles: ["admin"]"#,
        r#"sid: Some("s")"#,
        r#"jti: Some("j")"#,
        "issued_at: Some(1800000000)",
        "expires_at: 1800000060",
        r#""tier": String("gold")"#,
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
}

#[tokio::test]
async fn without_a_token_a_user_is_asked_for_and_a_public_route_answers() {
    let issuer = TestIssuer::new().unwrap();
    for path in ["/me", "/purge", "/admin", "/closed"] {
        let answer = ask(api(&issuer), path, &[]).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path}");
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], "Bearer");
        assert_eq!(answer.json()["error"], "unauthenticated");
        assert!(answer.json()["message"].is_string());
    }
    assert_eq!(ask(api(&issuer), "/public", &[]).await.body, "public");
    assert_eq!(ask(api(&issuer), "/maybe", &[]).await.body, "nobody");
}

#[tokio::test]
async fn a_token_that_does_not_verify_is_refused_even_where_none_is_needed() {
    let issuer = TestIssuer::new().unwrap();
    let stranger = TestIssuer::new().unwrap();
    let forged = stranger.bearer(&json!({})).unwrap();
    let expired = issuer.bearer(&json!({"exp": NOW - 60})).unwrap();
    let foreign = issuer.bearer(&json!({"aud": "another-api"})).unwrap();
    let assertion = format!("Bearer {}", issuer.assertion(&json!({})).unwrap());
    for value in [&forged, &expired, &foreign, &assertion, "Bearer nonsense"] {
        for path in ["/me", "/maybe", "/admin", "/closed"] {
            let answer = ask(api(&issuer), path, &[("authorization", value)]).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{path} {value}");
            assert_eq!(
                answer.headers[header::WWW_AUTHENTICATE],
                r#"Bearer error="invalid_token""#
            );
            assert_eq!(answer.json()["error"], "unauthenticated");
        }
    }
}

#[tokio::test]
async fn credentials_that_leave_room_for_doubt_are_refused() {
    let issuer = TestIssuer::new().unwrap();
    let bearer = issuer.bearer(&json!({})).unwrap();
    let twice = [("authorization", bearer.as_str()); 2];
    for headers in [
        twice.as_slice(),
        &[("authorization", "Bearer")],
        &[("authorization", "bearer \u{e9}")],
    ] {
        let answer = ask(api(&issuer), "/maybe", headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{headers:?}");
    }
    // The scheme has no case (RFC 9110 §11.1), and another scheme is not ours.
    let lower = bearer.replacen("Bearer", "bearer", 1);
    let answer = ask(api(&issuer), "/me", &[("authorization", &lower)]).await;
    assert_eq!(answer.status, StatusCode::OK);
    let answer = ask(api(&issuer), "/maybe", &[("authorization", "Basic eDp5")]).await;
    assert_eq!(answer.body, "nobody");
}

#[tokio::test]
async fn a_role_opens_what_needs_it_and_nothing_else_does() {
    let issuer = TestIssuer::new().unwrap();
    for (roles, admin, purge) in [
        (json!(["admin"]), StatusCode::OK, StatusCode::OK),
        (
            json!(["user", "root"]),
            StatusCode::OK,
            StatusCode::FORBIDDEN,
        ),
        (
            json!(["user"]),
            StatusCode::FORBIDDEN,
            StatusCode::FORBIDDEN,
        ),
        (
            json!(["ADMIN"]),
            StatusCode::FORBIDDEN,
            StatusCode::FORBIDDEN,
        ),
        (json!("admin"), StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
        (json!([]), StatusCode::FORBIDDEN, StatusCode::FORBIDDEN),
    ] {
        let claims = json!({ "roles": roles });
        let answer = ask_as(&issuer, "/admin", claims.clone()).await;
        assert_eq!(answer.status, admin, "{roles}");
        let answer = ask_as(&issuer, "/purge", claims.clone()).await;
        assert_eq!(answer.status, purge, "{roles}");
        if purge == StatusCode::FORBIDDEN {
            assert_eq!(answer.json()["error"], "forbidden");
        }
        let answer = ask_as(&issuer, "/closed", claims).await;
        assert_eq!(answer.status, StatusCode::OK, "{roles}");
    }
}

#[tokio::test]
async fn a_list_of_no_roles_lets_nobody_through() {
    let issuer = TestIssuer::new().unwrap();
    let app = Router::new()
        .route("/", get(async || "in"))
        .layer(RequireRole::any(Vec::<String>::new()))
        .layer(issuer.verify());
    let bearer = issuer.bearer(&json!({"roles": ["admin"]})).unwrap();
    let answer = ask(app, "/", &[("authorization", &bearer)]).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn without_the_verifying_layer_everything_that_asks_for_a_user_is_refused() {
    let app = || {
        let guarded = Router::new()
            .route("/closed", get(async || "in"))
            .layer(RequireUser);
        Router::new()
            .route("/me", get(async |user: CurrentUser| user.id))
            .route("/maybe", get(maybe))
            .route("/page", get(async |_: Assertion| "page"))
            .merge(guarded)
    };
    for path in ["/me", "/maybe", "/page", "/closed"] {
        let answer = ask(app(), path, &[]).await;
        assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR, "{path}");
        assert_eq!(answer.json()["error"], "misconfigured");
    }
}

fn web(issuer: &TestIssuer) -> Router {
    let admin = Router::new()
        .route("/admin", get(async || "admin"))
        .layer(RequireRole::any(["admin"]));
    Router::new()
        .route("/", get(home))
        .route("/dashboard", get(async |it: Session| format!("{it:?}")))
        .merge(admin)
        .layer(issuer.assertions())
}

async fn home(Assertion(session): Assertion) -> String {
    session.map_or_else(|| "nobody".to_owned(), |it| it.name)
}

#[tokio::test]
async fn a_web_app_learns_the_session_from_the_gateways_assertion() {
    let issuer = TestIssuer::new().unwrap();
    let claims = json!({
        "sub": "42", "provider": "builtin", "sid": "handle", "name": "Ada", "username": "ada",
        "roles": ["admin"], "picture": "https://img.test/ada", "claims": {"tier_id": 3},
    });
    let assertion = issuer.assertion(&claims).unwrap();
    let with = [("x-cloakroom-session", assertion.as_str())];
    assert_eq!(ask(web(&issuer), "/", &with).await.body, "Ada");
    assert_eq!(ask(web(&issuer), "/admin", &with).await.body, "admin");
    let seen = ask(web(&issuer), "/dashboard", &with).await.body;
    for part in [
        r#"id: "42""#,
        r#"provider: "builtin""#,
        r#"sid: Some("handle")"#,
        r#"picture: Some("https://img.test/ada")"#,
        r#"claims: {"tier_id": Number(3)}"#,
    ] {
        assert!(seen.contains(part), "{part} in {seen}");
    }
}

#[tokio::test]
async fn a_web_app_takes_nothing_else_for_an_assertion() {
    let issuer = TestIssuer::new().unwrap();
    assert_eq!(ask(web(&issuer), "/", &[]).await.body, "nobody");
    let answer = ask(web(&issuer), "/dashboard", &[]).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED);
    let bearer = issuer.bearer(&json!({})).unwrap();
    assert_eq!(
        ask(web(&issuer), "/", &[("authorization", &bearer)])
            .await
            .body,
        "nobody"
    );
    let access_token = bearer.trim_start_matches("Bearer ");
    let good = issuer.assertion(&json!({})).unwrap();
    let expired = issuer.assertion(&json!({"exp": NOW - 60})).unwrap();
    for headers in [
        [("x-cloakroom-session", access_token)].as_slice(),
        &[("x-cloakroom-session", &expired)],
        &[("x-cloakroom-session", "{}")],
        &[("x-cloakroom-session", "")],
        &[
            ("x-cloakroom-session", &good),
            ("x-cloakroom-session", &good),
        ],
    ] {
        let answer = ask(web(&issuer), "/", headers).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{headers:?}");
    }
}

/// Serves `app` on a free port of this machine.
async fn serve(app: Router) -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, app).await });
    format!("http://{address}")
}

// TK-09
#[tokio::test]
async fn keys_are_fetched_without_redirects_and_up_to_a_limit() {
    let base = serve(
        Router::new()
            .route("/jwks", get(async || r#"{"keys":[]}"#))
            .route(
                "/away",
                get(async || (StatusCode::FOUND, [(header::LOCATION, "/jwks")])),
            )
            .route("/large", get(async || vec![b' '; 256 * 1024 + 1])),
    )
    .await;
    let fetch = HttpFetch::for_url(&base).unwrap();
    let fetched = |path: &str| {
        let (fetch, url) = (fetch.clone(), format!("{base}{path}"));
        async move { fetch.get(&url).await }
    };
    assert_eq!(fetched("/jwks").await, Ok(br#"{"keys":[]}"#.to_vec()));
    assert_eq!(fetched("/away").await, Err(FetchError::Status(302)));
    assert_eq!(fetched("/none").await, Err(FetchError::Status(404)));
    assert_eq!(fetched("/large").await, Err(FetchError::TooLarge));
}

// TK-10
#[tokio::test]
async fn while_the_keys_cannot_be_fetched_the_answer_is_503_and_not_401() {
    let base = serve(Router::new()).await;
    let trust = cloakroom_axum::Trust::issuer(base, "api");
    let app = Router::new()
        .route("/me", get(async |user: CurrentUser| user.id))
        .layer(cloakroom_axum::Verify::new(trust).unwrap());
    let bearer = TestIssuer::new().unwrap().bearer(&json!({})).unwrap();
    let answer = ask(app, "/me", &[("authorization", &bearer)]).await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.headers[header::RETRY_AFTER], "1");
    assert_eq!(answer.json()["error"], "keys_unavailable");
}
