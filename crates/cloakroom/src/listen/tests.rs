use std::net::SocketAddr;

use axum::Router;
use axum::routing::get;
use cloakroom_testkit::TestClock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

use super::*;
use crate::config::Address;

struct Running {
    address: SocketAddr,
    stop: CancellationToken,
    clock: Arc<TestClock>,
    task: JoinHandle<()>,
}

fn start(router: Router, limits: Limits) -> Running {
    let listener = Listener::bind(Address::loopback(0), "a test").unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], listener.port()));
    let stop = CancellationToken::new();
    let clock = Arc::new(TestClock::new());
    let (time, end) = (Arc::clone(&clock) as _, stop.clone());
    let serving = async move {
        let cores = Cores::each().unwrap();
        serve(listener, RouterService(router), limits, &cores, time, end).await;
    };
    Running {
        address,
        stop,
        clock,
        task: tokio::spawn(serving),
    }
}

async fn send(address: SocketAddr, request: &str) -> TcpStream {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    stream
}

async fn rest(mut stream: TcpStream) -> String {
    let mut text = String::new();
    // A connection that is cut off may end in an error; what came until then counts.
    let _ = stream.read_to_string(&mut text).await;
    text
}

const GET: &str = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";
const GET_AND_CLOSE: &str = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";

/// A handler that says when it has begun and waits until it may go on.
fn slow(begun: &Arc<Notify>, go_on: &Arc<Notify>) -> Router {
    let (begun, go_on) = (Arc::clone(begun), Arc::clone(go_on));
    Router::new().route(
        "/",
        get(move || async move {
            begun.notify_one();
            go_on.notified().await;
            "finished"
        }),
    )
}

#[tokio::test]
async fn a_request_under_way_finishes_after_the_end_was_asked_for() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let running = start(slow(&begun, &go_on), Limits::default());
    let stream = send(running.address, GET).await;
    begun.notified().await;
    running.stop.cancel();
    running.clock.until_sleepers(1).await;
    assert!(
        TcpStream::connect(running.address).await.is_err(),
        "nothing new is accepted"
    );
    go_on.notify_one();
    assert!(rest(stream).await.ends_with("finished"));
    running.task.await.unwrap();
}

#[tokio::test]
async fn a_request_that_does_not_finish_is_cut_after_the_grace() {
    let (begun, go_on) = (Arc::new(Notify::new()), Arc::new(Notify::new()));
    let running = start(slow(&begun, &go_on), Limits::default());
    let stream = send(running.address, GET).await;
    begun.notified().await;
    running.stop.cancel();
    running.clock.until_sleepers(1).await;
    running.clock.advance(GRACE);
    running.task.await.unwrap();
    assert_eq!(rest(stream).await, "");
}

#[tokio::test]
async fn an_idle_connection_does_not_hold_the_end_up() {
    let running = start(
        Router::new().route("/", get(|| async { "ok" })),
        Limits::default(),
    );
    let mut stream = send(running.address, GET).await;
    let mut byte = [0];
    stream.read_exact(&mut byte).await.unwrap();
    running.stop.cancel();
    running.task.await.unwrap();
    assert!(rest(stream).await.ends_with("ok"));
}

#[tokio::test]
async fn an_address_with_too_many_connections_is_closed_without_an_answer() {
    let limits = Limits {
        per_address: 1,
        ..Limits::default()
    };
    let running = start(Router::new().route("/", get(|| async { "ok" })), limits);
    let mut first = send(running.address, GET).await;
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let second = send(running.address, GET_AND_CLOSE).await;
    assert_eq!(rest(second).await, "");
}

// AU-06
#[tokio::test]
async fn a_panic_in_a_handler_is_that_requests_500_and_the_connection_goes_on() {
    async fn fails() -> &'static str {
        panic!("on purpose")
    }
    let router = Router::new()
        .route("/", get(|| async { "ok" }))
        .route("/panic", get(fails));
    let running = start(router, Limits::default());
    let both = format!("GET /panic HTTP/1.1\r\nHost: x\r\n\r\n{GET_AND_CLOSE}");
    let text = rest(send(running.address, &both).await).await;
    assert!(text.starts_with("HTTP/1.1 500"), "{text}");
    assert!(text.ends_with("ok"), "{text}");
}

#[tokio::test]
async fn headers_beyond_the_limit_are_answered_431() {
    let running = start(
        Router::new().route("/", get(|| async { "ok" })),
        Limits::default(),
    );
    let many = format!(
        "GET / HTTP/1.1\r\nHost: x\r\n{}\r\n",
        "a: b\r\n".repeat(101)
    );
    assert!(
        rest(send(running.address, &many).await)
            .await
            .starts_with("HTTP/1.1 431")
    );
    let large = format!(
        "GET / HTTP/1.1\r\nHost: x\r\na: {}\r\n\r\n",
        "b".repeat(64 * 1024)
    );
    assert!(
        rest(send(running.address, &large).await)
            .await
            .starts_with("HTTP/1.1 431")
    );
}

#[tokio::test]
async fn a_port_in_use_is_an_error_that_names_the_port_and_the_setting() {
    let first = Listener::bind(Address::loopback(0), "a test").unwrap();
    let error = Listener::bind(
        Address::loopback(first.port()),
        "the gateway ([server] listen)",
    )
    .unwrap_err();
    assert!(matches!(error, BindError::InUse { .. }));
    let text = error.to_string();
    assert!(
        text.contains(&first.port().to_string()) && text.contains("[server] listen"),
        "{text}"
    );
}

#[tokio::test]
async fn localhost_is_reached_over_ipv4_whether_or_not_there_is_ipv6() {
    let listener = Listener::bind(Address::localhost(0), "a test").unwrap();
    assert!(
        TcpStream::connect(("127.0.0.1", listener.port()))
            .await
            .is_ok()
    );
}

/// Far more than any socket buffers.
const LARGE: usize = 64 * 1024 * 1024;

fn large() -> Router {
    Router::new().route("/", get(|| async { vec![b'x'; LARGE] }))
}

#[tokio::test]
async fn a_peer_that_never_reads_its_answer_is_let_go() {
    // AV-01
    let running = start(large(), Limits::default());
    let stream = send(running.address, GET).await;
    running.clock.until_sleepers(1).await;
    running.clock.advance(patience::PATIENCE);
    running.stop.cancel();
    // Without the grace being over: the connection has ended by itself.
    running.task.await.unwrap();
    assert!(rest(stream).await.len() < LARGE);
}

#[tokio::test]
async fn a_peer_that_reads_after_a_pause_gets_all_of_its_answer() {
    let running = start(large(), Limits::default());
    let stream = send(running.address, GET_AND_CLOSE).await;
    running.clock.until_sleepers(1).await;
    running
        .clock
        .advance(patience::PATIENCE.saturating_sub(Duration::from_secs(1)));
    assert!(rest(stream).await.len() > LARGE);
    assert_eq!(running.clock.sleepers(), 0);
}
