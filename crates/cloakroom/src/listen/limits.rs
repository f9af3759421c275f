//! How many connections there may be, in total and from one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, PoisonError};

use cloakroom_gateway::config::Cidr;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many connections there may be.
#[derive(Clone, Debug)]
pub struct Limits {
    /// In total. At the limit no more are accepted until one ends.
    pub total: usize,
    /// From one address. At the limit further ones are closed.
    pub per_address: usize,
    /// Addresses that speak for many: proxies in front.
    pub exempt: Vec<Cidr>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 10_000,
            per_address: 1024,
            exempt: Vec::new(),
        }
    }
}

type Counts = Arc<Mutex<HashMap<IpAddr, usize>>>;

/// Counts connections.
#[derive(Debug)]
pub(super) struct Census {
    limits: Limits,
    total: Arc<Semaphore>,
    counts: Counts,
}

/// Room for one connection, whoever it comes from.
pub(super) type Room = Option<OwnedSemaphorePermit>;

/// One counted connection; given back when dropped.
#[derive(Debug)]
pub(super) struct Seat {
    _room: Room,
    counted: Option<(IpAddr, Counts)>,
}

impl Census {
    pub(super) fn new(limits: Limits) -> Self {
        let total = Arc::new(Semaphore::new(limits.total));
        Self {
            limits,
            total,
            counts: Counts::default(),
        }
    }

    /// Waits until the total allows one more.
    pub(super) async fn room(&self) -> Room {
        Arc::clone(&self.total).acquire_owned().await.ok()
    }

    /// Counts a connection of `peer`; `None` if it has too many.
    pub(super) fn admit(&self, peer: IpAddr, room: Room) -> Option<Seat> {
        if self.limits.exempt.iter().any(|range| range.contains(peer)) {
            return Some(Seat {
                _room: room,
                counted: None,
            });
        }
        let network = network(peer);
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(network).or_default();
        if *count >= self.limits.per_address {
            return None;
        }
        *count += 1;
        Some(Seat {
            _room: room,
            counted: Some((network, Arc::clone(&self.counts))),
        })
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let Some((network, counts)) = &self.counted else {
            return;
        };
        let mut counts = counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(network) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(network);
            }
        }
    }
}

/// What one subscriber has: an IPv4 address, or an IPv6 /64 (RFC 6177).
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(v4) => IpAddr::V4(v4),
        IpAddr::V6(v6) => IpAddr::V6(Ipv6Addr::from_bits(v6.to_bits() >> 64 << 64)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn census(per_address: usize, exempt: &[&str]) -> Census {
        let exempt = exempt
            .iter()
            .map(|range| Cidr::parse(range).unwrap())
            .collect();
        Census::new(Limits {
            total: 100,
            per_address,
            exempt,
        })
    }

    #[test]
    fn an_address_at_its_limit_is_refused_until_a_connection_ends() {
        let census = census(2, &[]);
        let admit = |ip: &str| census.admit(ip.parse().unwrap(), None);
        let first = admit("192.0.2.1");
        let _second = admit("192.0.2.1").unwrap();
        assert!(admit("192.0.2.1").is_none());
        assert!(admit("192.0.2.2").is_some());
        drop(first);
        assert!(admit("192.0.2.1").is_some());
    }

    #[test]
    fn the_addresses_of_one_ipv6_network_share_a_limit() {
        let census = census(1, &[]);
        let _first = census.admit("2001:db8::1".parse().unwrap(), None).unwrap();
        assert!(census.admit("2001:db8::2".parse().unwrap(), None).is_none());
        assert!(
            census
                .admit("2001:db8:0:1::1".parse().unwrap(), None)
                .is_some()
        );
    }

    #[test]
    fn a_proxy_in_front_has_no_limit_of_its_own() {
        let census = census(1, &["10.0.0.0/8"]);
        let _first = census.admit("10.1.1.1".parse().unwrap(), None).unwrap();
        assert!(census.admit("10.1.1.1".parse().unwrap(), None).is_some());
    }

    #[test]
    fn an_address_without_connections_is_forgotten() {
        let census = census(1, &[]);
        drop(census.admit("192.0.2.1".parse().unwrap(), None));
        assert!(census.counts.lock().unwrap().is_empty());
    }
}
