//! The server is killed and stopped under load: whatever was acknowledged or shown is there afterwards, once, in its
//! place.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::House;
use relais_tests::socket::{Heard, Socket};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use tokio::task::JoinHandle;
use tokio::time::sleep;

/// Who writes at once.
const WRITERS: usize = 6;
/// What each writes in one breath: below the burst of one connection, so that nobody is told to slow down.
const BREATH: usize = 28;

/// Somebody who writes without waiting for answers, and keeps book of every answer.
struct Writer {
    name: usize,
    /// An advisor's token, where it is not a customer.
    token: Option<String>,
    welcome: Value,
    /// The last event that was shown.
    seq: u64,
    /// Every cid, in the order in which they were first sent.
    said: Vec<String>,
    acked: BTreeMap<String, u64>,
    shown: BTreeMap<u64, Value>,
    close: Option<u16>,
}

impl Writer {
    fn words(cid: &str) -> String {
        format!("ce que dit {cid}")
    }

    fn frame(&self, cid: &str) -> Value {
        let mut frame = json!({ "type": "message", "cid": cid, "text": Writer::words(cid) });
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

    /// One life of the server: what is not acknowledged is sent again, then more, all in one breath; then listens
    /// until `enough` acknowledgements of its own, or until the connection ends.
    async fn lives(mut self, mut socket: Socket, acks: Arc<AtomicUsize>, more: bool) -> Writer {
        let mut due: Vec<String> =
            self.said.iter().filter(|cid| !self.acked.contains_key(*cid)).cloned().collect();
        while more && due.len() < BREATH {
            let cid = format!("{}-{}", self.name, self.said.len());
            self.said.push(cid.clone());
            due.push(cid);
        }
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
            let seq = frame["seq"].as_u64().unwrap();
            self.seq = self.seq.max(seq);
            self.shown.insert(seq, frame.clone());
        }
        let Some(cid) = frame["cid"].as_str().filter(|_| frame["type"] == "ack") else { return false };
        self.acked.insert(cid.to_owned(), frame["seq"].as_u64().unwrap());
        true
    }

    /// Everything that this writer was told is in the log: once, in its place, in order, without gaps.
    async fn check(&self, address: SocketAddr, supervisor: &str, all: bool) {
        let (mut socket, _) = Socket::advisor(address, supervisor, "fr").await;
        socket.done(json!({ "type": "open", "conversation": self.welcome["conversation"] })).await;
        let whole = socket.the("conversation").await;
        let events = whole["events"].as_array().unwrap();
        let places: Vec<u64> = events.iter().map(|event| event["seq"].as_u64().unwrap()).collect();
        assert_eq!(places, (1..=places.len() as u64).collect::<Vec<u64>>(), "one sequence without gaps");
        let own = if self.token.is_some() { "advisor" } else { "customer" };
        let kept: Vec<(String, u64)> = events
            .iter()
            .filter(|event| event["kind"] == "message" && event["from"] == own)
            .map(|event| {
                let cid = event["cid"].as_str().unwrap().to_owned();
                assert_eq!(event["text"], Writer::words(&cid));
                (cid, event["seq"].as_u64().unwrap())
            })
            .collect();
        for (cid, seq) in &self.acked {
            assert!(kept.contains(&(cid.clone(), *seq)), "{cid} was acknowledged as {seq}; kept: {kept:?}");
        }
        let order: Vec<&String> = kept.iter().map(|(cid, _)| cid).collect();
        let expected: Vec<&String> = self.said.iter().filter(|cid| all || order.contains(cid)).collect();
        assert_eq!(order, expected, "each once, in the order in which they were written");
        if self.token.is_some() {
            return;
        }
        // What was shown is what is there, word for word.
        let (mut socket, back) = self.connect(address, None).await;
        assert_eq!(back["resumed"], false);
        socket.done(json!({ "type": "human", "cid": "begin" })).await;
        let now: BTreeMap<u64, &Value> =
            socket.events().map(|event| (event["seq"].as_u64().unwrap(), event)).collect();
        for (seq, shown) in &self.shown {
            assert_eq!(now.get(seq), Some(&shown), "what was shown");
        }
    }
}

/// Customers who wait in line, and one who is with an advisor; both of these write.
async fn writers(house: &House) -> Vec<Writer> {
    let mut writers = Vec::new();
    let token = house.token("ines");
    let mut ines = house.available("ines", "fr").await;
    for name in 0..WRITERS {
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
        };
        if name == 0 {
            let offer = ines.the("offer").await;
            ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
            ines.present("away").await;
            writers.push(writer(WRITERS, Some(token.clone())));
        }
        writers.push(writer(name, None));
    }
    writers
}

