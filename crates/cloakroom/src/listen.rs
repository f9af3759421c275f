//! Listening sockets and the connections on them: one accept loop for every listener of the process.
//!
//! 1. The number of connections is bounded, in total and for one address (IPv6: one /64); proxies in front are exempt
//!    from the second.
//! 2. A request head has 15 seconds, 32 KiB and 100 fields; an idle connection has the same 15 seconds.
//! 3. An answer of which a minute long nothing is read is cut off.
//! 4. At shutdown nothing new is accepted, what is under way finishes within a grace, and then the rest is cut.
//!
//! Below the service hyper answers by itself: a malformed head 400, a long address 414, large headers 431. A
//! deployment defeats the first point by a proxy in front that is not listed in `trusted_proxies`.

mod connection;
mod cores;
mod limits;
mod patience;
mod service;
mod socket;

use std::sync::Arc;
use std::time::Duration;

use cloakroom_core::ports::Clock;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

pub use cores::Cores;
pub use limits::Limits;
pub use service::{Answer, AnswerOne, GatewayService, RouterService};
pub use socket::{BindError, Listener};

use connection::{Closing, drive};
use limits::Census;
use patience::Patient;

/// How long requests under way may take after the end was asked for.
const GRACE: Duration = Duration::from_secs(20);
/// How long the loop rests when the system has no descriptors left.
const REST: Duration = Duration::from_millis(100);

/// Accepts connections until `stop`, serves each on one of the `cores`, and then waits for those under way.
pub async fn serve<A: Answer>(
    listener: Listener,
    service: A,
    limits: Limits,
    cores: &Cores,
    clock: Arc<dyn Clock>,
    stop: CancellationToken,
) {
    let census = Census::new(limits);
    let closing = Arc::new(Closing::default());
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            () = stop.cancelled() => break,
            accepted = listener.accept(&census) => accepted,
            Some(_) = connections.join_next() => continue,
        };
        match accepted {
            Ok((stream, peer, seat)) => {
                // Without a seat the address has too many connections, without the option the peer is gone already:
                // dropping the stream closes it.
                if let Some(seat) = seat
                    && stream.set_nodelay(true).is_ok()
                    && let Ok(stream) = stream.into_std()
                {
                    let (clock, service) = (Arc::clone(&clock), service.clone());
                    let closing = Arc::clone(&closing);
                    let connection = async move {
                        // Here it is watched by the runtime that serves it.
                        if let Ok(stream) = TcpStream::from_std(stream) {
                            drive(Patient::new(stream, clock), peer, service, closing, seat).await;
                        }
                    };
                    connections.spawn_on(connection, &cores.next());
                }
            }
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                clock.sleep(REST).await;
            }
        }
    }
    drop(listener);
    closing.begin();
    let finished = async { while connections.join_next().await.is_some() {} };
    tokio::select! {
        () = finished => {}
        () = clock.sleep(GRACE) => {
            tracing::warn!(connections = connections.len(), "requests took longer than the grace and were cut");
            connections.shutdown().await;
        }
    }
}

#[cfg(test)]
mod tests;
