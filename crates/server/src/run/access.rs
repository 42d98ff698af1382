//! What the gateway asks of the house: sites, sessions, tokens, identities, pages.

use super::demo;
use crate::clock::Clock;
use crate::command::user::give;
use crate::config::{Config, Door};
use crate::entropy;
use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use conversation::{AdvisorId, ConversationId, CustomerId, Lang, Millis, QueueId, SiteId};
use dispatcher::Dispatcher;
use eventlog::accounts::{Account, Accounts, BearerKind, SecretHash};
use eventlog::{History, SqliteReader};
use gateway::counters::Kind;
use gateway::{Access, Connections, Identity, Me, Page, Secret, SignedIn, Site};
use hmac::{Hmac, Mac};
use serde::Deserialize;
use serde_json::Value;
use sha2::Sha256;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use telemetry::Series;

/// How long a session lasts, in milliseconds.
const SESSION_MS: u64 = 12 * 3_600_000;

/// What the house is made of.
pub struct Parts {
    /// The one clock.
    pub clock: Clock,
    /// What is valid.
    pub config: Config,
    /// The accounts, by a connection of its own.
    pub accounts: Accounts,
    /// Reads the log, by a connection of its own.
    pub history: SqliteReader,
    /// Signs conversations' tokens.
    pub key: [u8; 32],
    /// Whether events are taken.
    pub ready: Arc<AtomicBool>,
    /// The figures.
    pub series: Series,
    /// The gateway's own figures.
    pub connections: Arc<Connections>,
    /// For the figures of queues.
    pub dispatcher: Arc<Dispatcher>,
    /// Whether the demo's pages exist.
    pub demo: bool,
}

/// The house, as the gateway sees it.
pub struct House {
    clock: Clock,
    epoch: String,
    key: [u8; 32],
    doors: RwLock<(BTreeMap<SiteId, Door>, Vec<QueueId>)>,
    // A look-up by primary key in a file that is in memory: some tens of microseconds.
    accounts: Mutex<Accounts>,
    // The same, for a visitor who comes back with proof of an earlier conversation.
    history: Mutex<SqliteReader>,
    ready: Arc<AtomicBool>,
    series: Series,
    connections: Arc<Connections>,
    dispatcher: Arc<Dispatcher>,
    demo: bool,
    /// What a password that does not exist is checked against, so that it takes as long.
    nobody: String,
}

impl House {
    /// The house.
    ///
    /// # Errors
    /// No password can be hashed on this machine.
    pub fn new(parts: Parts) -> Result<House, String> {
        let nobody = hash(&entropy::secret())?;
        let queues = parts.config.house.queues.keys().cloned().collect();
        Ok(House {
            clock: parts.clock,
            epoch: parts.config.house.epoch.clone(),
            key: parts.key,
            doors: RwLock::new((parts.config.doors, queues)),
            accounts: Mutex::new(parts.accounts),
            history: Mutex::new(parts.history),
            ready: parts.ready,
            series: parts.series,
            connections: parts.connections,
            dispatcher: parts.dispatcher,
            demo: parts.demo,
            nobody,
        })
    }

    /// Another configuration's doors.
    pub fn set_doors(&self, config: &Config) {
        let queues = config.house.queues.keys().cloned().collect();
        *self.doors.write().unwrap_or_else(PoisonError::into_inner) = (config.doors.clone(), queues);
    }

    /// The log's life.
    pub fn epoch(&self) -> &str {
        &self.epoch
    }

    /// The token that proves a conversation: HMAC-SHA256 (RFC 2104) of its id. Not of the log's life: who comes back to
    /// a log that was restored from a copy has proven themselves, and is told everything anew.
    pub fn token_of(&self, conversation: ConversationId) -> String {
        URL_SAFE_NO_PAD.encode(self.mac(conversation).finalize().into_bytes())
    }

    /// The customer of an earlier conversation, as the log's summary has it; the proof was checked by the gateway.
    pub fn customer_of(&self, conversation: ConversationId) -> Option<CustomerId> {
        let history = self.history.lock().unwrap_or_else(PoisonError::into_inner);
        history.summary(conversation).ok().flatten().map(|summary| summary.customer)
    }

