//! People who write without waiting for answers, and keep book of every answer: what a server that was killed, stopped
//! or out of room is held to afterwards.

use crate::house::House;
use crate::socket::{Heard, Socket};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// What each writes in one breath: below the burst of one connection, so that nobody is told to slow down.
pub const BREATH: usize = 28;

/// Somebody who writes.
pub struct Writer {
    /// Which one.
    pub name: usize,
    /// An advisor's token, where it is not a customer.
    token: Option<String>,
    welcome: Value,
    /// The last event that was shown.
    seq: u64,
    /// Every cid, in the order in which they were first sent.
    pub said: Vec<String>,
    /// What was acknowledged, and as which event.
    pub acked: BTreeMap<String, u64>,
    shown: BTreeMap<u64, Value>,
    /// The last connection's close code, where it had one.
    pub close: Option<u16>,
    /// Characters that are added to each message.
    padding: usize,
}

impl Writer {
    fn words(&self, cid: &str) -> String {
        format!("ce que dit {cid}{}", "é".repeat(self.padding))
    }

    fn frame(&self, cid: &str) -> Value {
        let mut frame = json!({ "type": "message", "cid": cid, "text": self.words(cid) });
        if self.token.is_some() {
            frame["conversation"] = self.welcome["conversation"].clone();
        }
        frame
    }

    fn resume(&self, seq: Option<u64>) -> Value {
        let mut fields = json!({ "lang": "fr" });
        for key in ["conversation", "token", "epoch"] {
            fields[key] = self.welcome[key].clone();
        }
        if let Some(seq) = seq {
            fields["seq"] = json!(seq);
        }
        fields
    }

    async fn connect(&self, address: SocketAddr, seq: Option<u64>) -> (Socket, Value) {
        match &self.token {
            Some(token) => Socket::advisor(address, token, "fr").await,
            None => Socket::customer(address, self.resume(seq)).await,
        }
    }

    /// What is to be said next.
    fn thinks(&mut self) -> String {
        let cid = format!("{}-{}", self.name, self.said.len());
        self.said.push(cid.clone());
        cid
    }

    /// Has a breath of long messages to say, when it comes back.
    pub fn goes_on(&mut self) {
        self.padding = 7_000;
        let unsaid = self.said.len() - self.acked.len();
        (unsaid..BREATH).for_each(|_| drop(self.thinks()));
    }

    /// One life of the server: what is not acknowledged is sent again, then more, all in one breath; then listens
    /// until `enough` acknowledgements of its own, or until the connection ends.
    async fn lives(mut self, mut socket: Socket, acks: Arc<AtomicUsize>, more: bool) -> Writer {
        let mut due: Vec<String> =
            self.said.iter().filter(|cid| !self.acked.contains_key(*cid)).cloned().collect();
        while more && due.len() < BREATH {
            due.push(self.thinks());
        }
        self.close = None;
        for cid in &due {
            socket.say(&self.frame(cid)).await;
        }
        let mut missing = due.len();
        while more || missing > 0 {
            match socket.hear().await {
                Heard::Frame(frame) => {
                    if self.hears(&frame) {
                        acks.fetch_add(1, SeqCst);
                        missing -= 1;
                    }
                }
                Heard::Close(code) => {
                    self.close = Some(code);
                    return self;
                }
                Heard::End => return self,
            }
        }
        self
    }

    /// True when it was an acknowledgement.
    fn hears(&mut self, frame: &Value) -> bool {
        assert_ne!(frame["type"], "error", "{frame}");
        if frame["type"] == "event" && frame["conversation"] == self.welcome["conversation"] {
            let seq = frame["seq"].as_u64().expect("a place");
            self.seq = self.seq.max(seq);
            self.shown.insert(seq, frame.clone());
        }
        let Some(cid) = frame["cid"].as_str().filter(|_| frame["type"] == "ack") else { return false };
        self.acked.insert(cid.to_owned(), frame["seq"].as_u64().expect("a place"));
        true
    }

