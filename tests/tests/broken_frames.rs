//! More than two hundred kinds of broken frames on both sockets: each gets its own error, or its close code, and
//! nobody else notices.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::frames::{self, Field, ID};
use relais_tests::house::House;
use relais_tests::socket::{Heard, Socket};
use serde_json::{Value, json};

/// Errors that one connection may make in a minute without being closed: one less than the protocol's limit.
const BEFORE_CLOSED: usize = 9;

/// A broken frame: its text, the error that it must get, and words of which the sentence must name all.
struct Broken {
    text: String,
    code: &'static str,
    names: Vec<String>,
}

fn broken(text: impl Into<String>, code: &'static str, names: &[&str]) -> Broken {
    Broken { text: text.into(), code, names: names.iter().map(|&name| name.to_owned()).collect() }
}

/// What can be done to a frame whose fields are known: leave each out, give each a wrong type, add one.
fn systematic(frames: Vec<(Value, Vec<Field>)>) -> Vec<Broken> {
    let mut all = Vec::new();
    let wrong = [
        ("null", json!(null)),
        ("boolean", json!(true)),
        ("number", json!(-1)),
        ("number", json!(1.5)),
        ("string", json!("\u{0}")),
        ("array", json!([])),
        ("object", json!({ "nothing": [] })),
    ];
    for (good, fields) in frames {
        for Field(name, required, takes) in fields {
            if required {
                let mut frame = good.clone();
                frame.as_object_mut().unwrap().remove(name);
                all.push(broken(frame.to_string(), "bad_frame", &[name]));
            }
            for (kind, value) in &wrong {
                if takes.contains(kind) && *kind != "number" {
                    continue;
                }
                // -1 and 1.5 are numbers, but no place of an event and no share.
                if *kind == "number" && takes.contains(kind) && name == "peak" || name == "trend" {
                    continue;
                }
                let mut frame = good.clone();
                frame[name] = value.clone();
                all.push(broken(frame.to_string(), "bad_frame", &[name]));
            }
        }
        let mut frame = good.clone();
        frame["surplus"] = json!(1);
        all.push(broken(frame.to_string(), "bad_frame", &["surplus"]));
        let kind = good["type"].as_str().unwrap();
        let doubled = good.to_string().replacen('{', &format!("{{\"type\":\"{kind}\","), 1);
        all.push(broken(doubled, "bad_frame", &["type"]));
        let cut: String = good.to_string().chars().take(12).collect();
        all.push(broken(cut, "bad_frame", &["not JSON"]));
    }
    all
}

/// What is broken on either socket.
fn on_both() -> Vec<Broken> {
    let deep = "[".repeat(5_000);
    let long_type = format!("{{\"type\":\"{}\"}}", "x".repeat(3_000));
    vec![
        broken("", "bad_frame", &["not JSON"]),
        broken(" ", "bad_frame", &["not JSON"]),
        broken("hello", "bad_frame", &["not JSON"]),
        broken("\u{feff}{}", "bad_frame", &["not JSON"]),
        broken("{", "bad_frame", &["not JSON"]),
        broken("{}{}", "bad_frame", &["not JSON"]),
        broken("{'type':'seen'}", "bad_frame", &["not JSON"]),
        broken("{\"type\":\"seen\",}", "bad_frame", &["not JSON"]),
        broken("{\"type\":\"seen\",\"seq\":NaN}", "bad_frame", &["not JSON"]),
        broken("{\"type\":\"seen\",\"seq\":01}", "bad_frame", &["not JSON"]),
        broken("{\"type\":\"\\ud800\"}", "bad_frame", &["not JSON"]),
        broken("{\"type\":\"\u{0}\"}", "bad_frame", &["not JSON"]),
        broken(deep, "bad_frame", &["not JSON"]),
        broken("null", "bad_frame", &["object"]),
        broken("true", "bad_frame", &["object"]),
        broken("42", "bad_frame", &["object"]),
        broken("\"hello\"", "bad_frame", &["object"]),
        broken("[]", "bad_frame", &["object"]),
        broken("[{\"type\":\"seen\",\"seq\":1}]", "bad_frame", &["object"]),
        broken("{}", "bad_frame", &["type"]),
        broken("{\"Type\":\"seen\",\"seq\":1}", "bad_frame", &["type"]),
        broken("{\"type\":null}", "bad_frame", &["type", "string"]),
        broken("{\"type\":1}", "bad_frame", &["type", "string"]),
        broken("{\"type\":[]}", "bad_frame", &["type", "string"]),
        broken("{\"type\":{}}", "bad_frame", &["type", "string"]),
        broken("{\"type\":\"\"}", "bad_frame", &["type", "not known"]),
        broken("{\"type\":\"SEEN\",\"seq\":1}", "bad_frame", &["SEEN", "not known"]),
        broken("{\"type\":\"seen \",\"seq\":1}", "bad_frame", &["not known"]),
        broken("{\"type\":\"welcome\"}", "bad_frame", &["welcome", "not known"]),
        broken("{\"type\":\"event\"}", "bad_frame", &["event", "not known"]),
        broken("{\"type\":\"ack\"}", "bad_frame", &["ack", "not known"]),
        broken(long_type, "bad_frame", &["not known"]),
        broken("{\"type\":\"seen\",\"seq\":18446744073709551616}", "bad_frame", &[]),
        broken("{\"type\":\"seen\",\"seq\":1e400}", "bad_frame", &[]),
    ]
}

