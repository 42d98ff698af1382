//! The real program under abuse of every kind at once: each meets its limit with its answer, and whoever just talks
//! does not feel it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::House;
use relais_tests::http::{self, frame, handshake, upgraded};
use relais_tests::socket::{Heard, Socket};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep, timeout};

/// Silent connections, and as many silent sockets.
const SILENT: usize = 1_000;
/// The longest that a message of somebody else may wait for its acknowledgement meanwhile.
const FELT: Duration = Duration::from_secs(5);

/// Reads until the end; how much it was.
async fn drained(mut stream: TcpStream) -> usize {
    let (mut bytes, mut part) = (0, vec![0; 16 * 1_024]);
    while let Ok(Ok(read)) = timeout(Duration::from_secs(30), stream.read(&mut part)).await {
        if read == 0 {
            break;
        }
        bytes += read;
    }
    bytes
}

/// Talks, as people do, until it is told to stop; the longest wait for an acknowledgement.
async fn talks(mut socket: Socket, stop: Arc<AtomicBool>) -> (usize, Duration) {
    let (mut said, mut longest) = (0, Duration::ZERO);
    while !stop.load(SeqCst) {
        let began = Instant::now();
        socket.message(&format!("talk-{said}"), "Bonjour, je regarde").await;
        longest = longest.max(began.elapsed());
        said += 1;
        sleep(Duration::from_millis(150)).await;
    }
    (said, longest)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_connection_may_send_is_the_houses_to_say() {
    let limits = "[limits]\nwords_burst = 2\nwords_per_s = 1\nhints_burst = 1\nhints_per_s = 1\nacts_burst = 1\nacts_per_s = 1\n";
    let house = House::with(limits, &[]);
    let (mut customer, _) = house.customer("fr").await;
    for n in 1..=3 {
        customer.say(&json!({ "type": "message", "cid": format!("m{n}"), "text": "Bonjour" })).await;
    }
    let slow = |cid: Value| move |frame: &Value| frame["code"] == "slow_down" && frame["cid"] == cid;
    let refused = customer.until("the third is too much", slow(json!("m3"))).await;
    assert!((1..=1_000).contains(&refused["retry_ms"].as_u64().unwrap()), "{refused}");
    // Of each kind so many: what is asked for, and hints, are counted apart.
    customer.say(&json!({ "type": "human", "cid": "h1" })).await;
    customer.say(&json!({ "type": "human", "cid": "h2" })).await;
    customer.until("the second wish is too much", slow(json!("h2"))).await;
    for _ in 0..2 {
        customer.say(&json!({ "type": "typing", "on": true })).await;
    }
    customer.until("the second hint is too much", slow(Value::Null)).await;
    // Another connection has its own.
    let (mut other, _) = house.customer("fr").await;
    other.message("1", "Bonjour").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_kind_of_abuse_at_once_meets_its_limit_and_nobody_else_feels_it() {
    let house = House::demo();
    let address = house.address;
    let (mut good, _) = house.customer("fr").await;
    good.done(json!({ "type": "human", "cid": "begin" })).await;
    let stop = Arc::new(AtomicBool::new(false));
    let talking = tokio::spawn(talks(good, stop.clone()));

    let silent = tokio::spawn(async move {
        let mut streams = Vec::new();
        for _ in 0..SILENT {
            streams.push(TcpStream::connect(address).await.unwrap());
            let (status, socket) = upgraded(address, "/ws/customer", "").await;
            assert_eq!(status, 101);
            streams.push(socket);
        }
        // Nobody said a word: all are gone, the sockets with a close.
        let mut told = 0;
        for stream in streams {
            told += usize::from(drained(stream).await > 0);
        }
        told
    });
    let flood = tokio::spawn(async move {
        let (mut socket, _) = Socket::customer(address, json!({})).await;
        let mut slow = 0;
        for n in 0..20_000 {
            socket.say(&json!({ "type": "message", "cid": format!("f{n}"), "text": "x" })).await;
        }
        loop {
            match socket.hear().await {
                Heard::Frame(frame) if frame["code"] == "slow_down" => {
                    assert!(frame["retry_ms"].as_u64() > Some(0) && frame["cid"].is_string(), "{frame}");
                    slow += 1;
                }
                Heard::Frame(_) => {}
                Heard::Close(code) => return (slow, Some(code)),
                Heard::End => return (slow, None),
            }
        }
    });
    let heads = tokio::spawn(async move {
        let giant = format!("GET / HTTP/1.1\r\nHost: x\r\nX-Large: {}\r\n\r\n", "x".repeat(64 * 1_024));
        let many: String = (0..500).map(|n| format!("X-{n}: y\r\n")).collect();
        let many = format!("GET / HTTP/1.1\r\nHost: x\r\n{many}\r\n");
        let mut answers = Vec::new();
        for request in [&giant, &many] {
            answers.push(http::status(&http::say(address, request).await));
        }
        // A head that never ends, a byte now and then.
        let mut slow = TcpStream::connect(address).await.unwrap();
        let began = Instant::now();
        for byte in b"GET / HTTP/1.1\r\nX-Slow: ".iter().chain([b'x'; 600].iter()) {
            if slow.write_all(&[*byte]).await.is_err() {
                break;
            }
            sleep(Duration::from_millis(50)).await;
        }
        (answers, began.elapsed())
    });
    let bytes = tokio::spawn(async move { a_byte_at_a_time(address).await });
    let broken = tokio::spawn(async move {
        let (mut socket, _) = Socket::customer(address, json!({})).await;
        for _ in 0..12 {
            socket.say_text("{\"type\":").await;
        }
        socket.closed().await
    });

    let (slow, code) = flood.await.unwrap();
    assert!(slow >= 100, "{slow} were told to slow down");
    assert!(matches!(code, Some(1008) | None), "{code:?}");
    let (heads, patience) = heads.await.unwrap();
    assert_eq!(heads, [431, 431]);
    assert!(patience < Duration::from_secs(25), "a head is waited for {patience:?}");
    assert_eq!(bytes.await.unwrap(), "slow", "a frame a byte at a time is a frame");
    assert_eq!(broken.await.unwrap(), 1008);
    assert_eq!(silent.await.unwrap(), SILENT, "every silent socket was told");
    stop.store(true, SeqCst);
    let (said, longest) = talking.await.unwrap();
    assert!(said >= 10 && longest < FELT, "{said} messages, the longest wait {longest:?}");
    eprintln!("{said} messages beside the abuse, the longest wait for an acknowledgement {longest:?}");
    let (_, figures) = http::get(address, "/metrics").await;
    let figure = |name: &str| {
        let line = figures.lines().find(|line| line.starts_with(name)).unwrap_or_default();
        line.rsplit(' ').next().and_then(|number| number.parse::<f64>().ok()).unwrap_or(-1.0)
    };
    assert_eq!(figure("relais_ws_ungreeted "), 0.0);
    assert!(figure("relais_ws_closed_total{why=\"timed_out\"}") >= SILENT as f64, "{figures}");
}

/// A handshake, a hello and a message, byte by byte; the cid of the acknowledgement.
async fn a_byte_at_a_time(address: SocketAddr) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut bytes = handshake(address, "/ws/customer", "").into_bytes();
    bytes.extend(frame(r#"{"type":"hello","site":"demo"}"#));
    bytes.extend(frame(r#"{"type":"message","cid":"slow","text":"Bonjour"}"#));
    for byte in bytes {
        stream.write_all(&[byte]).await.unwrap();
        sleep(Duration::from_millis(2)).await;
    }
    let mut heard = Vec::new();
    timeout(Duration::from_secs(20), async {
        loop {
            stream.read_buf(&mut heard).await.unwrap();
            if String::from_utf8_lossy(&heard).contains("\"type\":\"ack\"") {
                return;
            }
        }
    })
    .await
    .unwrap();
    let heard = String::from_utf8_lossy(&heard);
    let ack = heard.split("\"cid\":\"").nth(1).unwrap();
    ack.split('"').next().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_reader_who_never_reads_is_cut_and_its_conversation_goes_on() {
    let house = House::demo();
    let (mut writer, welcome) = house.customer("fr").await;
    writer.done(json!({ "type": "human", "cid": "begin" })).await;
    // A second tab of the same conversation, which says hello and never reads.
    let (status, mut deaf) = upgraded(house.address, "/ws/customer", "").await;
    assert_eq!(status, 101);
    let hello = json!({ "type": "hello", "site": "demo", "conversation": welcome["conversation"] });
    let token = welcome["token"].as_str().unwrap();
    let hello = hello.to_string().replace('}', &format!(",\"token\":\"{token}\"}}"));
    deaf.write_all(&long_frame(&hello)).await.unwrap();
    let text = "é".repeat(7_900);
    let mut said = 0;
    let cut = |figures: &str| figures.contains("relais_turned_away_total{limit=\"slow_reader\"} 1");
    for n in 0..400 {
        writer.message(&format!("long-{n}"), &text).await;
        said += 1;
        if n % 10 == 9 && cut(&http::get(house.address, "/metrics").await.1) {
            break;
        }
    }
    assert!(cut(&http::get(house.address, "/metrics").await.1), "it is cut after {said} long messages");
    writer.message("after", "et je continue").await;
    drop(deaf);
}

/// A text as a client's frame of any length below 64 KiB, masked with noughts.
fn long_frame(text: &str) -> Vec<u8> {
    let mut bytes = vec![0x81, 0x80 | 126];
    bytes.extend(u16::try_from(text.len()).unwrap().to_be_bytes());
    bytes.extend([0; 4]);
    bytes.extend(text.bytes());
    bytes
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stolen_or_stale_proof_opens_nothing_and_says_nothing_of_what_exists() {
    let house = House::demo();
    let (mut owner, welcome) = house.customer("fr").await;
    owner.message("1", "Mon code secret est xyzzy").await;
    let (_, other) = house.customer("fr").await;
    let resume = |conversation: &Value, token: &Value, epoch: &Value| json!({ "type": "hello", "site": "demo", "conversation": conversation, "token": token, "epoch": epoch, "seq": 0 });
    let mut answers = Vec::new();
    for hello in [
        // Another's token, a token that is nobody's, and a conversation that does not exist: one answer.
        resume(&welcome["conversation"], &other["token"], &welcome["epoch"]),
        resume(&welcome["conversation"], &json!("AAAA"), &welcome["epoch"]),
        resume(&json!("00000000000000ff"), &other["token"], &welcome["epoch"]),
    ] {
        let mut thief = Socket::open(house.address, "/ws/customer").await;
        thief.say(&hello).await;
        let answer = thief.the("error").await;
        assert_eq!(answer["code"], "unauthorised");
        answers.push(answer);
        assert!(!thief.has(|frame| frame.to_string().contains("xyzzy")));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    // The right token with another life's epoch and a place that never was: everything from the first event on.
    for (epoch, seq) in [(json!("another life"), 3), (welcome["epoch"].clone(), 999_999)] {
        let mut hello = resume(&welcome["conversation"], &welcome["token"], &epoch);
        hello["seq"] = json!(seq);
        let mut back = Socket::open(house.address, "/ws/customer").await;
        back.say(&hello).await;
        assert_eq!(back.the("welcome").await["resumed"], false, "{epoch} {seq}");
        back.until("the first words", |frame| frame["cid"] == "1").await;
    }
    // Guessing is bounded: ten wrong ones in a minute close the socket.
    let mut thief = Socket::open(house.address, "/ws/customer").await;
    for n in 0..12 {
        thief.say(&resume(&welcome["conversation"], &json!(format!("guess-{n}")), &welcome["epoch"])).await;
    }
    assert_eq!(thief.closed().await, 1008);
}

/// Limits that a test reaches in a moment; every visitor says through the proxy who they are.
const TIGHT: &str = "
[server]
trusted_proxies = [\"127.0.0.1\"]

[limits]
per_address = 20
address_burst = 30
address_per_s = 1
site_burst = 20
site_per_s = 1
";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_address_and_one_site_have_their_share_behind_a_trusted_proxy() {
    let house = House::with(TIGHT, &[]);
    let from = async |address: &str| {
        upgraded(house.address, "/ws/customer", &format!("X-Forwarded-For: {address}\r\n")).await
    };
    let mut held = Vec::new();
    for _ in 0..20 {
        let (status, stream) = from("192.0.2.1").await;
        assert_eq!(status, 101);
        held.push(stream);
    }
    assert_eq!(from("192.0.2.1").await.0, 429, "twenty are open");
    assert_eq!(from("9.9.9.9, 192.0.2.1").await.0, 429, "a stranger's word on who they are is not believed");
    let (status, other) = from("192.0.2.2").await;
    assert_eq!(status, 101, "another address does not feel it");
    // A /64 is one visitor, whichever of its addresses it takes.
    for n in 0..20 {
        let (status, stream) = from(&format!("2001:db8:1:2::{n:x}")).await;
        assert_eq!(status, 101);
        held.push(stream);
    }
    assert_eq!(from("2001:db8:1:2:ffff::1").await.0, 429);
    assert_eq!(from("2001:db8:1:3::1").await.0, 101);
    // Who leaves makes room, but comes back no faster than the pace allows.
    held.clear();
    let mut paced = 0;
    timeout(Duration::from_secs(20), async {
        loop {
            if from("192.0.2.1").await.0 == 429 {
                return;
            }
            paced += 1;
            sleep(Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("an address that opens too fast is told so");
    assert!(paced <= 40, "{paced}");
    drop(other);

    // A site has its own pace, whoever comes: greetings over it are told when to try again, and then are heard.
    let mut slow = 0;
    let mut last = None;
    for n in 0..60_u32 {
        let network = format!("198.51.100.{n}");
        let mut stream = from(&network).await.1;
        if greeted(&mut stream).await == "slow_down" {
            slow += 1;
            last = Some(stream);
        }
    }
    assert!(slow >= 1, "sixty greetings at once are over the site's pace");
    let mut stream = last.unwrap();
    sleep(Duration::from_millis(1_500)).await;
    assert_eq!(greeted(&mut stream).await, "welcome");
}

/// Says hello; `welcome`, or the error's code.
async fn greeted(stream: &mut TcpStream) -> &'static str {
    stream.write_all(&frame(r#"{"type":"hello","site":"demo"}"#)).await.unwrap();
    let mut heard = Vec::new();
    timeout(Duration::from_secs(20), async {
        loop {
            assert!(stream.read_buf(&mut heard).await.unwrap() > 0, "the end");
            let text = String::from_utf8_lossy(&heard);
            if let Some(word) = ["welcome", "slow_down"].into_iter().find(|word| text.contains(word)) {
                return word;
            }
        }
    })
    .await
    .expect("an answer to a hello")
}