    /// Everything that this writer was told is in the log: once, in its place, in order, without gaps; with `all`,
    /// everything that they ever said is. How many acknowledged messages were looked at.
    pub async fn check(&self, address: SocketAddr, supervisor: &str, all: bool) -> usize {
        let (mut socket, _) = Socket::advisor(address, supervisor, "fr").await;
        socket.done(json!({ "type": "open", "conversation": self.welcome["conversation"] })).await;
        let whole = socket.the("conversation").await;
        let events = whole["events"].as_array().expect("events");
        let places: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().expect("a place")).collect();
        assert_eq!(places, (1..=places.len() as u64).collect::<Vec<u64>>(), "one sequence without gaps");
        let own = if self.token.is_some() { "advisor" } else { "customer" };
        let mut kept = BTreeMap::new();
        let mut order = Vec::new();
        for event in events.iter().filter(|event| event["kind"] == "message" && event["from"] == own) {
            let cid = event["cid"].as_str().expect("a cid").to_owned();
            assert_eq!(event["text"], self.words(&cid));
            order.push(cid.clone());
            let twice = kept.insert(cid, event["seq"].as_u64().expect("a place"));
            assert_eq!(twice, None, "{event}");
        }
        for (cid, seq) in &self.acked {
            assert_eq!(kept.get(cid), Some(seq), "{cid} was acknowledged as {seq}; kept: {kept:?}");
        }
        let expected: Vec<&String> = self.said.iter().filter(|cid| all || kept.contains_key(*cid)).collect();
        assert_eq!(
            order.iter().collect::<Vec<_>>(),
            expected,
            "each once, in the order in which they were written"
        );
        if self.token.is_some() {
            return self.acked.len();
        }
        // What was shown is what is there, word for word.
        let (mut socket, back) = self.connect(address, None).await;
        assert_eq!(back["resumed"], false);
        socket.done(json!({ "type": "human", "cid": "begin" })).await;
        let now: BTreeMap<u64, &Value> =
            socket.events().map(|event| (event["seq"].as_u64().expect("a place"), event)).collect();
        for (seq, shown) in &self.shown {
            assert_eq!(now.get(seq), Some(&shown), "what was shown");
        }
        self.acked.len()
    }
}

/// So many customers who wait in line, and one advisor who is with the first of them; all of these write.
pub async fn writers(house: &House, customers: usize) -> Vec<Writer> {
    let mut writers = Vec::new();
    let token = house.token("ines");
    let mut ines = house.available("ines", "fr").await;
    for name in 0..customers {
        let (mut socket, welcome) = house.customer("fr").await;
        socket.done(json!({ "type": "human", "cid": "begin" })).await;
        let writer = |name, token| Writer {
            name,
            token,
            welcome: welcome.clone(),
            seq: 0,
            said: Vec::new(),
            acked: BTreeMap::new(),
            shown: BTreeMap::new(),
            close: None,
            padding: 0,
        };
        if name == 0 {
            let offer = ines.the("offer").await;
            ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
            ines.present("away").await;
            writers.push(writer(customers, Some(token.clone())));
        }
        writers.push(writer(name, None));
    }
    writers
}

/// Everybody comes back, and then all write at once.
pub async fn begin(
    writers: Vec<Writer>,
    address: SocketAddr,
    acks: &Arc<AtomicUsize>,
    more: bool,
) -> Vec<JoinHandle<Writer>> {
    let mut connected = Vec::new();
    for writer in writers {
        let (socket, back) = writer.connect(address, Some(writer.seq)).await;
        if writer.token.is_none() {
            assert_eq!(back["resumed"], true, "the log is the same one: {back}");
            assert!(back["seq"].as_u64() >= Some(writer.seq), "nothing that was shown is gone: {back}");
        }
        connected.push((writer, socket));
    }
    connected
        .into_iter()
        .map(|(writer, socket)| tokio::spawn(writer.lives(socket, acks.clone(), more)))
        .collect()
}

/// The writers, once each has heard the end.
pub async fn ended(lives: Vec<JoinHandle<Writer>>) -> Vec<Writer> {
    let mut writers = Vec::new();
    for life in lives {
        writers.push(life.await.expect("a writer who found no fault"));
    }
    writers
}

/// Waits for so many acknowledgements in all.
pub async fn reaches(acks: &AtomicUsize, number: usize) {
    for _ in 0..20_000 {
        if acks.load(SeqCst) >= number {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("only {} of {number} acknowledgements", acks.load(SeqCst));
}