    /// The language somebody reads, where their client does not say: the first that they write.
    pub fn language_of(&self, advisor: &AdvisorId) -> Lang {
        let account = self.accounts().get(advisor).ok().flatten();
        account.and_then(|account| account.langs.first().cloned()).unwrap_or_else(french)
    }

    fn mac(&self, conversation: ConversationId) -> Hmac<Sha256> {
        #[expect(clippy::expect_used, reason = "HMAC takes keys of any length (RFC 2104, 2)")]
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("any length is a key");
        mac.update(&conversation.0.to_be_bytes());
        mac
    }

    fn accounts(&self) -> MutexGuard<'_, Accounts> {
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn bearer(&self, secret: &str, kind: BearerKind, now: Millis) -> Option<AdvisorId> {
        self.accounts().bearer(SecretHash::of(secret), kind, now).ok().flatten()
    }

    fn signed_in(&self, advisor: AdvisorId) -> Option<SignedIn> {
        let me = self.me(&advisor)?;
        let secret =
            give(&self.accounts(), &advisor, BearerKind::Session, "console", Some(SESSION_MS)).ok()?;
        Some(SignedIn { advisor, me, secret: Secret(secret), max_age_s: SESSION_MS / 1_000 })
    }
}

fn french() -> Lang {
    #[expect(clippy::expect_used, reason = "a plain word")]
    Lang::new("fr").expect("a language")
}

fn hash(password: &str) -> Result<String, String> {
    let salt = SaltString::encode_b64(&entropy::bytes::<16>()).map_err(|error| error.to_string())?;
    let hashed =
        Argon2::default().hash_password(password.as_bytes(), &salt).map_err(|error| error.to_string())?;
    Ok(hashed.to_string())
}

/// The claims of an identity (RFC 7519): `sub` names the customer, everything else is shown to advisors.
#[derive(Deserialize)]
struct Claims {
    sub: String,
    site: Option<String>,
    #[serde(flatten)]
    profile: serde_json::Map<String, Value>,
}

impl Access for House {
    fn now(&self) -> Millis {
        self.clock.now()
    }

    fn site(&self, id: &SiteId) -> Option<Site> {
        let doors = self.doors.read().unwrap_or_else(PoisonError::into_inner);
        doors.0.get(id).map(|door| door.site.clone())
    }

    fn conversation_token_valid(&self, conversation: ConversationId, token: &str) -> bool {
        let Ok(bytes) = URL_SAFE_NO_PAD.decode(token) else { return false };
        self.mac(conversation).verify_slice(&bytes).is_ok()
    }

