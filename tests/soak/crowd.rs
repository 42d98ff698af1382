//! Customers who write now and then, and advisors who take what they are offered, answer once and close. Whose
//! conversation is over begins another one, as the widget does: on a new connection, with proof of the one before.

use crate::figures::{Figures, Ledger};
use futures_util::{SinkExt, StreamExt};
use relais_tests::fuzzing::Changes;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

type Stream = WebSocketStream<TcpStream>;

/// Between two who come.
const COMING: Duration = Duration::from_millis(3);
/// How long anything may take that must come.
const WITHIN: Duration = Duration::from_secs(60);
/// What an advisor may hear who was a moment too late: that is no error.
const TOO_LATE: [&str; 3] = ["offer_gone", "not_yours", "closed"];

/// What customers say; one in fifteen wants a person.
const WORDS: [&str; 15] = [
    "Bonjour",
    "Quels sont les délais de livraison ?",
    "Où est ma commande 4521 ?",
    "Merci beaucoup",
    "Je voudrais retourner un article",
    "Vous avez cette robe en bleu ?",
    "Quels moyens de paiement acceptez-vous ?",
    "D’accord",
    "Quand serai-je remboursée ?",
    "Mon colis n’est pas arrivé",
    "Oui",
    "Non",
    "Quels sont vos horaires ?",
    "Avez-vous un magasin à Lyon ?",
    "Je veux parler à un conseiller",
];

/// Who is there, and for how long.
#[derive(Clone, Copy)]
pub struct Plan {
    /// How long.
    pub minutes: f64,
    /// Customers at once.
    pub customers: usize,
    /// Advisors at once.
    pub advisors: usize,
    /// Customers' messages per second, all together.
    pub rate: f64,
}

/// Everybody who is there.
pub struct Crowd {
    tasks: Vec<JoinHandle<()>>,
    ledger: Ledger,
    end: watch::Sender<bool>,
}

impl Crowd {
    /// Everybody comes, one after the other.
    pub async fn comes(address: SocketAddr, tokens: &[String], plan: &Plan) -> Crowd {
        let (ledger, (end, ended)) = (Ledger::default(), watch::channel(false));
        let mut tasks = Vec::new();
        for token in tokens {
            tasks.push(tokio::spawn(advisor(address, token.clone(), ledger.clone(), ended.clone())));
            sleep(COMING).await;
        }
        let every = Duration::from_secs_f64(plan.customers as f64 / plan.rate);
        for n in 0..plan.customers {
            tasks.push(tokio::spawn(customer(address, n, every, ledger.clone(), ended.clone())));
            sleep(COMING).await;
        }
        Crowd { tasks, ledger, end }
    }

    /// How it goes.
    pub fn figures(&self) -> Figures {
        self.ledger.now()
    }

    /// Everybody leaves.
    pub async fn leaves(self) -> Figures {
        let _ = self.end.send(true);
        for task in self.tasks {
            if task.await.is_err() {
                self.ledger.wrong("a client has panicked");
            }
        }
        self.ledger.now()
    }
}

async fn connected(address: SocketAddr, path: &str, hello: Value) -> Result<Stream, String> {
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let request = format!("ws://{address}{path}").into_client_request().map_err(|error| error.to_string())?;
    let config = WebSocketConfig::default().read_buffer_size(4 * 1_024);
    let (mut stream, _) = timeout(WITHIN, client_async_with_config(request, stream, Some(config)))
        .await
        .map_err(|_| "no answer to an upgrade".to_owned())?
        .map_err(|error| error.to_string())?;
    stream.send(Message::text(hello.to_string())).await.map_err(|error| error.to_string())?;
    Ok(stream)
}

/// The next frame; `None` at the end, which is told.
async fn heard(stream: &mut Stream, who: &str, ledger: &Ledger) -> Option<Value> {
    loop {
        match stream.next().await {
            Some(Ok(Message::Text(text))) => return serde_json::from_str(&text).ok(),
            Some(Ok(Message::Close(close))) => {
                ledger.wrong(&format!("{who}: closed {:?}", close.map(|close| close.code)));
                return None;
            }
            Some(Ok(_)) => {}
            Some(Err(error)) => {
                ledger.wrong(&format!("{who}: {error}"));
                return None;
            }
            None => {
                ledger.wrong(&format!("{who}: the end"));
                return None;
            }
        }
    }
}

/// Waits until everybody leaves.
async fn over(ended: &mut watch::Receiver<bool>) {
    let _ = ended.wait_for(|ended| *ended).await;
}

