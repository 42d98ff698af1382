//! The session cookie: out of reach of scripts, of other sites, and of plain HTTP where there is TLS.

use crate::access::SignedIn;
use crate::limits::SECRET_CHARS;
use hyper::header::{self, HeaderMap, HeaderValue};

/// Its name.
const NAME: &str = "relais_session";

/// The secret that came along. Where several come (a neighbour on a parent domain can plant one), none is believed.
pub(crate) fn session(headers: &HeaderMap) -> Option<String> {
    let mut found = None;
    for value in headers.get_all(header::COOKIE) {
        for pair in value.to_str().ok()?.split(';') {
            let Some((NAME, secret)) = pair.trim().split_once('=') else { continue };
            if found.is_some() {
                return None;
            }
            found = Some(secret);
        }
    }
    found.filter(|secret| !secret.is_empty() && secret.len() <= SECRET_CHARS).map(str::to_owned)
}

/// `Set-Cookie` for a new session; `None` where the secret cannot stand in a cookie.
pub(crate) fn set(signed_in: &SignedIn, secure: bool) -> Option<HeaderValue> {
    let secret = &signed_in.secret.0;
    let good = |b: u8| b.is_ascii_graphic() && !matches!(b, b'"' | b',' | b';' | b'\\');
    if secret.is_empty() || secret.len() > SECRET_CHARS || !secret.bytes().all(good) {
        return None;
    }
    written(secret, signed_in.max_age_s, secure)
}

/// `Set-Cookie` that takes it away.
pub(crate) fn unset(secure: bool) -> Option<HeaderValue> {
    written("", 0, secure)
}

fn written(secret: &str, max_age_s: u64, secure: bool) -> Option<HeaderValue> {
    let secure = if secure { "; Secure" } else { "" };
    let text = format!("{NAME}={secret}; HttpOnly; SameSite=Strict; Path=/; Max-Age={max_age_s}{secure}");
    let mut value = HeaderValue::from_str(&text).ok()?;
    value.set_sensitive(true);
    Some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cookies: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for cookie in cookies {
            headers.append(header::COOKIE, HeaderValue::from_static(cookie));
        }
        session(&headers)
    }

    #[test]
    fn one_session_is_read_and_two_are_none() {
        assert_eq!(read(&["relais_session=abc"]).as_deref(), Some("abc"));
        assert_eq!(read(&["a=1; relais_session=abc; b=2"]).as_deref(), Some("abc"));
        assert_eq!(read(&["a=1", "relais_session=abc"]).as_deref(), Some("abc"));
        for cookies in [
            &["relais_session=abc; relais_session=def"][..],
            &["relais_session=abc", "relais_session=def"],
            &["relais_session="],
            &["xrelais_session=abc"],
            &["relais_sessionx=abc"],
            &["RELAIS_SESSION=abc"],
            &[],
        ] {
            assert_eq!(read(cookies), None, "{cookies:?}");
        }
    }

    #[test]
    fn a_secret_cannot_add_attributes() {
        let signed_in = |secret: &str| SignedIn {
            advisor: conversation::AdvisorId::new("ines").unwrap(),
            me: crate::access::Me { name: "Inès".into(), role: "advisor" },
            secret: crate::access::Secret(secret.into()),
            max_age_s: 60,
        };
        let good = set(&signed_in("a1-_~"), true).unwrap();
        assert_eq!(
            good.to_str().unwrap(),
            "relais_session=a1-_~; HttpOnly; SameSite=Strict; Path=/; Max-Age=60; Secure"
        );
        assert!(!set(&signed_in("a1"), false).unwrap().to_str().unwrap().contains("Secure"));
        for bad in ["", "a b", "a;b", "a\r\nb", "é", "a\"", &"x".repeat(SECRET_CHARS + 1)] {
            assert_eq!(set(&signed_in(bad), true), None, "{bad:?}");
        }
    }
}
