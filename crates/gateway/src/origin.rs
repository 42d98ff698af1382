//! Origins (RFC 6454): scheme, host and port, compared exactly.

use std::fmt;

/// Scheme, host and port, in the one spelling that browsers send: lower case, no default port.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Origin(Box<str>);

/// Why a text is not an origin, as the end of a sentence that begins with the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginError(pub &'static str);

impl fmt::Display for OriginError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for OriginError {}

impl Origin {
    /// Reads `https://shop.example` or `http://127.0.0.1:8080`. `null`, which browsers send for pages without an
    /// origin, is none.
    ///
    /// # Errors
    /// No scheme, no host, anything after the port, a port that is none, a host that is not ASCII.
    pub fn parse(text: &str) -> Result<Origin, OriginError> {
        let (scheme, rest) = text.split_once("://").ok_or(OriginError("has no scheme (https://…)"))?;
        let scheme_ok = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
        if !scheme_ok {
            return Err(OriginError("has no good scheme (https://…)"));
        }
        if rest.contains(['/', '?', '#']) {
            return Err(OriginError("has a path; an origin ends after the host and port"));
        }
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = authority(rest)?;
        let default = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        Ok(Origin(match port.filter(|port| Some(*port) != default) {
            Some(port) => format!("{scheme}://{host}:{port}").into(),
            None => format!("{scheme}://{host}").into(),
        }))
    }

    /// The origin of a page that was fetched with this `Host` header.
    pub(crate) fn of_host(scheme: &str, host: &str) -> Result<Origin, OriginError> {
        Origin::parse(&format!("{scheme}://{host}"))
    }

    /// As browsers send it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is reached through TLS: its cookies are `Secure`.
    pub fn is_secure(&self) -> bool {
        self.0.starts_with("https://")
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", &*self.0)
    }
}

/// Host in lower case, and port.
fn authority(text: &str) -> Result<(String, Option<u16>), OriginError> {
    let split = if let Some(inner) = text.strip_prefix('[') {
        let (address, after) = inner.split_once(']').ok_or(OriginError("has a `[` without its `]`"))?;
        let address: std::net::Ipv6Addr =
            address.parse().map_err(|_| OriginError("has brackets around what is no IPv6 address"))?;
        (format!("[{address}]"), after)
    } else {
        let end = text.find(':').unwrap_or(text.len());
        (text[..end].to_ascii_lowercase(), &text[end..])
    };
    let (host, port) = split;
    if host.is_empty() {
        return Err(OriginError("has no host"));
    }
    let good = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'[' | b']' | b':');
    if !host.bytes().all(good) {
        return Err(OriginError(
            "has a host with a character that hosts do not have (write xn--… for others)",
        ));
    }
    if port.is_empty() {
        return Ok((host, None));
    }
    let digits = port.strip_prefix(':').ok_or(OriginError("has something after the host that is no port"))?;
    let port = digits.parse::<u16>().ok().filter(|_| digits.bytes().all(|b| b.is_ascii_digit()));
    match port {
        Some(port) if port != 0 => Ok((host, Some(port))),
        _ => Err(OriginError("has a port that is not 1 to 65535")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_origin_has_one_spelling() {
        for (text, spelling) in [
            ("https://shop.example", "https://shop.example"),
            ("HTTPS://Shop.Example:443", "https://shop.example"),
            ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("http://shop.example:80", "http://shop.example"),
            ("http://shop.example:443", "http://shop.example:443"),
            ("http://[::1]:8080", "http://[::1]:8080"),
            ("http://[0:0::1]", "http://[::1]"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(Origin::parse(text).unwrap().as_str(), spelling, "{text}");
        }
    }

    #[test]
    fn what_is_no_origin_says_why() {
        for text in [
            "",
            "null",
            "shop.example",
            "//shop.example",
            "https://",
            "https://:443",
            "https://shop.example/",
            "https://shop.example/path",
            "https://shop.example?x",
            "https://shop.example#x",
            "https://user@shop.example",
            "https://shop.example:0",
            "https://shop.example:65536",
            "https://shop.example:+80",
            "https://shop.example:",
            "https://shop.example https://evil.example",
            "https://shöp.example",
            "https://[::1",
            "https://[nonsense]",
            "https://*.example",
            "1ttp://shop.example",
        ] {
            assert!(Origin::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_neighbour_is_not_the_same() {
        let own = Origin::parse("https://shop.example").unwrap();
        for other in [
            "http://shop.example",
            "https://shop.example:8443",
            "https://shop.example.evil.example",
            "https://evilshop.example",
            "https://www.shop.example",
            "https://shop.example.",
        ] {
            assert_ne!(Origin::parse(other).ok(), Some(own.clone()), "{other}");
        }
    }
}