/// Everybody comes back, and then all write at once.
async fn begin(
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

async fn ended(lives: Vec<JoinHandle<Writer>>) -> Vec<Writer> {
    let mut writers = Vec::new();
    for life in lives {
        writers.push(life.await.unwrap());
    }
    writers
}

async fn reaches(acks: &AtomicUsize, number: usize) {
    for _ in 0..20_000 {
        if acks.load(SeqCst) >= number {
            return;
        }
        sleep(Duration::from_millis(1)).await;
    }
    panic!("only {} of {number} acknowledgements", acks.load(SeqCst));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_under_load_loses_nothing_that_was_acknowledged_or_shown() {
    let mut house = House::demo();
    let supervisor = house.token("claire");
    let mut writers = writers(&house).await;
    for number in [1, 20, 60, 110, 170] {
        let acks = Arc::new(AtomicUsize::new(0));
        let lives = begin(writers, house.address, &acks, true).await;
        reaches(&acks, number).await;
        house.kill();
        writers = ended(lives).await;
        house.start();
        for writer in &writers {
            writer.check(house.address, &supervisor, false).await;
        }
    }
    // What was never acknowledged is sent once more, and then everything is there.
    let acks = Arc::new(AtomicUsize::new(0));
    writers = ended(begin(writers, house.address, &acks, false).await).await;
    for writer in &writers {
        assert_eq!(writer.acked.len(), writer.said.len());
        writer.check(house.address, &supervisor, true).await;
    }
    let said: usize = writers.iter().map(|writer| writer.said.len()).sum();
    println!("{said} messages through five kills");
    house.terminate();
    assert!(house.ended().success());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_says_restart_and_loses_nothing_that_was_acknowledged() {
    let mut house = House::demo();
    let supervisor = house.token("claire");
    let mut writers = writers(&house).await;
    for number in [1, 90] {
        let acks = Arc::new(AtomicUsize::new(0));
        let lives = begin(writers, house.address, &acks, true).await;
        reaches(&acks, number).await;
        house.terminate();
        writers = ended(lives).await;
        for writer in &writers {
            assert_eq!(writer.close, Some(1012), "writer {}", writer.name);
        }
        assert!(house.ended().success(), "{}", house.told());
        house.start();
        for writer in &writers {
            writer.check(house.address, &supervisor, false).await;
        }
    }
    let acks = Arc::new(AtomicUsize::new(0));
    writers = ended(begin(writers, house.address, &acks, false).await).await;
    for writer in &writers {
        writer.check(house.address, &supervisor, true).await;
    }
}

#[tokio::test]
async fn a_restart_keeps_who_has_what() {
    let mut house = House::demo();
    let token = house.token("ines");
    let mut ines = house.available("ines", "fr").await;
    let (mut held, with_ines) = house.customer("fr").await;
    held.done(json!({ "type": "human", "cid": "1" })).await;
    let offer = ines.the("offer").await;
    ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    let (mut asked, offered) = house.customer("fr").await;
    asked.done(json!({ "type": "human", "cid": "1" })).await;
    let open = ines.the("offer").await;
    let (mut spoken, with_bot) = house.customer("fr").await;
    spoken.message("1", "Bonjour, où en est ma commande 4521 ?").await;
    spoken
        .until("the answer", |f| {
            f["from"] == "bot" && f["text"].as_str().is_some_and(|text| text.contains("4521"))
        })
        .await;

    house.kill();
    house.start();
    let (mut ines, back) = Socket::advisor(house.address, &token, "fr").await;
    assert_eq!(back["advisor"]["status"], "available");
    let own = back["snapshot"]["conversations"].as_array().unwrap();
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0]["conversation"], with_ines["conversation"]);
    // The offer of the former life is nobody's; the conversation is offered again.
    let again = ines.the("offer").await;
    assert_eq!(again["conversation"], offered["conversation"]);
    assert_ne!(again["offer"], open["offer"]);
    ines.refused(json!({ "type": "accept", "offer": open["offer"] }), "offer_gone").await;
    ines.done(json!({ "type": "accept", "offer": again["offer"] })).await;
    for (welcome, owner) in [(&with_ines, "advisor"), (&offered, "advisor"), (&with_bot, "bot")] {
        let fields = json!({ "conversation": welcome["conversation"], "token": welcome["token"] });
        let (_, back) = house.customer_with(fields).await;
        assert_eq!(back["owner"], owner);
    }
    let fields = json!({ "conversation": with_bot["conversation"], "token": with_bot["token"] });
    let (mut spoken, _) = house.customer_with(fields).await;
    let seq = spoken.message("2", "Merci beaucoup").await;
    spoken.until("the bot", |f| f["from"] == "bot" && f["seq"].as_u64() > Some(seq)).await;
}