async fn customer(
    address: SocketAddr,
    n: usize,
    every: Duration,
    ledger: Ledger,
    mut ended: watch::Receiver<bool>,
) {
    let hello = json!({ "type": "hello", "site": "demo", "lang": "fr" });
    let mut stream = match connected(address, "/ws/customer", hello.clone()).await {
        Ok(stream) => stream,
        Err(why) => return ledger.wrong(&format!("a customer cannot come: {why}")),
    };
    // The conversation, and what proves it.
    let mut proof = Value::Null;
    let mut over_and_done = false;
    let mut chance = Changes::new(n as u64);
    let mut due = Instant::now() + every.mul_f64(chance.draw(1_000) as f64 / 1_000.0);
    let (mut said, mut waits): (u64, Option<Instant>) = (0, None);
    loop {
        if std::mem::take(&mut over_and_done) {
            let _ = stream.close(None).await;
            let mut hello = hello.clone();
            hello["previous"] = proof.clone();
            stream = match connected(address, "/ws/customer", hello).await {
                Ok(stream) => stream,
                Err(why) => return ledger.wrong(&format!("a customer cannot come again: {why}")),
            };
            waits = None;
            ledger.counted("begun again");
        }
        tokio::select! {
            () = over(&mut ended) => break,
            frame = heard(&mut stream, "a customer", &ledger) => {
                let Some(frame) = frame else { return };
                match frame["type"].as_str().unwrap_or_default() {
                    "ack" => if let Some(since) = waits.take() { ledger.acknowledged(since.elapsed()) },
                    "welcome" => {
                        proof = json!({ "conversation": frame["conversation"], "token": frame["token"] });
                    }
                    "event" if frame["kind"] == "closed" => over_and_done = true,
                    "error" if frame["code"] == "closed" => {
                        over_and_done = true;
                        ledger.counted("written to what was closed");
                    }
                    "error" => ledger.wrong(&format!("a customer: {}", frame["code"])),
                    _ => {}
                }
            }
            () = sleep_until(due) => {
                // By the plan, whenever it came: a server that is late does not slow the customers down.
                due += every;
                if waits.is_some() {
                    ledger.counted("still waiting when the next was due");
                    continue;
                }
                let text = WORDS[chance.draw(WORDS.len())];
                said += 1;
                let frame = json!({ "type": "message", "cid": format!("m{said}"), "text": text });
                waits = Some(Instant::now());
                if stream.send(Message::text(frame.to_string())).await.is_err() {
                    return ledger.wrong("a customer cannot write");
                }
            }
        }
    }
    if waits.is_some() && timeout(WITHIN, heard(&mut stream, "a customer", &ledger)).await.is_err() {
        ledger.wrong("a message was never answered");
    }
    let _ = stream.close(None).await;
}

async fn advisor(address: SocketAddr, token: String, ledger: Ledger, mut ended: watch::Receiver<bool>) {
    let hello = json!({ "type": "hello", "token": token, "lang": "fr" });
    let mut stream = match connected(address, "/ws/advisor", hello).await {
        Ok(stream) => stream,
        Err(why) => return ledger.wrong(&format!("an advisor cannot come: {why}")),
    };
    let mut number = 0_u64;
    let mut own: HashMap<String, u8> = HashMap::new();
    let mut replies = vec![json!({ "type": "presence", "status": "available" })];
    loop {
        for reply in replies.drain(..) {
            if stream.send(Message::text(reply.to_string())).await.is_err() {
                return ledger.wrong("an advisor cannot write");
            }
        }
        let frame = tokio::select! {
            () = over(&mut ended) => break,
            frame = heard(&mut stream, "an advisor", &ledger) => frame,
        };
        let Some(frame) = frame else { return };
        let conversation = frame["conversation"].as_str().unwrap_or_default().to_owned();
        match frame["type"].as_str().unwrap_or_default() {
            "offer" => {
                own.insert(conversation, 0);
                replies.push(json!({ "type": "accept", "offer": frame["offer"] }));
            }
            "event" if frame["kind"] == "assigned" && own.get(&conversation) == Some(&0) => {
                own.insert(conversation.clone(), 1);
                ledger.counted("taken by an advisor");
                number += 1;
                let (cid, text) = (format!("a{number}"), "Bonjour, je regarde cela tout de suite.");
                let message =
                    json!({ "type": "message", "conversation": conversation, "cid": cid, "text": text });
                replies.push(message);
                let close = json!({ "type": "close", "conversation": conversation, "outcome": "resolved" });
                replies.push(close);
            }
            "event" if frame["owner"]["owner"] == "closed" || frame["kind"] == "closed" => {
                own.remove(&conversation);
            }
            "error" if TOO_LATE.iter().any(|code| frame["code"] == *code) => {
                ledger.counted("an advisor was too late")
            }
            "error" => ledger.wrong(&format!("an advisor: {} {}", frame["code"], frame["message"])),
            _ => {}
        }
    }
    let _ = stream.close(None).await;
}