fn customers_values() -> Vec<Broken> {
    let frame = |value: Value| value.to_string();
    let message = |cid: &str, text: &str| frame(json!({ "type": "message", "cid": cid, "text": text }));
    let hello = |key: &str, value: Value| {
        let mut hello = json!({ "type": "hello", "site": "demo" });
        hello[key] = value;
        hello.to_string()
    };
    vec![
        broken(message("", "t"), "bad_frame", &["cid"]),
        broken(message(&"c".repeat(65), "t"), "bad_frame", &["cid"]),
        broken(message("a\nb", "t"), "bad_frame", &["cid"]),
        broken(message("c", ""), "text_empty", &[]),
        broken(message("c", " \n\t\u{a0}"), "text_empty", &[]),
        broken(message("c", &"é".repeat(8_001)), "text_too_long", &["8"]),
        broken(
            frame(json!({ "type": "message", "cid": "c", "text": "t", "from": "bot" })),
            "bad_frame",
            &["from"],
        ),
        broken(
            frame(json!({ "type": "message", "cid": "c", "text": "t", "ref": "r" })),
            "bad_frame",
            &["ref"],
        ),
        broken(
            frame(json!({ "type": "survey", "cid": "c", "satisfaction": 0 })),
            "bad_frame",
            &["satisfaction"],
        ),
        broken(
            frame(json!({ "type": "survey", "cid": "c", "satisfaction": 6 })),
            "bad_frame",
            &["satisfaction"],
        ),
        broken(
            frame(json!({ "type": "survey", "cid": "c", "satisfaction": 300 })),
            "bad_frame",
            &["satisfaction"],
        ),
        broken(
            frame(json!({ "type": "survey", "cid": "c", "satisfaction": 5, "listened": 0 })),
            "bad_frame",
            &["listened"],
        ),
        broken(
            frame(json!({ "type": "survey", "cid": "c", "satisfaction": 5, "comment": "x".repeat(8_001) })),
            "text_too_long",
            &["8"],
        ),
        // Nobody asked yet.
        broken(frame(json!({ "type": "survey", "cid": "c", "satisfaction": 5 })), "wrong_state", &[]),
        broken(frame(json!({ "type": "leave_message", "cid": "c", "address": " " })), "text_empty", &[]),
        broken(
            frame(json!({ "type": "callback", "cid": "c", "number": "appelez-moi" })),
            "bad_frame",
            &["number"],
        ),
        broken(frame(json!({ "type": "callback", "cid": "c", "number": "12345" })), "bad_frame", &["number"]),
        broken(
            frame(json!({ "type": "leave_message", "cid": "c", "address": "x".repeat(201) })),
            "bad_frame",
            &["address"],
        ),
        broken(
            frame(json!({ "type": "leave_message", "cid": "c", "address": "a", "text": "" })),
            "text_empty",
            &[],
        ),
        broken(hello("site", json!("demo")), "hello_twice", &["hello"]),
        broken(hello("site", json!("")), "bad_frame", &["site"]),
        broken(hello("lang", json!("français")), "bad_frame", &["lang"]),
        broken(hello("conversation", json!("AA")), "bad_frame", &["conversation"]),
        broken(hello("conversation", json!("00000000000000AA")), "bad_frame", &["conversation"]),
        broken(hello("token", json!("x".repeat(257))), "bad_frame", &["token"]),
        broken(hello("epoch", json!("x".repeat(65))), "bad_frame", &["epoch"]),
        broken(hello("identity", json!("x".repeat(8_193))), "bad_frame", &["identity"]),
        broken(hello("page", json!({ "url": "x".repeat(2_049) })), "bad_frame", &["page.url"]),
        broken(hello("page", json!({ "title": 1 })), "bad_frame", &["page.title"]),
        broken(hello("page", json!({ "colour": "red" })), "bad_frame", &["page", "colour"]),
        broken(hello("previous", json!({ "conversation": ID })), "bad_frame", &["previous", "token"]),
        // Frames of the other socket.
        broken(
            frame(json!({ "type": "presence", "status": "away" })),
            "bad_frame",
            &["presence", "not known"],
        ),
        broken(frame(json!({ "type": "accept", "offer": format!("{ID}-3") })), "bad_frame", &["accept"]),
    ]
}

