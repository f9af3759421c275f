//! The client's address, behind any number of trusted proxies and no others.

use std::net::IpAddr;

use http::HeaderMap;

use crate::config::Cidr;

/// Walks `X-Forwarded-For` from the right, past trusted proxies. What an untrusted peer says is not read.
pub(super) fn address(peer: IpAddr, headers: &HeaderMap, trusted: &[Cidr]) -> IpAddr {
    let is_trusted = |ip: IpAddr| trusted.iter().any(|range| range.contains(ip));
    let mut client = canonical(peer);
    if trusted.is_empty() || !is_trusted(client) {
        return client;
    }
    for value in headers.get_all("x-forwarded-for").iter().rev() {
        let Ok(list) = value.to_str() else {
            return client;
        };
        for entry in list.rsplit(',') {
            // What cannot be read was not written by a proxy that we trust: stop at the last good one.
            let Ok(ip) = entry.trim().parse() else {
                return client;
            };
            client = canonical(ip);
            if !is_trusted(client) {
                return client;
            }
        }
    }
    client
}

/// An IPv4 address is one address, also where a dual-stack socket shows it in IPv6 (RFC 4291 §2.5.5.2).
const fn canonical(ip: IpAddr) -> IpAddr {
    ip.to_canonical()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str], trusted: &[&str]) -> String {
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", line.parse().unwrap());
        }
        let trusted: Vec<_> = trusted
            .iter()
            .map(|range| Cidr::parse(range).unwrap())
            .collect();
        address(peer.parse().unwrap(), &headers, &trusted).to_string()
    }

    #[test]
    fn a_peer_that_is_not_trusted_is_the_client_whatever_it_says() {
        // PX-10
        assert_eq!(seen("203.0.113.9", &["198.51.100.1"], &[]), "203.0.113.9");
        assert_eq!(
            seen("203.0.113.9", &["198.51.100.1"], &["10.0.0.0/8"]),
            "203.0.113.9"
        );
    }

    #[test]
    fn the_chain_is_walked_from_the_right_past_trusted_proxies_only() {
        // PX-10
        let trusted = ["10.0.0.0/8"];
        let spoofed = ["1.2.3.4, 198.51.100.1", "10.0.0.7"];
        assert_eq!(seen("10.0.0.1", &spoofed, &trusted), "198.51.100.1");
        assert_eq!(
            seen("::ffff:10.0.0.1", &["198.51.100.1"], &trusted),
            "198.51.100.1"
        );
        assert_eq!(
            seen("10.0.0.1", &["1.2.3.4, nonsense"], &trusted),
            "10.0.0.1"
        );
        assert_eq!(
            seen("10.0.0.1", &["1.2.3.4, unknown, 10.0.0.2"], &trusted),
            "10.0.0.2"
        );
        assert_eq!(seen("10.0.0.1", &[], &trusted), "10.0.0.1");
    }
}
