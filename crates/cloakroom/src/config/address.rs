//! Addresses to listen on: `127.0.0.1:8081`, `[::1]:8081`, or `localhost:8080`, which is both loopbacks.

use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// Where to listen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    host: Host,
    port: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Host {
    /// Both loopback addresses; a machine without IPv6 has only one of them.
    Localhost,
    /// This address.
    Ip(IpAddr),
}

/// Why a text is no address to listen on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an address and a port, such as \"127.0.0.1:8080\", \"[::]:8080\" or \"localhost:8080\"")]
pub struct AddressError;

impl Address {
    /// Both loopback addresses.
    pub const fn localhost(port: u16) -> Self {
        Self {
            host: Host::Localhost,
            port,
        }
    }

    /// The IPv4 loopback address.
    pub const fn loopback(port: u16) -> Self {
        Self {
            host: Host::Ip(IpAddr::V4(Ipv4Addr::LOCALHOST)),
            port,
        }
    }

    /// Reads an address. Port 0 takes any free port.
    pub fn parse(text: &str) -> Result<Self, AddressError> {
        if let Some(port) = text.strip_prefix("localhost:") {
            let digits = port.bytes().all(|letter| letter.is_ascii_digit());
            let port = port.parse().ok().filter(|_| digits).ok_or(AddressError)?;
            return Ok(Self::localhost(port));
        }
        let address: SocketAddr = text.parse().map_err(|_| AddressError)?;
        Ok(Self {
            host: Host::Ip(address.ip()),
            port: address.port(),
        })
    }

    /// The port.
    pub const fn port(self) -> u16 {
        self.port
    }

    /// The same host with another port.
    #[must_use]
    pub const fn with_port(self, port: u16) -> Self {
        Self {
            host: self.host,
            port,
        }
    }

    /// Whether only this machine can reach it.
    pub const fn is_loopback(self) -> bool {
        match self.host {
            Host::Localhost => true,
            Host::Ip(ip) => ip.is_loopback(),
        }
    }

    /// The addresses to bind; those after the first may be missing on this machine.
    pub fn sockets(self) -> Vec<SocketAddr> {
        let v4 = IpAddr::V4(Ipv4Addr::LOCALHOST);
        let v6 = IpAddr::V6(Ipv6Addr::LOCALHOST);
        let ips = match self.host {
            Host::Localhost => vec![v4, v6],
            Host::Ip(ip) => vec![ip],
        };
        ips.into_iter()
            .map(|ip| SocketAddr::new(ip, self.port))
            .collect()
    }

    /// How this machine itself reaches what listens here.
    pub fn from_here(self) -> SocketAddr {
        let ip = match self.host {
            Host::Localhost => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Host::Ip(IpAddr::V4(ip)) if ip.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
            Host::Ip(IpAddr::V6(ip)) if ip.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
            Host::Ip(ip) => ip,
        };
        SocketAddr::new(ip, self.port)
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host {
            Host::Localhost => write!(f, "localhost:{}", self.port),
            Host::Ip(ip) => SocketAddr::new(ip, self.port).fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn localhost_is_both_loopback_addresses() {
        let sockets = Address::parse("localhost:8080").unwrap().sockets();
        assert_eq!(
            sockets,
            [
                "127.0.0.1:8080".parse().unwrap(),
                "[::1]:8080".parse().unwrap()
            ]
        );
    }

    #[test]
    fn a_wildcard_is_reached_over_loopback_from_here() {
        let all = Address::parse("0.0.0.0:8081").unwrap();
        assert_eq!(all.from_here().to_string(), "127.0.0.1:8081");
        assert!(!all.is_loopback());
    }

    #[test]
    fn names_and_bare_ports_are_refused() {
        for bad in [
            "8080",
            ":8080",
            "app:8080",
            "localhost",
            "localhost:",
            "localhost:+1",
            "1.2.3.4",
        ] {
            assert!(Address::parse(bad).is_err(), "{bad}");
        }
    }
}
