use std::net::SocketAddr;

use axum::Router;
use axum::response::Redirect;
use axum::routing::get;
use cloakroom_core::ports::{Limits, Outbound, OutboundError};

use super::*;

const LIMITS: Limits = Limits {
    body: 1024,
    deadline: Duration::from_secs(10),
};

/// A server of its own for each test, on a port that was free.
async fn serve(router: Router) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn call(url: String, limits: Limits) -> Result<Response<Bytes>, OutboundError> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    HttpOutbound::new().unwrap().call(request, limits).await
}

#[tokio::test]
async fn an_answer_comes_back_whole_whatever_its_status() {
    let router = Router::new().route(
        "/",
        get(|| async { (http::StatusCode::IM_A_TEAPOT, "short and stout") }),
    );
    let address = serve(router).await;
    let answer = call(format!("http://{address}/"), LIMITS).await.unwrap();
    assert_eq!(answer.status(), 418);
    assert_eq!(answer.into_body(), "short and stout");
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let router = Router::new()
        .route("/", get(|| async { Redirect::to("/elsewhere") }))
        .route("/elsewhere", get(|| async { "followed" }));
    let address = serve(router).await;
    let answer = call(format!("http://{address}/"), LIMITS).await.unwrap();
    assert_eq!(answer.status(), 303);
}

#[tokio::test]
async fn an_answer_above_the_limit_is_cut_off() {
    let router = Router::new().route("/", get(|| async { "x".repeat(4096) }));
    let address = serve(router).await;
    let answer = call(format!("http://{address}/"), LIMITS).await;
    assert!(matches!(
        answer,
        Err(OutboundError::TooLarge { limit: 1024, .. })
    ));
}

#[tokio::test]
async fn an_answer_of_unknown_length_is_cut_off_while_it_arrives() {
    let endless = || async {
        let chunks = futures_util::stream::repeat(Ok::<_, std::convert::Infallible>(
            Bytes::from_static(&[b'x'; 512]),
        ));
        axum::body::Body::from_stream(chunks)
    };
    let address = serve(Router::new().route("/", get(endless))).await;
    let answer = call(format!("http://{address}/"), LIMITS).await;
    assert!(matches!(answer, Err(OutboundError::TooLarge { .. })));
}

#[tokio::test]
async fn an_answer_that_does_not_come_is_given_up_at_the_deadline() {
    let address = serve(Router::new().route("/", get(std::future::pending::<()>))).await;
    let limits = Limits {
        deadline: Duration::from_millis(50),
        ..LIMITS
    };
    let answer = call(format!("http://{address}/"), limits).await;
    assert!(matches!(answer, Err(OutboundError::Interrupted { .. })));
}

#[tokio::test]
async fn a_closed_port_is_unreachable_and_the_error_does_not_repeat_the_query() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let error = call(format!("http://{address}/?code=hunter2"), LIMITS)
        .await
        .unwrap_err();
    assert!(
        matches!(error, OutboundError::Unreachable { .. }),
        "{error:?}"
    );
    assert!(!format!("{error} {error:?}").contains("hunter2"));
}
