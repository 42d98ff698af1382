//! A house for the tests: a real gateway on a real port, people who may come in, and a brain that answers at once.
#![allow(dead_code, reason = "every test binary uses another part of it")]
#![allow(clippy::unwrap_used, reason = "a test that cannot be set up must stop")]

pub mod client;

use conversation::{AdvisorId, ConversationId, CustomerId, Millis, SiteId};
use gateway::{
    Access, ConnectionId, Connections, Drained, GatewayConfig, Identity, Inbound, Inbox, Me, Origin, Page,
    Refused, Secret, SignedIn, Site,
};
use serde_json::json;
use std::borrow::Cow;
use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use wire::frame::{AdvisorFrame, CustomerFrame};
use wire::{Close, ErrorCode};

/// Who may come in. Time is tokio's own, so that a test may stop it.
pub struct Staff {
    began: tokio::time::Instant,
    pub ready: AtomicBool,
    sessions: Mutex<HashSet<String>>,
    codes: Mutex<HashSet<String>>,
    pub asked: Mutex<Vec<String>>,
}

pub const EPOCH: Millis = 1_790_000_000_000;
pub const CONVERSATION: ConversationId = ConversationId(0xaa);
pub const SCRIPT: &[u8] = b"console.log('relais');console.log('relais');console.log('relais');";

fn ines() -> AdvisorId {
    AdvisorId::new("ines").unwrap()
}

fn signed_in(secret: &str) -> SignedIn {
    SignedIn {
        advisor: ines(),
        me: Me { name: "Inès".into(), role: "advisor" },
        secret: Secret(secret.into()),
        max_age_s: 3_600,
    }
}

impl Staff {
    fn new() -> Staff {
        Staff {
            began: tokio::time::Instant::now(),
            ready: AtomicBool::new(true),
            sessions: Mutex::new(["good-session".to_owned()].into()),
            codes: Mutex::new(["good-code".to_owned()].into()),
            asked: Mutex::default(),
        }
    }
}

impl Access for Staff {
    fn now(&self) -> Millis {
        EPOCH + self.began.elapsed().as_millis() as u64
    }

    fn site(&self, id: &SiteId) -> Option<Site> {
        let origins = vec![Origin::parse("https://shop.example").unwrap()];
        match id.as_str() {
            "demo" => Some(Site { origins, own_origin: true, allow_no_origin: true }),
            "strict" => Some(Site { origins, own_origin: false, allow_no_origin: false }),
            _ => None,
        }
    }

    fn conversation_token_valid(&self, conversation: ConversationId, token: &str) -> bool {
        conversation == CONVERSATION && token == "good-token"
    }

    fn identity(&self, _: &SiteId, jwt: &str, _: Millis) -> Result<Identity, String> {
        if jwt == "good-jwt" {
            return Ok(Identity { customer: CustomerId::new("id-7").unwrap(), profile: None });
        }
        Err("`exp` has passed".into())
    }

    fn session(&self, secret: &str, _: Millis) -> Option<AdvisorId> {
        self.sessions.lock().unwrap().contains(secret).then(ines)
    }

    fn token(&self, token: &str, _: Millis) -> Option<AdvisorId> {
        (token == "good-token").then(ines)
    }

    fn redeem(&self, code: &str, _: Millis) -> Option<SignedIn> {
        if !self.codes.lock().unwrap().remove(code) {
            return None;
        }
        self.sessions.lock().unwrap().insert("code-session".into());
        Some(signed_in("code-session"))
    }

    fn password(&self, name: &str, password: &str, _: Millis) -> Option<SignedIn> {
        // As argon2 does: it takes its time, on a thread of its own.
        std::thread::sleep(Duration::from_millis(20));
        (name == "ines" && password == "correct horse battery").then(|| {
            self.sessions.lock().unwrap().insert("password-session".into());
            signed_in("password-session")
        })
    }

    fn set_password(&self, who: &AdvisorId, password: &str, _: Millis) -> bool {
        self.asked
            .lock()
            .unwrap()
            .push(format!("password of {who}: {} characters", password.chars().count()));
        true
    }

    fn sign_out(&self, secret: &str) {
        self.sessions.lock().unwrap().remove(secret);
    }

    fn me(&self, who: &AdvisorId) -> Option<Me> {
        (*who == ines()).then(|| Me { name: "Inès".into(), role: "advisor" })
    }

    fn ready(&self) -> bool {
        self.ready.load(SeqCst)
    }

    fn metrics(&self) -> String {
        "# HELP relais_up Up.\n# TYPE relais_up gauge\nrelais_up 1\n".into()
    }

    fn page(&self, path: &str) -> Option<Page> {
        self.asked.lock().unwrap().push(path.to_owned());
        let page = |content_type, bytes: &'static [u8]| Page {
            content_type,
            bytes: Cow::Borrowed(bytes),
            gzip: None,
            etag: "\"tag\"".into(),
            immutable: false,
            policy: None,
            cross_origin: false,
        };
        match path {
            "console" => Some(Page {
                policy: Some("default-src 'none'; frame-ancestors 'none'"),
                ..page("text/html; charset=utf-8", b"<!doctype html>")
            }),
            "widget.js" => Some(Page {
                gzip: Some(Cow::Borrowed(b"\x1f\x8bsmall")),
                cross_origin: true,
                ..page("text/javascript; charset=utf-8", SCRIPT)
            }),
            "assets/a-1.css" => Some(Page { immutable: true, ..page("text/css; charset=utf-8", b"a{}") }),
            _ => None,
        }
    }
}