fn advisors_values() -> Vec<Broken> {
    let of = |kind: &str, more: Value| {
        let mut frame = json!({ "type": kind, "conversation": ID, "ref": "r" });
        for (key, value) in more.as_object().cloned().unwrap_or_default() {
            frame[key] = value;
        }
        frame.to_string()
    };
    let plain = |value: Value| value.to_string();
    vec![
        broken(plain(json!({ "type": "presence", "status": "asleep" })), "bad_frame", &["status", "asleep"]),
        broken(plain(json!({ "type": "accept", "offer": ID })), "bad_frame", &["offer"]),
        broken(plain(json!({ "type": "accept", "offer": format!("{ID}-x") })), "bad_frame", &["offer"]),
        broken(plain(json!({ "type": "accept", "offer": format!("{ID}-3"), "ref": "r" })), "offer_gone", &[]),
        broken(
            plain(
                json!({ "type": "decline", "offer": format!("{ID}-3"), "reason": "busy", "note": "x".repeat(8_001) }),
            ),
            "text_too_long",
            &["8"],
        ),
        broken(of("message", json!({ "cid": "", "text": "t" })), "bad_frame", &["cid"]),
        broken(of("message", json!({ "cid": "c".repeat(65), "text": "t" })), "bad_frame", &["cid"]),
        broken(of("message", json!({ "cid": "c", "text": "" })), "text_empty", &[]),
        broken(of("message", json!({ "cid": "c", "text": "é".repeat(8_001) })), "text_too_long", &["8"]),
        broken(of("message", json!({ "cid": "c", "text": "t" })), "unknown_conversation", &[]),
        broken(of("note", json!({ "cid": "c", "text": " " })), "text_empty", &[]),
        broken(
            of("note", json!({ "cid": "c", "text": "t", "mentions": ["a b"] })),
            "bad_frame",
            &["mentions"],
        ),
        broken(of("note", json!({ "cid": "c", "text": "t", "mentions": [1] })), "bad_frame", &["mentions"]),
        broken(of("transfer", json!({ "to": {} })), "bad_frame", &["to", "queue", "advisor"]),
        broken(
            of("transfer", json!({ "to": { "queue": "care", "advisor": "tom" } })),
            "bad_frame",
            &["to", "exactly one"],
        ),
        broken(of("transfer", json!({ "to": { "queue": "no such name" } })), "bad_frame", &["to.queue"]),
        broken(of("transfer", json!({ "to": { "team": "a" } })), "bad_frame", &["to", "team"]),
        broken(of("transfer", json!({ "to": { "queue": "care" }, "note": "" })), "text_empty", &[]),
        broken(of("feedback", json!({ "seq": 2, "verdict": "maybe" })), "bad_frame", &["verdict", "maybe"]),
        broken(
            of("feedback", json!({ "seq": 2, "verdict": "frustrated", "span": { "start": 3, "end": 3 } })),
            "bad_frame",
            &["span"],
        ),
        broken(
            of("feedback", json!({ "seq": 2, "verdict": "frustrated", "span": { "start": -1, "end": 3 } })),
            "bad_frame",
            &["span.start"],
        ),
        broken(
            of("feedback", json!({ "seq": 2, "verdict": "frustrated", "span": { "start": 1 } })),
            "bad_frame",
            &["span", "end"],
        ),
        broken(of("close", json!({ "outcome": "won" })), "unknown_conversation", &[]),
        broken(of("open", json!({ "conversation": "AA" })), "bad_frame", &["conversation"]),
        broken(of("open", json!({ "ref": "r".repeat(257) })), "bad_frame", &["ref"]),
        broken(of("open", json!({ "ref": 1 })), "bad_frame", &["ref"]),
        broken(
            plain(json!({ "type": "set_policy", "queue": "care", "peak": 1.1, "reason": "r" })),
            "bad_frame",
            &["peak"],
        ),
        broken(
            plain(json!({ "type": "set_policy", "queue": "care", "trend": -0.1, "reason": "r" })),
            "bad_frame",
            &["trend"],
        ),
        broken(
            plain(json!({ "type": "set_policy", "queue": "care", "peak": 0.5, "reason": "r", "ref": "r" })),
            "forbidden",
            &[],
        ),
        broken(plain(json!({ "type": "hello", "ref": "r" })), "hello_twice", &["hello"]),
        broken(plain(json!({ "type": "human", "cid": "c" })), "bad_frame", &["human", "not known"]),
        broken(plain(json!({ "type": "survey", "cid": "c", "satisfaction": 3 })), "bad_frame", &["survey"]),
    ]
}

