//! PX-15, PX-18, PX-20: upstreams that answer what nobody asked for.

use std::io;
use std::sync::Mutex;

use async_trait::async_trait;
use http_body_util::BodyExt;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

use super::*;
use crate::config::UpstreamUrl;

/// Each connection answers each request with the same bytes.
struct Scripted {
    answer: &'static str,
    dialled: Mutex<usize>,
}

#[async_trait]
impl Connect for Scripted {
    async fn connect(&self, _: &str, _: u16) -> io::Result<Box<dyn Connection>> {
        *self.dialled.lock().unwrap() += 1;
        let (ours, theirs) = duplex(4096);
        tokio::spawn(play(theirs, self.answer));
        Ok(Box::new(ours))
    }
}

async fn play(mut line: DuplexStream, answer: &'static str) {
    let mut head = Vec::new();
    while let Ok(byte) = line.read_u8().await {
        head.push(byte);
        if head.ends_with(b"\r\n\r\n") {
            head.clear();
            if line.write_all(answer.as_bytes()).await.is_err() {
                return;
            }
        }
    }
}

struct Asked {
    upstream: Upstream,
    connect: Arc<Scripted>,
}

impl Asked {
    fn new(answer: &'static str) -> Self {
        let connect = Arc::new(Scripted {
            answer,
            dialled: Mutex::default(),
        });
        let config = config::Upstream {
            name: "app".to_owned(),
            url: UpstreamUrl::parse("http://app:1").unwrap(),
        };
        let upstream = Upstream::new(&config, Arc::clone(&connect) as _);
        Self { upstream, connect }
    }

    async fn get(&self) -> Result<String, SendError> {
        let request = Request::get("/").body(Outgoing::Empty).unwrap();
        let (timeout, watch) = (Duration::from_secs(5), Watch::default());
        let response = self.upstream.send(request, timeout, &watch).await?;
        let body = response.into_body().collect().await.unwrap().to_bytes();
        Ok(String::from_utf8(body.to_vec()).unwrap())
    }

    fn dialled(&self) -> usize {
        *self.connect.dialled.lock().unwrap()
    }
}

#[tokio::test]
async fn a_switch_that_nobody_asked_for_is_no_answer() {
    // PX-15
    let app = Asked::new("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\nraw");
    assert!(matches!(app.get().await, Err(SendError::BadSwitch)));
    let app =
        Asked::new("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    assert_eq!(app.get().await.unwrap(), "ok");
}

#[tokio::test]
async fn a_second_answer_that_nobody_asked_for_is_given_to_nobody() {
    // PX-20
    let app = Asked::new(
        "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokHTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison",
    );
    for _ in 0..3 {
        assert_eq!(app.get().await.unwrap(), "ok");
    }
    assert_eq!(
        app.dialled(),
        3,
        "a connection with a surplus is not used again"
    );
    let app = Asked::new("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok");
    for _ in 0..3 {
        assert_eq!(app.get().await.unwrap(), "ok");
    }
    assert_eq!(app.dialled(), 1);
}