/// The brain's door: counts what is told, and can be full.
pub struct Ear {
    to: mpsc::UnboundedSender<Inbound>,
    pub full: AtomicBool,
    /// Takes everything, and does nothing.
    pub deaf: AtomicBool,
    /// Is no longer there.
    pub over: AtomicBool,
}

impl Inbox for Ear {
    fn tell(&self, what: Inbound) -> Result<(), Refused> {
        if self.full.load(SeqCst) {
            return Err(Refused::Full);
        }
        if self.over.load(SeqCst) {
            return Err(Refused::Over);
        }
        if self.deaf.load(SeqCst) {
            return Ok(());
        }
        self.to.send(what).map_err(|_| Refused::Over)
    }
}

/// A gateway with its brain.
pub struct House {
    pub address: SocketAddr,
    pub connections: Arc<Connections>,
    pub staff: Arc<Staff>,
    pub ear: Arc<Ear>,
    /// What the brain was told, in words.
    pub told: Arc<Mutex<Vec<String>>>,
    pub stop: Option<oneshot::Sender<()>>,
    pub served: JoinHandle<Drained>,
}

impl House {
    pub fn open() -> House {
        House::with(GatewayConfig::default())
    }

    pub fn with(config: GatewayConfig) -> House {
        let listener = gateway::listen("127.0.0.1:0".parse().unwrap()).unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(Connections::new());
        let staff = Arc::new(Staff::new());
        let (to, from) = mpsc::unbounded_channel();
        let never = || AtomicBool::new(false);
        let ear = Arc::new(Ear { to, full: never(), deaf: never(), over: never() });
        let told = Arc::new(Mutex::new(Vec::new()));
        tokio::spawn(think(from, Arc::clone(&connections), Arc::clone(&told)));
        let (stop, stopped) = oneshot::channel::<()>();
        let access: Arc<dyn Access> = Arc::clone(&staff) as _;
        let served = tokio::spawn(gateway::serve(
            listener,
            config,
            access,
            Arc::clone(&ear),
            Arc::clone(&connections),
            async move {
                let _ = stopped.await;
            },
        ));
        House { address, connections, staff, ear, told, stop: Some(stop), served }
    }

    pub fn told(&self) -> Vec<String> {
        self.told.lock().unwrap().clone()
    }

    /// Waits until the brain was told something that begins so.
    pub async fn until_told(&self, words: &str) {
        for _ in 0..500 {
            if self.told().iter().any(|told| told.starts_with(words)) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("the brain was never told {words:?}, but {:?}", self.told());
    }

    pub async fn until(&self, what: &str, is: impl Fn(&House) -> bool) {
        for _ in 0..1_000 {
            if is(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("never: {what}");
    }
}

/// Answers: a welcome, an acknowledgement, and whatever a message asks for.
async fn think(
    mut from: mpsc::UnboundedReceiver<Inbound>,
    connections: Arc<Connections>,
    told: Arc<Mutex<Vec<String>>>,
) {
    let mut held_back = Vec::new();
    while let Some(what) = from.recv().await {
        let words = match what {
            Inbound::CustomerHello(hello) => {
                let id = hello.connection;
                connections.send(id, json!({ "type": "welcome", "connection": id.0 }).to_string());
                format!(
                    "hello {} from {} at {} identity {:?} previous {}",
                    hello.hello.site,
                    hello.origin.as_deref().unwrap_or("-"),
                    hello.address,
                    hello.identity.map(|identity| identity.customer),
                    hello.hello.previous.is_some(),
                )
            }
            Inbound::CustomerFrame { connection, frame: CustomerFrame::Message(message) } => {
                asked(&connections, connection, &message.text);
                let ack = json!({ "type": "ack", "cid": message.cid, "seq": 1 }).to_string();
                if message.text == "hold" {
                    held_back.push((connection, ack));
                } else {
                    connections.send(connection, ack);
                }
                format!("message {} of {} bytes", message.cid, message.text.len())
            }
            Inbound::CustomerFrame { frame, .. } => format!("frame {}", frame.type_name()),
            Inbound::AdvisorHello { connection, hello, account } => {
                connections.send(connection, json!({ "type": "welcome", "advisor": account }).to_string());
                format!("advisor {account} token {}", hello.token.is_some())
            }
            Inbound::AdvisorFrame { connection, frame } => {
                if let AdvisorFrame::Say(say) = &frame {
                    connections
                        .send(connection, json!({ "type": "ack", "cid": say.cid, "seq": 1 }).to_string());
                }
                format!("advisor frame {}", frame.type_name())
            }
            Inbound::Gone { connection } => format!("gone {}", connection.0),
            Inbound::Quiet => {
                tokio::time::sleep(Duration::from_millis(100)).await;
                for (connection, ack) in held_back.drain(..) {
                    connections.send(connection, ack);
                }
                connections.close_all(Close::Restart);
                "quiet".to_owned()
            }
        };
        told.lock().unwrap().push(words);
    }
}

fn asked(connections: &Connections, to: ConnectionId, text: &str) {
    let mut words = text.split(' ');
    match (words.next(), words.next().and_then(|n| n.parse::<usize>().ok())) {
        (Some("send"), Some(count)) => {
            for n in 0..count {
                connections.send(to, json!({ "n": n, "pad": "x".repeat(400) }).to_string());
            }
        }
        (Some("large"), Some(bytes)) => {
            connections.send(to, json!({ "pad": "é".repeat(bytes / 2) }).to_string());
        }
        (Some("replace"), _) => connections.close(to, Close::Replaced),
        (Some("error"), _) => connections.send(to, ErrorCode::Closed.as_str()),
        _ => {}
    }
}
