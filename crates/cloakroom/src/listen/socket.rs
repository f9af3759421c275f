//! Binding: addresses to sockets, with an error that says what to do.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};

use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{TcpListener, TcpStream};

use super::limits::{Census, Seat};
use crate::config::Address;

const BACKLOG: i32 = 1024;

/// Bound sockets: one, or two where a name has two addresses.
#[derive(Debug)]
pub struct Listener {
    first: TcpListener,
    second: Option<TcpListener>,
}

/// Why an address cannot be listened on.
#[derive(Debug, thiserror::Error)]
pub enum BindError {
    /// Somebody else listens there.
    #[error("port {port} is in use by another program ({address}); stop that program, or choose another port for {what}", port = address.port())]
    InUse {
        /// Which address.
        address: SocketAddr,
        /// What would listen there, with the setting that moves it.
        what: &'static str,
    },
    /// The system refuses.
    #[error("cannot listen on {address}: {source}; choose another address for {what}")]
    Refused {
        /// Which address.
        address: SocketAddr,
        /// What would listen there, with the setting that moves it.
        what: &'static str,
        /// What the system said.
        source: io::Error,
    },
}

impl Listener {
    /// Binds an address; has to be called within the runtime. `what` names the listener and its setting.
    pub fn bind(address: Address, what: &'static str) -> Result<Self, BindError> {
        let mut sockets = address.sockets().into_iter();
        let first_address = sockets
            .next()
            .unwrap_or((Ipv4Addr::LOCALHOST, address.port()).into());
        let first = bind(first_address).map_err(|source| refused(first_address, what, source))?;
        let mut second = None;
        if let Some(mut other) = sockets.next() {
            // Both have to have one port, also where any free one was asked for.
            other.set_port(
                first
                    .local_addr()
                    .map_or(address.port(), |bound| bound.port()),
            );
            second = match bind(other) {
                Ok(bound) => Some(bound),
                Err(error) if error.kind() == io::ErrorKind::AddrInUse && address.port() != 0 => {
                    return Err(refused(other, what, error));
                }
                // A machine without IPv6 has one loopback address, and that is enough.
                Err(_) => None,
            };
        }
        Ok(Self { first, second })
    }

    /// The port, also where any free one was asked for.
    pub fn port(&self) -> u16 {
        self.first.local_addr().map_or(0, |bound| bound.port())
    }

    /// The next connection on any of the sockets, once there is room for it.
    pub(super) async fn accept(
        &self,
        census: &Census,
    ) -> io::Result<(TcpStream, SocketAddr, Option<Seat>)> {
        let room = census.room().await;
        let (stream, peer) = match &self.second {
            None => self.first.accept().await?,
            Some(second) => tokio::select! {
                accepted = self.first.accept() => accepted?,
                accepted = second.accept() => accepted?,
            },
        };
        Ok((stream, peer, census.admit(peer.ip(), room)))
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    // A restart must not wait for connections of the process before; two listeners still exclude each other.
    socket.set_reuse_address(true)?;
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    TcpListener::from_std(socket.into())
}

fn refused(address: SocketAddr, what: &'static str, source: io::Error) -> BindError {
    if source.kind() == io::ErrorKind::AddrInUse {
        BindError::InUse { address, what }
    } else {
        BindError::Refused {
            address,
            what,
            source,
        }
    }
}
