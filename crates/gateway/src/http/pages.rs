//! Pages and files: tags, compression, caching, and paths that lead nowhere else.

use super::answer::Answer;
use super::problem::Problem;
use super::request::{Asked, quality};
use crate::access::Page;
use crate::shell::Shell;
use hyper::StatusCode;
use hyper::body::Bytes;
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::borrow::Cow;

/// A page whose answer still needs the request's headers.
pub(crate) fn find(shell: &Shell, path: &str, asked: &Asked) -> Result<Answer, Problem> {
    let name = plain(path).ok_or(Problem::NOT_FOUND)?;
    match shell.access.page(name) {
        Some(page) => Ok(answer(page, asked)),
        // Where there is no start page, people who type the server's name want the console.
        None if name.is_empty() && shell.access.page("console").is_some() => {
            Ok(Answer::empty(StatusCode::FOUND).with(header::LOCATION, HeaderValue::from_static("/console")))
        }
        None => Err(Problem::NOT_FOUND),
    }
}

/// The path without its slash; `None` for whatever might mean another path to somebody: an encoded, empty, hidden
/// or dotted name, a backslash, a character that no file of ours has.
fn plain(path: &str) -> Option<&str> {
    let path = path.strip_prefix('/')?;
    let name = |name: &str| {
        !name.is_empty()
            && !name.starts_with('.')
            && !name.contains("..")
            && name.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.'))
    };
    (path.is_empty() || path.split('/').all(name)).then_some(path)
}

fn answer(page: Page, asked: &Asked) -> Answer {
    let Page { content_type, bytes, gzip, etag, immutable, policy, cross_origin } = page;
    let two_forms = gzip.is_some();
    // Two forms of one content share a weak tag (RFC 9110, 8.8.3).
    let tag = if two_forms { format!("W/{etag}") } else { etag };
    let fresh = asked.if_none_match.as_deref().is_some_and(|known| matches(known, &tag));
    let mut answer = if fresh {
        Answer::empty(StatusCode::NOT_MODIFIED)
    } else {
        match gzip.filter(|_| asked.gzip) {
            Some(gzip) => Answer::new(StatusCode::OK, content_type, shared(gzip))
                .with(header::CONTENT_ENCODING, HeaderValue::from_static("gzip")),
            None => Answer::new(StatusCode::OK, content_type, shared(bytes)),
        }
    };
    let keep = if immutable { "public, max-age=31536000, immutable" } else { "no-cache" };
    answer = answer.with(header::CACHE_CONTROL, HeaderValue::from_static(keep));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        answer = answer.with(header::ETAG, tag);
    }
    if two_forms {
        answer = answer.with(header::VARY, HeaderValue::from_static("Accept-Encoding"));
    }
    if let Some(policy) = policy {
        answer = answer.with(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(policy));
    }
    if cross_origin {
        answer = answer.with(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*")).with(
            HeaderName::from_static("cross-origin-resource-policy"),
            HeaderValue::from_static("cross-origin"),
        );
    }
    answer
}

fn shared(bytes: Cow<'static, [u8]>) -> Bytes {
    match bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => Bytes::from(bytes),
    }
}

/// Whether `If-None-Match` names the tag, compared weakly (RFC 9110, 13.1.2).
fn matches(known: &str, tag: &str) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    known.trim() == "*" || known.split(',').any(|one| bare(one) == bare(tag))
}

/// Whether gzip is welcome (RFC 9110, 12.5.3): named with a quality above zero, or meant by `*`.
pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let mut any = false;
    for value in headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok()) {
        for (coding, quality) in value.split(',').map(quality) {
            if coding.eq_ignore_ascii_case("gzip") || coding.eq_ignore_ascii_case("x-gzip") {
                return quality > 0.0;
            }
            any |= coding == "*" && quality > 0.0;
        }
    }
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_might_mean_another_are_none() {
        for (path, name) in [
            ("/", ""),
            ("/console", "console"),
            ("/widget.js", "widget.js"),
            ("/assets/a-1.js", "assets/a-1.js"),
        ] {
            assert_eq!(plain(path), Some(name));
        }
        for path in [
            "",
            "*",
            "//",
            "//etc/passwd",
            "/..",
            "/../etc/passwd",
            "/assets/../../etc/passwd",
            "/assets/..",
            "/assets/.",
            "/assets/./x",
            "/assets//x",
            "/assets/",
            "/%2e%2e/etc/passwd",
            "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/assets/..%2f..%2fetc",
            "/assets/%252e%252e/",
            "/assets/..%5c..%5cwin.ini",
            "/assets/..\\..\\win.ini",
            "/assets/%c0%ae%c0%ae/",
            "/assets/a%00.js",
            "/assets/a.js;.css",
            "/assets/a.js/..",
            "/assets/....//x",
            "/.git/config",
            "/.env",
            "/assets/a b",
            "/assets/é",
            "/C:/windows",
            "/assets/a..b",
        ] {
            assert_eq!(plain(path), None, "{path}");
        }
    }

    #[test]
    fn a_tag_is_known_in_any_list_and_strength() {
        for known in ["W/\"a\"", "\"a\"", "\"b\", W/\"a\"", "*", " \"a\" "] {
            assert!(matches(known, "W/\"a\""), "{known}");
        }
        for known in ["", "\"b\"", "a", "\"aa\""] {
            assert!(!matches(known, "W/\"a\""), "{known}");
        }
    }

    #[test]
    fn gzip_is_sent_where_it_is_welcome() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_gzip(&headers)
        };
        for yes in ["gzip", "deflate, gzip, br", "GZIP;q=0.5", "*", "br, *;q=0.1"] {
            assert!(accepts(yes), "{yes}");
        }
        for no in ["", "br", "gzip;q=0", "*;q=0", "identity", "*, gzip;q=0", "gzipped"] {
            assert!(!accepts(no), "{no}");
        }
    }
}
