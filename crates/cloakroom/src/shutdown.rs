//! When the process ends: the first SIGTERM or SIGINT asks everybody to finish, the second one does not ask.

use std::io;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The exit code of a process that was ended by SIGINT, as shells expect it.
const INTERRUPTED: i32 = 130;

/// Listens for both signals from now on. The token is cancelled by the first of them.
pub(crate) fn on_signal() -> io::Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    tokio::spawn({
        let stop = stop.clone();
        async move {
            either(&mut terminate, &mut interrupt).await;
            tracing::info!("stopping: no new requests, those under way finish");
            stop.cancel();
            either(&mut terminate, &mut interrupt).await;
            tracing::warn!("stopping at once");
            std::process::exit(INTERRUPTED);
        }
    });
    Ok(stop)
}

async fn either(one: &mut Signal, other: &mut Signal) {
    tokio::select! {
        _ = one.recv() => {}
        _ = other.recv() => {}
    }
}
