//! The seam to the upstreams' sockets: production dials TCP, tests join both ends in memory.

use std::io;
use std::time::Duration;

use async_trait::async_trait;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;

/// Both directions of one connection to an upstream.
pub trait Connection: AsyncRead + AsyncWrite + Send + Unpin + 'static {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin + 'static> Connection for T {}

/// Opens connections to upstreams.
#[async_trait]
pub trait Connect: Send + Sync {
    /// Connects to a host name or address; tries each of a name's addresses in turn.
    async fn connect(&self, host: &str, port: u16) -> io::Result<Box<dyn Connection>>;
}

/// Dials TCP.
#[derive(Clone, Copy, Debug)]
pub struct TcpConnect {
    /// How long one connection may take to be established.
    pub timeout: Duration,
}

#[async_trait]
impl Connect for TcpConnect {
    async fn connect(&self, host: &str, port: u16) -> io::Result<Box<dyn Connection>> {
        let dialled = tokio::time::timeout(self.timeout, TcpStream::connect((host, port))).await;
        let stream = dialled.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))??;
        stream.set_nodelay(true)?;
        Ok(Box::new(stream))
    }
}