    fn identity(&self, site: &SiteId, jwt: &str, _now: Millis) -> Result<Identity, String> {
        use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode};
        let doors = self.doors.read().unwrap_or_else(PoisonError::into_inner);
        let key = doors.0.get(site).and_then(|door| door.identity_key.as_deref());
        let key = key.ok_or("this site has no identity key")?;
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_required_spec_claims(&["exp", "sub"]);
        validation.validate_aud = false;
        let claims = decode::<Claims>(jwt, &DecodingKey::from_secret(key), &validation)
            .map_err(|error| error.to_string())?
            .claims;
        if claims.site.as_deref().is_some_and(|named| named != site.as_str()) {
            return Err("it was signed for another site".into());
        }
        let customer =
            CustomerId::new(&format!("id-{site}-{}", claims.sub)).map_err(|error| error.to_string())?;
        let mut profile = claims.profile;
        for technical in ["exp", "iat", "nbf", "nonce", "jti", "iss", "aud"] {
            profile.remove(technical);
        }
        Ok(Identity { customer, profile: (!profile.is_empty()).then_some(Value::Object(profile)) })
    }

    fn session(&self, secret: &str, now: Millis) -> Option<AdvisorId> {
        self.bearer(secret, BearerKind::Session, now)
    }

    fn token(&self, token: &str, now: Millis) -> Option<AdvisorId> {
        self.bearer(token, BearerKind::Token, now)
    }

    fn redeem(&self, code: &str, now: Millis) -> Option<SignedIn> {
        let advisor = self.accounts().redeem(SecretHash::of(code), now).ok().flatten()?;
        self.signed_in(advisor)
    }

    fn password(&self, name: &str, password: &str, _now: Millis) -> Option<SignedIn> {
        let account = AdvisorId::new(name).ok().and_then(|id| self.accounts().get(&id).ok().flatten());
        let kept = account
            .as_ref()
            .filter(|account| !account.disabled)
            .and_then(|account| account.password_hash.clone());
        // The lock is not held while the hash is made: others sign in meanwhile.
        let parsed = PasswordHash::new(kept.as_deref().unwrap_or(&self.nobody)).ok()?;
        let right = Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok();
        (right && kept.is_some()).then(|| self.signed_in(account?.id)).flatten()
    }

    fn set_password(&self, who: &AdvisorId, password: &str, _now: Millis) -> bool {
        let Ok(hashed) = hash(password) else { return false };
        let accounts = self.accounts();
        let Ok(Some(mut account)) = accounts.get(who) else { return false };
        account.password_hash = Some(hashed);
        accounts.update(&account).unwrap_or(false)
    }

    fn sign_out(&self, secret: &str) {
        if let Err(error) = self.accounts().revoke(SecretHash::of(secret)) {
            tracing::error!(%error, "a session cannot be ended");
        }
    }

    fn me(&self, who: &AdvisorId) -> Option<Me> {
        let Account { name, role, .. } = self.accounts().get(who).ok().flatten()?;
        Some(Me { name, role: role.as_str() })
    }

    fn ready(&self) -> bool {
        self.ready.load(Ordering::Acquire)
    }

    fn metrics(&self) -> String {
        let now = self.clock.now();
        let queues = self.doors.read().unwrap_or_else(PoisonError::into_inner).1.clone();
        for queue in &queues {
            let figures = self.dispatcher.figures(queue, now);
            let label = &[queue.as_str()];
            self.series.queue_waiting.with_label_values(label).set(i64::from(figures.waiting));
            self.series.queue_available_advisors.with_label_values(label).set(i64::from(figures.available));
            let oldest = figures.oldest_since.map_or(0.0, |since| now.saturating_sub(since) as f64 / 1_000.0);
            self.series.queue_oldest_wait_seconds.with_label_values(label).set(oldest);
        }
        let mut text = self.series.text();
        gateway_text(&self.connections, &mut text);
        text
    }

    fn page(&self, path: &str) -> Option<Page> {
        if path.is_empty() || path.starts_with("demo") {
            if !self.demo {
                return None;
            }
            if let Some(json) = demo::order(path, self.clock.now()) {
                return Some(Page {
                    content_type: "application/json",
                    etag: format!("\"{:x}\"", json.len()),
                    bytes: Cow::Owned(json.into_bytes()),
                    gzip: None,
                    immutable: false,
                    policy: None,
                    cross_origin: false,
                });
            }
        }
        let (path, policy) = match path {
            "" => ("demo", Some(console::CSP_DEMO)),
            "console" => ("console", Some(console::CSP_CONSOLE)),
            "demo" => return None,
            other => (other, None),
        };
        let asset = console::asset(path)?;
        Some(Page {
            content_type: asset.content_type,
            bytes: asset.bytes,
            gzip: asset.gzip,
            etag: asset.etag,
            immutable: asset.immutable,
            policy,
            cross_origin: path == "widget.js",
        })
    }
}

/// The gateway's own counters, in the same text format.
fn gateway_text(connections: &Connections, text: &mut String) {
    let mut last = "";
    for reading in connections.counters().readings() {
        if reading.name != last {
            let kind = match reading.kind {
                Kind::Counter => "counter",
                Kind::Gauge => "gauge",
            };
            let _ =
                writeln!(text, "# HELP relais_{0} {1}\n# TYPE relais_{0} {kind}", reading.name, reading.help);
            last = reading.name;
        }
        let label = reading.label.map_or_else(String::new, |(name, value)| format!("{{{name}=\"{value}\"}}"));
        let _ = writeln!(text, "relais_{}{label} {}", reading.name, reading.value);
    }
}
