//! Addresses: networks, the prefix that counts as one visitor, and who is behind a trusted proxy.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// A range of addresses, written `10.0.0.0/8`, `fd00::/8` or as one address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network {
    base: u128,
    bits: u32,
}

/// Why a text is not a network, as the end of a sentence that begins with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NetworkError(pub &'static str);

impl fmt::Display for NetworkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for NetworkError {}

/// Every address as IPv6; IPv4 as `::ffff:a.b.c.d`, so that both spellings of one address are one.
fn wide(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => address.to_ipv6_mapped().to_bits(),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// IPv4 in its own form, also where it came mapped into IPv6.
pub(crate) fn plain(address: IpAddr) -> IpAddr {
    address.to_canonical()
}

impl Network {
    /// Whether an address is in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        let mask = u128::MAX.checked_shl(128 - self.bits).unwrap_or(0);
        wide(address) & mask == self.base & mask
    }

    /// This machine.
    pub fn loopback() -> Vec<Network> {
        parsed(&["127.0.0.0/8", "::1"])
    }

    /// This machine and the networks that are not routed on the Internet (RFC 1918, 4193, 3927, 4291).
    pub fn private() -> Vec<Network> {
        parsed(&[
            "127.0.0.0/8",
            "10.0.0.0/8",
            "172.16.0.0/12",
            "192.168.0.0/16",
            "169.254.0.0/16",
            "::1",
            "fc00::/7",
            "fe80::/10",
        ])
    }
}

fn parsed(texts: &[&str]) -> Vec<Network> {
    texts.iter().filter_map(|text| text.parse().ok()).collect()
}

impl FromStr for Network {
    type Err = NetworkError;
    fn from_str(text: &str) -> Result<Network, NetworkError> {
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| NetworkError("is not an address or a network"))?;
        let (most, offset) = if address.is_ipv4() { (32, 96) } else { (128, 0) };
        let bits = match bits {
            None => most,
            Some(bits) => bits
                .parse::<u32>()
                .ok()
                .filter(|bits| *bits <= most)
                .ok_or(NetworkError("has a prefix length that is too long or not a number"))?,
        };
        Ok(Network { base: wide(address), bits: bits + offset })
    }
}

/// What counts as one visitor: an IPv4 address, or the /64 that one IPv6 subscriber has at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Prefix(u64, u64);

impl Prefix {
    /// Everybody for whom there is no room of their own. (An address that nobody can come from.)
    pub(crate) const REST: Prefix = Prefix(u64::MAX, u64::MAX);

    pub(crate) fn of(address: IpAddr) -> Prefix {
        let bits = wide(address);
        match plain(address) {
            IpAddr::V4(_) => Prefix(0, bits as u64),
            IpAddr::V6(_) => Prefix((bits >> 64) as u64, 0),
        }
    }
}

/// Who is behind `peer`: itself, unless it is a trusted proxy; then the last address of `X-Forwarded-For` that is
/// not one. `forwarded`: the header's values, in order. What a stranger wrote to the left of it is never believed.
pub(crate) fn client<'a>(
    peer: IpAddr,
    forwarded: impl DoubleEndedIterator<Item = &'a str>,
    trusted: &[Network],
) -> IpAddr {
    let is_trusted = |address: IpAddr| trusted.iter().any(|network| network.contains(address));
    let mut last = plain(peer);
    for entry in forwarded.rev().flat_map(|value| value.rsplit(',')) {
        if !is_trusted(last) {
            break;
        }
        match forwarded_address(entry.trim()) {
            Some(address) => last = plain(address),
            None => break,
        }
    }
    last
}

/// `192.0.2.1`, `192.0.2.1:5123`, `2001:db8::1`, `[2001:db8::1]:5123`.
fn forwarded_address(text: &str) -> Option<IpAddr> {
    if let Ok(address) = text.parse() {
        return Some(address);
    }
    if let Some(inner) = text.strip_prefix('[') {
        return inner
            .split_once(']')
            .and_then(|(address, _)| address.parse::<Ipv6Addr>().ok())
            .map(IpAddr::V6);
    }
    text.split_once(':').and_then(|(address, _)| address.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn a_network_contains_its_own_and_no_others() {
        for (network, inside, outside) in [
            ("10.0.0.0/8", "10.255.1.2", "11.0.0.1"),
            ("127.0.0.1", "127.0.0.1", "127.0.0.2"),
            ("192.168.4.0/22", "192.168.7.255", "192.168.8.0"),
            ("fd00::/8", "fd12::1", "fe80::1"),
            ("::1", "::1", "::2"),
            ("10.0.0.0/8", "::ffff:10.1.1.1", "::10.1.1.1"),
            ("0.0.0.0/0", "203.0.113.9", "2001:db8::1"),
        ] {
            let parsed: Network = network.parse().unwrap();
            assert!(parsed.contains(ip(inside)), "{inside} in {network}");
            assert!(!parsed.contains(ip(outside)), "{outside} not in {network}");
        }
        assert!("::/0".parse::<Network>().unwrap().contains(ip("1.2.3.4")));
        for bad in ["", "10.0.0.0/33", "::/129", "10.0.0/8", "10.0.0.0/", "10.0.0.0/-1", "example.org"] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }

    #[test]
    fn one_visitor_is_an_ipv4_address_or_a_64() {
        assert_eq!(Prefix::of(ip("2001:db8:1:2::1")), Prefix::of(ip("2001:db8:1:2:ffff::9")));
        assert_ne!(Prefix::of(ip("2001:db8:1:2::1")), Prefix::of(ip("2001:db8:1:3::1")));
        assert_ne!(Prefix::of(ip("192.0.2.1")), Prefix::of(ip("192.0.2.2")));
        assert_eq!(Prefix::of(ip("::ffff:192.0.2.1")), Prefix::of(ip("192.0.2.1")));
    }

    #[test]
    fn forwarded_addresses_are_read_from_trusted_proxies_only() {
        let trusted: Vec<Network> = vec!["10.0.0.0/8".parse().unwrap()];
        let who = |peer: &str, forwarded: &[&str]| {
            client(ip(peer), forwarded.iter().copied(), &trusted).to_string()
        };
        assert_eq!(who("203.0.113.5", &["198.51.100.1"]), "203.0.113.5", "not a proxy of ours");
        assert_eq!(who("10.0.0.1", &[]), "10.0.0.1");
        assert_eq!(who("10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        assert_eq!(
            who("10.0.0.1", &["1.1.1.1, 198.51.100.1"]),
            "198.51.100.1",
            "the left one is a stranger's word"
        );
        assert_eq!(who("10.0.0.1", &["1.1.1.1", "198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(who("10.0.0.1", &["nonsense"]), "10.0.0.1");
        assert_eq!(who("10.0.0.1", &["198.51.100.1:5123"]), "198.51.100.1");
        assert_eq!(who("10.0.0.1", &["[2001:db8::1]:5123"]), "2001:db8::1");
        assert_eq!(who("::ffff:10.0.0.1", &["198.51.100.1"]), "198.51.100.1");
    }
}