/// One who talks with an advisor all along, and must not notice anything.
struct Bystander {
    customer: Socket,
    advisor: Socket,
    conversation: Value,
    round: u32,
}

impl Bystander {
    async fn begin(house: &House) -> Bystander {
        let mut advisor = house.available("tom", "en").await;
        let (mut customer, welcome) = house.customer("en").await;
        customer.done(json!({ "type": "human", "cid": "h" })).await;
        let offer = advisor.the("offer").await;
        advisor.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
        Bystander { customer, advisor, conversation: welcome["conversation"].clone(), round: 0 }
    }

    /// Words there and back.
    async fn talks(&mut self) {
        self.round += 1;
        let (ping, pong) = (format!("ping {}", self.round), format!("pong {}", self.round));
        self.customer.message(&ping, &ping).await;
        self.advisor.until("the ping", |frame| frame["text"] == *ping).await;
        let said = json!({ "type": "message", "conversation": self.conversation, "cid": pong, "text": pong });
        self.advisor.done(said).await;
        self.customer.until("the pong", |frame| frame["text"] == *pong).await;
    }
}

/// Sends every broken frame on connections that are opened as they are used up; each gets its own answer.
async fn each_gets_its_error(
    all: Vec<Broken>,
    house: &House,
    token: Option<&str>,
    bystander: &mut Bystander,
) {
    for some in all.chunks(BEFORE_CLOSED) {
        let mut socket = match token {
            Some(token) => house.advisor_by(token, "en").await.0,
            None => house.customer("en").await.0,
        };
        for Broken { text, code, names } in some {
            let short: String = text.chars().take(200).collect();
            socket.say_text(text).await;
            let error = loop {
                match socket.hear().await {
                    Heard::Frame(frame) if frame["type"] == "error" => break frame,
                    Heard::Frame(frame) => {
                        assert_ne!(frame["type"], "ack", "{short} was taken: {frame}");
                    }
                    other => panic!("{short} was answered {other:?}"),
                }
            };
            assert_eq!(error["code"], *code, "{short} was answered {error}");
            let sentence = error["message"].as_str().unwrap_or_default();
            assert!(sentence.len() > 10 && sentence.len() < 1_000, "{short} was answered {error}");
            for name in names {
                assert!(
                    sentence.contains(name.as_str()),
                    "{short} was answered {error}, which names no {name:?}"
                );
            }
            // What can be echoed is: a client finds its own frame again.
            if let Ok(frame) = serde_json::from_str::<Value>(text) {
                for key in ["cid", "ref"] {
                    let echo = frame[key]
                        .as_str()
                        .filter(|name| (1..=64).contains(&name.len()) && *name != "a\nb" && *name != "\u{0}");
                    if let (Some(echo), true) = (echo, error.get(key).is_some()) {
                        assert_eq!(error[key], echo, "{short} was answered {error}");
                    }
                    if let (Some(echo), "text_empty" | "text_too_long" | "wrong_state") = (echo, *code) {
                        assert_eq!(error[key], echo, "{short} was answered {error}");
                    }
                }
            }
        }
        bystander.talks().await;
    }
}

#[tokio::test]
async fn every_broken_frame_gets_its_error_and_nobody_else_notices() {
    let house = House::demo();
    let mut bystander = Bystander::begin(&house).await;
    let token = house.token("ines");
    let mut customers = on_both();
    customers.extend(systematic(frames::customers()));
    customers.extend(customers_values());
    let mut advisors = on_both();
    advisors.extend(systematic(frames::advisors()));
    advisors.extend(advisors_values());
    assert!(customers.len() >= 100 && advisors.len() >= 100, "{} and {}", customers.len(), advisors.len());
    println!("{} kinds on the customers' socket, {} on the advisors'", customers.len(), advisors.len());
    each_gets_its_error(customers, &house, None, &mut bystander).await;
    each_gets_its_error(advisors, &house, Some(&token), &mut bystander).await;
    assert!(!house.told().contains("panicked"), "{}", house.told());
}

