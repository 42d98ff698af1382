//! What every request is asked first: for whom, from where, in which language.

use super::Caller;
use super::cookie;
use super::pages;
use super::problem::Problem;
use crate::address;
use crate::origin::Origin;
use crate::shell::Shell;
use hyper::body::Incoming;
use hyper::header::{self, HeaderMap, HeaderName};
use hyper::{Request, Version};
use std::net::IpAddr;

/// What was found.
pub(crate) struct Asked {
    /// The visitor's address, behind trusted proxies too.
    pub(crate) address: IpAddr,
    /// The origin of this server's own pages; unknown to a client of HTTP/1.0 that names no host.
    pub(crate) own: Option<Origin>,
    /// The page that asks, where a browser says.
    pub(crate) origin: Option<String>,
    /// The session cookie's secret.
    pub(crate) session: Option<String>,
    /// `fr` or `en`.
    pub(crate) language: &'static str,
    /// Whether gzip is welcome.
    pub(crate) gzip: bool,
    /// The tags that the client has.
    pub(crate) if_none_match: Option<String>,
}

impl Asked {
    /// Reads the head.
    ///
    /// # Errors
    /// No `Host`, or one that is no host; an `Origin` that is no text.
    pub(crate) fn of(shell: &Shell, caller: &Caller, request: &Request<Incoming>) -> Result<Asked, Problem> {
        let headers = request.headers();
        let host = one(headers, &header::HOST, "`Host`")?;
        if host.is_none() && request.version() >= Version::HTTP_11 {
            return Err(Problem::bad_request("`Host` is missing"));
        }
        let address = if caller.proxy {
            let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
            address::client(
                caller.peer,
                forwarded.collect::<Vec<_>>().into_iter(),
                &shell.config.trusted_proxies,
            )
        } else {
            caller.peer
        };
        let own = match &shell.config.public_url {
            Some(own) => Some(own.clone()),
            None => {
                let forwarded = HeaderName::from_static("x-forwarded-proto");
                let secure = caller.proxy && headers.get(forwarded).is_some_and(|scheme| scheme == "https");
                let own = |host| Origin::of_host(if secure { "https" } else { "http" }, host);
                host.map(own).transpose().map_err(|error| Problem::bad_request(format!("`Host` {error}")))?
            }
        };
        let origin = one(headers, &header::ORIGIN, "`Origin`")?;
        if origin.is_some_and(|origin| origin.len() > crate::limits::ORIGIN_CHARS) {
            return Err(Problem::bad_request("`Origin` is too long"));
        }
        Ok(Asked {
            address,
            own,
            origin: origin.map(str::to_owned),
            session: cookie::session(headers),
            language: language(headers),
            gzip: pages::accepts_gzip(headers),
            if_none_match: headers
                .get(header::IF_NONE_MATCH)
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
        })
    }

    /// Whether people reach this server through TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.own.as_ref().is_some_and(Origin::is_secure)
    }

    /// The page that asks must be one of ours.
    ///
    /// # Errors
    /// It is another's, or none is named and `absent` is not allowed.
    pub(crate) fn only_own_pages(&self, absent: bool) -> Result<(), Problem> {
        let own = self.own.as_ref();
        match &self.origin {
            None if absent => Ok(()),
            None => Err(Problem::wrong_origin("`Origin` is missing")),
            Some(origin) if Origin::parse(origin).is_ok_and(|origin| Some(&origin) == own) => Ok(()),
            Some(origin) => {
                // A proxy that ends TLS is the usual reason, and its setting the cure.
                let named: String = origin.chars().filter(|c| !c.is_control()).take(100).collect();
                Err(Problem::wrong_origin(format!("{named} ≠ {}", own.map_or("?", Origin::as_str))))
            }
        }
    }
}

/// A header that may come once at most, as text.
fn one<'a>(headers: &'a HeaderMap, name: &HeaderName, said: &str) -> Result<Option<&'a str>, Problem> {
    let mut values = headers.get_all(name).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Problem::bad_request(format!("{said} comes twice")));
    }
    value.to_str().map(Some).map_err(|_| Problem::bad_request(format!("{said} is not plain text")))
}

/// `fr` or `en`, whichever `Accept-Language` likes better; English where it likes neither.
pub(crate) fn language(headers: &HeaderMap) -> &'static str {
    let mut best = ("en", 0.0f32);
    let listed =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    for entry in listed.split(',') {
        let (range, quality) = quality(entry);
        let primary = range.split('-').next().unwrap_or_default();
        for known in ["fr", "en"] {
            if primary.eq_ignore_ascii_case(known) && quality > best.1 {
                best = (known, quality);
            }
        }
    }
    best.0
}

/// `fr-CH;q=0.8` as its value and its quality (RFC 9110, 12.4.2).
pub(crate) fn quality(entry: &str) -> (&str, f32) {
    let mut parts = entry.split(';');
    let value = parts.next().unwrap_or_default().trim();
    let quality = parts
        .filter_map(|part| part.trim().strip_prefix("q="))
        .find_map(|quality| quality.trim().parse::<f32>().ok())
        .filter(|quality| quality.is_finite())
        .unwrap_or(1.0);
    (value, quality)
}

#[cfg(test)]
mod tests {
    use super::*;
    use hyper::header::HeaderValue;

    #[test]
    fn the_language_is_the_one_that_is_liked_better() {
        for (header, expected) in [
            ("fr", "fr"),
            ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
            ("de, en;q=0.5, fr;q=0.3", "en"),
            ("en;q=0.2, fr;q=0.3", "fr"),
            ("en;q=nonsense, fr;q=0.3", "en"),
            ("FR", "fr"),
            ("fro", "en"),
            ("fr;q=0", "en"),
            ("", "en"),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_LANGUAGE, HeaderValue::from_static(header));
            assert_eq!(language(&headers), expected, "{header}");
        }
        assert_eq!(language(&HeaderMap::new()), "en");
    }
}
