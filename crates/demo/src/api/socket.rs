//! `/api/ws`: a WebSocket that sends back what it is sent, text as text and bytes as bytes.

use axum::extract::State;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::response::Response;
use cloakroom_axum::CurrentUser;
use tokio_util::sync::CancellationToken;

use super::error::ApiError;
use crate::app::AppState;

/// A message is held in memory until it is sent back.
const MAX_MESSAGE: usize = 1024 * 1024;

pub(crate) async fn socket(
    State(app): State<AppState>,
    _: CurrentUser,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, ApiError> {
    let upgrade =
        upgrade.map_err(|_| ApiError::BadRequest("This address speaks WebSocket only."))?;
    Ok(upgrade
        .max_message_size(MAX_MESSAGE)
        .on_upgrade(move |socket| converse(socket, app.closing)))
}

async fn converse(mut socket: WebSocket, closing: CancellationToken) {
    loop {
        let message = tokio::select! {
            message = socket.recv() => message,
            () = closing.cancelled() => {
                // If the browser is gone already there is nobody to tell.
                let _ = socket.send(going_away()).await;
                return;
            }
        };
        let echoed = match message {
            Some(Ok(message @ (Message::Text(_) | Message::Binary(_)))) => {
                socket.send(message).await
            }
            // Answered below us, with the next turn of the loop; after a close that turn is the last.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Close(_))) => Ok(()),
            Some(Err(_)) | None => return,
        };
        if echoed.is_err() {
            return;
        }
    }
}

fn going_away() -> Message {
    Message::Close(Some(CloseFrame {
        code: close_code::AWAY,
        reason: "the server is shutting down".into(),
    }))
}
