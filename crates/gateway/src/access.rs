//! What the gateway asks of the house: who may come in, and what is served.

use crate::origin::Origin;
use conversation::{AdvisorId, ConversationId, CustomerId, Millis, SiteId};
use serde_json::Value;
use std::borrow::Cow;
use std::fmt;

/// What only the house knows. Called from the gateway's tasks: every method but [`Access::password`] and
/// [`Access::set_password`] must answer from memory, at once.
pub trait Access: Send + Sync + 'static {
    /// Milliseconds since 1970, by a clock that only goes forward, and only as fast as time does: heartbeats and
    /// rates are measured with it, and a leap would time everybody out.
    fn now(&self) -> Millis;

    /// A site that carries the widget.
    fn site(&self, id: &SiteId) -> Option<Site>;

    /// Whether the token proves the conversation. Compared in constant time.
    fn conversation_token_valid(&self, conversation: ConversationId, token: &str) -> bool;

    /// Who a site vouches for with this JWT.
    ///
    /// # Errors
    /// Why it is not valid, for the developer of the site, without its content.
    fn identity(&self, site: &SiteId, jwt: &str, now: Millis) -> Result<Identity, String>;

    /// Whose session a cookie's secret is.
    fn session(&self, secret: &str, now: Millis) -> Option<AdvisorId>;

    /// Whose token (`relais user token`) this is.
    fn token(&self, token: &str, now: Millis) -> Option<AdvisorId>;

    /// Redeems a one-time code: it is not valid again. `None` for one that is unknown, used or lapsed.
    fn redeem(&self, code: &str, now: Millis) -> Option<SignedIn>;

    /// Checks a name and password. Runs on a thread that may block, [`crate::limits::PASSWORDS_AT_ONCE`] at a time;
    /// takes as long for a name that does not exist.
    fn password(&self, name: &str, password: &str, now: Millis) -> Option<SignedIn>;

    /// Sets a password, of a length that was checked; on a thread that may block. False where it could not be kept.
    fn set_password(&self, who: &AdvisorId, password: &str, now: Millis) -> bool;

    /// Ends a session. The gateway closes its sockets.
    fn sign_out(&self, secret: &str);

    /// How an advisor is called.
    fn me(&self, who: &AdvisorId) -> Option<Me>;

    /// Whether conversations can be accepted: `/readyz`.
    fn ready(&self) -> bool;

    /// The series, in Prometheus' text format: `/metrics`.
    fn metrics(&self) -> String;

    /// A page or file. `path` has no leading slash, no query, and none of `%`, `\`, `//`, `.` at a name's start:
    /// `""` (the start page), `console`, `widget.js`, `assets/…`.
    fn page(&self, path: &str) -> Option<Page>;
}

/// A site, as far as the gateway must know it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Site {
    /// From which pages its widget may speak.
    pub origins: Vec<Origin>,
    /// Whether this server's own pages may too (the demo shop).
    pub own_origin: bool,
    /// Whether clients that are no browsers, and send no `Origin`, may.
    pub allow_no_origin: bool,
}

/// Who a site vouches for.
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    /// The customer.
    pub customer: CustomerId,
    /// What the site has signed about them.
    pub profile: Option<Value>,
}

/// How an advisor is called.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Me {
    /// The name that customers are shown.
    pub name: String,
    /// `advisor` or `supervisor`.
    pub role: &'static str,
}

/// Somebody has signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who.
    pub advisor: AdvisorId,
    /// How they are called.
    pub me: Me,
    /// The new session's secret: visible ASCII without quotes, comma, semicolon and backslash (RFC 6265, 4.1.1).
    pub secret: Secret,
    /// How long the session lasts, in seconds.
    pub max_age_s: u64,
}

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(pub String);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

/// A page or file, ready to be served.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// For `Content-Type`.
    pub content_type: &'static str,
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// The same, compressed with gzip, for clients that accept it.
    pub gzip: Option<Cow<'static, [u8]>>,
    /// The content's tag, in quotes (`"3f2a"`).
    pub etag: String,
    /// Whether the name changes with the content: kept for ever; else asked about each time.
    pub immutable: bool,
    /// `Content-Security-Policy`, for pages.
    pub policy: Option<&'static str>,
    /// Whether other sites' pages may load it: the widget's script.
    pub cross_origin: bool,
}