#[tokio::test]
async fn what_breaks_the_transport_is_closed_with_its_code() {
    let house = House::demo();
    let mut bystander = Bystander::begin(&house).await;
    let token = house.token("ines");
    for path in ["/ws/customer", "/ws/advisor"] {
        for greeted in [false, true] {
            let open = async || -> Socket {
                match (path, greeted) {
                    ("/ws/customer", true) => house.customer("en").await.0,
                    (_, true) => house.advisor_by(&token, "en").await.0,
                    (_, false) => Socket::open(house.address, path).await,
                }
            };
            let mut socket = open().await;
            socket.say_bytes(b"{\"type\":\"seen\",\"seq\":1}").await;
            assert_eq!(socket.closed().await, 1003, "binary on {path}");
            let mut socket = open().await;
            socket.say_bytes(&[]).await;
            assert_eq!(socket.closed().await, 1003, "binary on {path}");
            for bytes in [
                &b"\xff"[..],
                b"{\"type\":\"\xc3\x28\"}",
                b"\xed\xa0\x80",
                b"\xf8\x88\x80\x80\x80",
                b"abc\xe2\x82",
            ] {
                let mut socket = open().await;
                socket.say_fragment(bytes, true, true).await;
                assert_eq!(socket.closed().await, 1007, "{bytes:?} on {path}");
            }
            let mut socket = open().await;
            socket.say_text(&format!("{{\"type\":\"{}\"}}", "x".repeat(64 * 1024))).await;
            assert_eq!(socket.closed().await, 1009, "huge on {path}");
            // Huge in small pieces is huge all the same.
            let mut socket = open().await;
            let piece = [b'x'; 8 * 1024];
            for n in 0..9 {
                socket.say_fragment(&piece, n == 0, n == 8).await;
            }
            assert_eq!(socket.closed().await, 1009, "huge in pieces on {path}");
            bystander.talks().await;
        }
    }
    assert!(!house.told().contains("panicked"), "{}", house.told());
}

#[tokio::test]
async fn a_good_frame_in_fragments_is_a_good_frame() {
    let house = House::demo();
    let (mut customer, _) = house.customer("fr").await;
    let frame = json!({ "type": "message", "cid": "é", "text": "où en est ma commande 4521 ?" }).to_string();
    let bytes = frame.as_bytes();
    // One byte a frame: characters are cut in the middle too.
    for (n, byte) in bytes.iter().enumerate() {
        customer.say_fragment(&[*byte], n == 0, n + 1 == bytes.len()).await;
    }
    customer.until("the ack", |answer| answer["type"] == "ack" && answer["cid"] == "é").await;
    customer
        .until("the answer", |f| f["from"] == "bot" && f["text"].as_str().unwrap().contains("4521"))
        .await;
}

#[tokio::test]
async fn ten_bad_frames_in_a_minute_are_too_many_and_nobody_else_pays() {
    let house = House::demo();
    let mut bystander = Bystander::begin(&house).await;
    let token = house.token("ines");
    for advisor in [false, true] {
        let mut socket =
            if advisor { house.advisor_by(&token, "fr").await.0 } else { house.customer("fr").await.0 };
        for _ in 0..12 {
            socket.say_text("{").await;
        }
        assert_eq!(socket.closed().await, 1008);
        let errors = socket.heard.iter().filter(|frame| frame["code"] == "bad_frame").count();
        assert_eq!(errors, 10, "each was answered before");
        bystander.talks().await;
    }
}

#[tokio::test]
async fn what_comes_before_hello_is_refused_and_silence_is_closed() {
    let house = House::demo();
    let mut silent =
        [Socket::open(house.address, "/ws/customer").await, Socket::open(house.address, "/ws/advisor").await];
    let mut socket = Socket::open(house.address, "/ws/customer").await;
    socket.refused(json!({ "type": "message", "cid": "1", "text": "t" }), "hello_first").await;
    let mut socket = Socket::open(house.address, "/ws/advisor").await;
    socket.refused(json!({ "type": "presence", "status": "away" }), "hello_first").await;
    let mut socket = Socket::open(house.address, "/ws/customer").await;
    socket.say(&json!({ "type": "hello", "site": "nowhere" })).await;
    assert_eq!(socket.closed().await, 4403);
    assert!(socket.has(|frame| frame["code"] == "unknown_site"));
    for socket in &mut silent {
        assert_eq!(socket.closed().await, 4408, "five seconds without a first frame");
    }
}
