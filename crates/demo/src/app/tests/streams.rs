//! What flows: a large upload, server-sent events, a WebSocket.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use futures_util::{SinkExt as _, StreamExt as _, stream};
use tokio::net::{TcpListener, TcpStream};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest as _;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message};

use super::*;

/// A piece of a body that knows how many of its kind are in memory.
struct Piece(Arc<AtomicUsize>);

impl Piece {
    fn new(alive: &Arc<AtomicUsize>, most: &AtomicUsize) -> Self {
        let now = alive.fetch_add(1, Ordering::SeqCst) + 1;
        most.fetch_max(now, Ordering::SeqCst);
        Self(Arc::clone(alive))
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &[0; 16 * 1024]
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[tokio::test]
async fn a_1_gib_upload_is_counted_and_never_kept() {
    const PIECES: usize = 64 * 1024;
    let world = World::new().await;
    let alive = Arc::new(AtomicUsize::new(0));
    let most = Arc::new(AtomicUsize::new(0));
    let pieces = {
        let most = Arc::clone(&most);
        stream::iter(0..PIECES).map(move |_| {
            let piece = Piece::new(&alive, &most);
            Ok::<_, std::io::Error>(bytes::Bytes::from_owner(piece))
        })
    };
    let body = Body::from_stream(pieces);
    let echo = world
        .bob()
        .send("POST", "/api/echo", "application/octet-stream", body)
        .await;
    assert_eq!(echo.value()["body_bytes"], 1024 * 1024 * 1024);
    assert!(most.load(Ordering::SeqCst) <= 2, "pieces were kept");
}

#[tokio::test]
async fn an_upload_that_breaks_off_is_400() {
    let world = World::new().await;
    let broken = stream::iter([Ok("half"), Err(std::io::Error::other("gone"))]);
    let echo = world
        .bob()
        .send("POST", "/api/echo", "", Body::from_stream(broken))
        .await;
    assert_eq!(echo.status, StatusCode::BAD_REQUEST);
}

async fn open_stream(world: &World) -> Body {
    let mut request = Request::get("/api/stream").body(Body::empty()).unwrap();
    request.headers_mut().extend(world.bob().headers);
    let response = world.app.router().oneshot(request).await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/event-stream");
    response.into_body()
}

async fn next_event(body: &mut Body) -> Option<String> {
    let frame = body.frame().await?;
    let data = frame.unwrap().into_data().unwrap();
    Some(String::from_utf8(data.to_vec()).unwrap())
}

#[tokio::test]
async fn the_stream_ticks_at_once_and_then_once_a_second() {
    let world = World::new().await;
    let mut body = open_stream(&world).await;
    assert_eq!(
        next_event(&mut body).await.unwrap(),
        "id: 1\ndata: {\"tick\":1}\n\n"
    );
    let clock = Arc::clone(&world.clock);
    let second = tokio::spawn(async move { (next_event(&mut body).await, body) });
    clock.until_sleepers(1).await;
    assert!(
        !second.is_finished(),
        "the second tick came before its second had passed"
    );
    clock.advance(Duration::from_secs(1));
    let (event, body) = second.await.unwrap();
    assert_eq!(event.unwrap(), "id: 2\ndata: {\"tick\":2}\n\n");
    drop(body);
}

#[tokio::test]
async fn a_reader_who_leaves_leaves_nothing_behind() {
    let world = World::new().await;
    let mut body = open_stream(&world).await;
    next_event(&mut body).await;
    let reading = tokio::spawn(async move { next_event(&mut body).await });
    world.clock.until_sleepers(1).await;
    reading.abort();
    assert!(reading.await.unwrap_err().is_cancelled());
    assert_eq!(world.clock.sleepers(), 0);
}

#[tokio::test]
async fn closing_the_app_ends_the_stream() {
    let world = World::new().await;
    let mut body = open_stream(&world).await;
    next_event(&mut body).await;
    world.app.close();
    assert_eq!(next_event(&mut body).await, None);
}

/// Serves the app on a port of its own and opens a WebSocket to it.
async fn socket(person: &Person<'_>) -> Result<WebSocketStream<TcpStream>, Error> {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = person.world.app.router();
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut request = format!("ws://{address}/api/ws").into_client_request()?;
    request.headers_mut().extend(person.headers.clone());
    let stream = TcpStream::connect(address).await.unwrap();
    tokio_tungstenite::client_async(request, stream)
        .await
        .map(|(socket, _)| socket)
}

#[tokio::test]
async fn the_socket_sends_back_text_as_text_and_bytes_as_bytes() {
    let world = World::new().await;
    let mut socket = socket(&world.bob()).await.unwrap();
    for message in [Message::text("héllo"), Message::binary(vec![0, 255, 1])] {
        socket.send(message.clone()).await.unwrap();
        assert_eq!(socket.next().await.unwrap().unwrap(), message);
    }
    socket.close(None).await.unwrap();
    assert!(matches!(socket.next().await, Some(Ok(Message::Close(_)))));
}

#[tokio::test]
async fn the_socket_is_closed_with_going_away_when_the_app_closes() {
    let world = World::new().await;
    let mut socket = socket(&world.bob()).await.unwrap();
    world.app.close();
    let Some(Ok(Message::Close(Some(frame)))) = socket.next().await else {
        panic!("no close frame");
    };
    assert_eq!(frame.code, CloseCode::Away);
}

#[tokio::test]
async fn a_socket_without_an_access_token_is_refused() {
    let world = World::new().await;
    let refused = socket(&world.anonymous()).await.err();
    assert!(matches!(refused, Some(Error::Http(answer)) if answer.status() == 401));
}

#[tokio::test]
async fn a_plain_request_to_the_socket_is_400() {
    let world = World::new().await;
    let answer = world.bob().get("/api/ws").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.value()["error"], "bad_request");
}
