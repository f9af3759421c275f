//! Address ranges such as `10.0.0.0/8`, for the list of trusted proxies.

use std::net::IpAddr;

/// A range of addresses (RFC 4632 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    network: u128,
    mask: u128,
}

/// Why a text is no address range.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("must be an address or a range such as 10.0.0.0/8 or fd00::/8, without host bits")]
pub struct CidrError;

impl Cidr {
    /// Reads an address or a range. A range with host bits set is refused: it hides a typing error.
    pub fn parse(text: &str) -> Result<Self, CidrError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => (address, Some(length)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| CidrError)?;
        let width: u32 = if address.is_ipv4() { 32 } else { 128 };
        let length: u32 = match length {
            Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => {
                digits.parse().map_err(|_| CidrError)?
            }
            Some(_) => return Err(CidrError),
            None => width,
        };
        let host_bits = width.checked_sub(length).ok_or(CidrError)?;
        let mask = u128::MAX.checked_shl(host_bits).unwrap_or(0);
        let network = as_bits(address);
        if network & mask != network {
            return Err(CidrError);
        }
        Ok(Self { network, mask })
    }

    /// Whether `address` lies in the range. An IPv4 address and its IPv6-mapped form are one address.
    pub fn contains(&self, address: IpAddr) -> bool {
        as_bits(address) & self.mask == self.network
    }
}

/// IPv4 addresses in their IPv6-mapped form (RFC 4291 §2.5.5.2), so that both families compare as one.
fn as_bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(v4) => v4.to_ipv6_mapped().to_bits(),
        IpAddr::V6(v6) => v6.to_bits(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_contains_its_addresses_and_no_others() {
        let range = Cidr::parse("10.1.0.0/16").unwrap();
        assert!(range.contains("10.1.255.1".parse().unwrap()));
        assert!(range.contains("::ffff:10.1.0.1".parse().unwrap()));
        assert!(!range.contains("10.2.0.0".parse().unwrap()));
        let all = Cidr::parse("0.0.0.0/0").unwrap();
        assert!(all.contains("255.255.255.255".parse().unwrap()));
        assert!(!all.contains("fd00::1".parse().unwrap()));
    }

    #[test]
    fn a_range_with_host_bits_or_a_bad_length_is_refused() {
        for bad in [
            "10.1.2.3/16",
            "10.0.0.0/33",
            "10.0.0.0/+8",
            "10.0.0.0/",
            "x",
            "fd00::/129",
        ] {
            assert!(Cidr::parse(bad).is_err(), "{bad}");
        }
    }
}
