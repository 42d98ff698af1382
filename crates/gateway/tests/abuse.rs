//! The gateway under abuse: each kind meets a named limit with its answer, and others do not feel it.

mod house;

use gateway::counters::{Peer, Turned};
use gateway::{GatewayConfig, Limits, limits};
use house::House;
use house::client::{Client, Heard, frame, get, handshake};
use std::sync::atomic::Ordering::SeqCst;
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use wire::Close;

/// Reads whatever comes until the end.
async fn rest(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    let _ = tokio::time::timeout(Duration::from_secs(30), stream.read_to_end(&mut bytes)).await;
    String::from_utf8_lossy(&bytes).into_owned()
}

#[expect(clippy::disallowed_methods, reason = "a test measures real time")]
fn clock() -> Instant {
    Instant::now()
}

async fn is_well(house: &House) {
    let began = clock();
    let mut client = Client::greeted(house.address).await;
    client.message("well", "ça va ?").await;
    assert_eq!(client.json().await["cid"], "well");
    assert!(began.elapsed() < Duration::from_secs(4), "{:?}", began.elapsed());
}

#[tokio::test]
async fn two_thousand_silent_connections_and_as_many_silent_sockets_are_gone_in_time() {
    let house = House::open();
    let mut silent = Vec::new();
    for n in 0..2_000 {
        silent.push(TcpStream::connect(house.address).await.unwrap());
        if n % 500 == 0 {
            is_well(&house).await;
        }
    }
    is_well(&house).await;
    for stream in &mut silent {
        assert_eq!(rest(stream).await, "", "no head, no answer");
    }
    drop(silent);
    let mut silent = Vec::new();
    for _ in 0..2_000 {
        silent.push(Client::customer(house.address).await);
    }
    is_well(&house).await;
    for client in &mut silent {
        assert_eq!(client.hear().await, Heard::Close(4408, "timed_out".into()));
    }
    drop(silent);
    house.until("all are gone", |house| house.connections.is_empty()).await;
    let counters = house.connections.counters();
    assert_eq!(counters.closed_with(Close::TimedOut), 2_000);
    house
        .until("the figures are back to nothing", |house| {
            house.connections.counters().open(Peer::Customer) == 0
        })
        .await;
}

#[tokio::test]
async fn a_slow_reader_is_cut_with_1013_and_nothing_is_kept_for_it() {
    let house = House::open();
    let mut slow = Client::greeted(house.address).await;
    // It asks and asks, and never reads.
    for n in 0..30 {
        slow.message(&format!("c{n}"), "send 1000").await;
    }
    house.until("it is cut", |house| house.connections.counters().turned_away(Turned::SlowReader) == 1).await;
    is_well(&house).await;
    house.until_told("gone 1").await;
    // What the kernel had taken already may be read; the close comes behind it, if the reader reads in time.
    let (code, texts) = slow.until_close().await;
    assert_eq!(code, 1013, "after {} texts", texts.len());
    assert!(texts.len() < 25_000, "{}", texts.len());
    for (n, text) in texts.iter().filter(|text| !text["n"].is_null()).enumerate() {
        assert_eq!(text["n"], n % 1_000, "in order and without a gap, up to the cut");
    }
    assert_eq!(house.connections.counters().closed_with(Close::Overloaded), 1);
}

#[tokio::test]
async fn a_slow_reader_who_never_reads_is_gone_all_the_same() {
    let house = House::open();
    let mut slow = Client::greeted(house.address).await;
    for n in 0..30 {
        slow.message(&format!("c{n}"), "send 1000").await;
    }
    house.until("it is gone", |house| house.connections.is_empty()).await;
    drop(slow);
}

#[tokio::test]
async fn a_good_reader_gets_a_long_history_in_one_breath() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    client.message("c1", "send 8000").await;
    for n in 0..8_000 {
        assert_eq!(client.json().await["n"], n);
    }
    assert_eq!(client.json().await["cid"], "c1");
    assert_eq!(house.connections.counters().turned_away(Turned::SlowReader), 0);
}

#[tokio::test]
async fn giant_heads_are_refused() {
    let house = House::open();
    let mut many = String::new();
    for n in 0..70 {
        many.push_str(&format!("X-{n}: 1\r\n"));
    }
    let long = format!("X: {}\r\n", "x".repeat(20_000));
    for (headers, what) in [(&many, "70 headers"), (&long, "20 kB of header")] {
        let (status, _, _) = get(house.address, "/healthz", headers).await;
        assert_eq!(status, 431, "{what}");
        let refused = Client::try_open(house.address, "/ws/customer", headers).await.err().unwrap();
        assert!(refused.starts_with("HTTP/1.1 431"), "{refused}");
    }
    let path = format!("/{}", "x".repeat(70_000));
    assert!(matches!(get(house.address, &path, "").await.0, 414 | 431));
    let endless = async {
        let mut stream = TcpStream::connect(house.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nHost: chat.example\r\n").await.unwrap();
        let mut sent = 0usize;
        while stream.write_all(&[b'x'; 1_024]).await.is_ok() {
            sent += 1_024;
            assert!(sent < 8 << 20, "an endless head is read without end");
        }
    };
    endless.await;
    is_well(&house).await;
}

#[tokio::test]
async fn a_slow_head_and_an_idle_connection_end_after_five_seconds() {
    let house = House::open();
    let mut slow = TcpStream::connect(house.address).await.unwrap();
    let trickle = async {
        let began = clock();
        for byte in b"GET /healthz HTTP/1.1\r\nHost: chat.example\r\nX-Slow: yes\r\n" {
            if slow.write_all(&[*byte]).await.is_err() {
                break;
            }
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        rest(&mut slow).await;
        began.elapsed()
    };
    let mut idle = TcpStream::connect(house.address).await.unwrap();
    idle.write_all(b"GET /healthz HTTP/1.1\r\nHost: chat.example\r\n\r\n").await.unwrap();
    let keep = async {
        let began = clock();
        assert!(rest(&mut idle).await.starts_with("HTTP/1.1 200"));
        began.elapsed()
    };
    let (trickle, keep) = tokio::join!(trickle, keep);
    assert!((4..=14).contains(&trickle.as_secs()), "{trickle:?}");
    assert!((4..=14).contains(&keep.as_secs()), "{keep:?}");
}

#[tokio::test]
async fn a_slow_body_is_told_so() {
    let house = House::open();
    let mut slow = TcpStream::connect(house.address).await.unwrap();
    let head = "POST /api/sign-in HTTP/1.1\r\nHost: chat.example\r\nContent-Type: application/json\r\n\
                Content-Length: 40\r\n\r\n{\"code\"";
    slow.write_all(head.as_bytes()).await.unwrap();
    let answer = rest(&mut slow).await;
    assert!(answer.starts_with("HTTP/1.1 408") && answer.contains("request_timeout"), "{answer}");
}

#[tokio::test]
async fn a_half_open_socket_ends() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    client.stream.shutdown().await.unwrap();
    house.until_told("gone 1").await;
    let client = Client::greeted(house.address).await;
    // A reset: the peer's machine has restarted.
    client.stream.set_zero_linger().unwrap();
    drop(client);
    house.until_told("gone 2").await;
    let mut client = Client::greeted(house.address).await;
    client.raw(&frame(false, 1, b"{\"type\"")).await;
    drop(client);
    house.until_told("gone 3").await;
    house.until("nobody is left", |house| house.connections.is_empty()).await;
    assert_eq!(house.told().iter().filter(|told| told.starts_with("gone")).count(), 3);
}

#[tokio::test]
async fn as_many_connections_as_the_limit_and_one_more_is_answered() {
    let limits = Limits { connections: 20, ..Limits::default() };
    let house = House::with(GatewayConfig { limits, ..GatewayConfig::default() });
    let mut held = Vec::new();
    for _ in 0..20 {
        held.push(Client::greeted(house.address).await);
    }
    let mut one_more = TcpStream::connect(house.address).await.unwrap();
    let answer = rest(&mut one_more).await;
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("overloaded"), "{answer}");
    assert_eq!(house.connections.counters().turned_away(Turned::Connections), 1);
    held[3].message("c", "still").await;
    assert_eq!(held[3].json().await["cid"], "c");
    held.truncate(10);
    house.until("there is room again", |house| house.connections.len() == 10).await;
    is_well(&house).await;
}

#[tokio::test]
async fn sockets_without_a_first_frame_are_bounded() {
    let limits = Limits { ungreeted: 5, ..Limits::default() };
    let house = House::with(GatewayConfig { limits, ..GatewayConfig::default() });
    let mut silent = Vec::new();
    for _ in 0..5 {
        silent.push(Client::customer(house.address).await);
    }
    let refused = Client::try_open(house.address, "/ws/customer", "").await.err().unwrap();
    assert!(
        refused.starts_with("HTTP/1.1 503") && refused.to_lowercase().contains("retry-after"),
        "{refused}"
    );
    let first = &mut silent[0];
    first.say(r#"{"type":"hello","site":"demo"}"#).await;
    assert_eq!(first.json().await["type"], "welcome");
    is_well(&house).await;
}

#[tokio::test]
async fn one_address_has_its_share_and_another_does_not_feel_it() {
    let limits = Limits { per_address: 8, ..Limits::default() };
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let config = GatewayConfig { limits, trusted_proxies, ..GatewayConfig::default() };
    let house = House::with(config);
    let from = |address: &str| format!("X-Forwarded-For: {address}\r\n");
    let mut held = Vec::new();
    for n in 0..8 {
        // One subscriber's /64.
        held.push(
            Client::try_open(house.address, "/ws/customer", &from(&format!("2001:db8::{n}"))).await.unwrap(),
        );
    }
    let refused =
        Client::try_open(house.address, "/ws/customer", &from("2001:db8::abcd")).await.err().unwrap();
    assert!(
        refused.starts_with("HTTP/1.1 429") && refused.to_lowercase().contains("retry-after"),
        "{refused}"
    );
    assert_eq!(house.connections.counters().turned_away(Turned::PerAddress), 1);
    let mut other = Client::try_open(house.address, "/ws/customer", &from("2001:db8:0:1::1")).await.unwrap();
    other.say(r#"{"type":"hello","site":"demo"}"#).await;
    assert_eq!(other.json().await["type"], "welcome");
    house.until_told("hello demo from - at 2001:db8:0:1::1").await;
    held.pop();
    house.until("it has left", |house| house.connections.len() == 8).await;
    assert!(Client::try_open(house.address, "/ws/customer", &from("2001:db8::abcd")).await.is_ok());
}

#[tokio::test]
async fn an_address_that_opens_too_fast_waits() {
    let limits = Limits { address_burst: 10.0, address_per_s: 1.0, ..Limits::default() };
    let config = GatewayConfig { limits, unlimited: Vec::new(), ..GatewayConfig::default() };
    let house = House::with(config);
    for _ in 0..10 {
        assert_eq!(get(house.address, "/healthz", "").await.0, 200);
    }
    let mut eleventh = TcpStream::connect(house.address).await.unwrap();
    assert!(rest(&mut eleventh).await.starts_with("HTTP/1.1 429"));
    tokio::time::sleep(Duration::from_millis(1_100)).await;
    assert_eq!(get(house.address, "/healthz", "").await.0, 200);
}

#[tokio::test]
async fn a_stranger_cannot_say_who_they_are() {
    let house = House::open();
    let mut client =
        Client::try_open(house.address, "/ws/customer", "X-Forwarded-For: 203.0.113.9\r\n").await.unwrap();
    client.say(r#"{"type":"hello","site":"demo"}"#).await;
    client.json().await;
    house.until_told("hello demo from - at 127.0.0.1").await;
}

#[tokio::test]
async fn a_brain_that_is_full_closes_1013_and_still_hears_of_the_end() {
    let house = House::open();
    let mut first = Client::greeted(house.address).await;
    let mut second = Client::greeted(house.address).await;
    house.ear.full.store(true, SeqCst);
    first.message("c1", "Bonjour").await;
    assert_eq!(first.until_close().await.0, 1013);
    let mut late = Client::customer(house.address).await;
    late.say(r#"{"type":"hello","site":"demo"}"#).await;
    assert_eq!(late.until_close().await.0, 1013);
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert!(!house.told().iter().any(|told| told.starts_with("gone")));
    house.ear.full.store(false, SeqCst);
    house.until_told("gone 1").await;
    second.message("c2", "et moi ?").await;
    assert_eq!(second.json().await["cid"], "c2");
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(
        house.told().iter().filter(|told| told.starts_with("gone")).count(),
        1,
        "the late one never was"
    );
    assert_eq!(house.connections.counters().turned_away(Turned::Brain), 2);
}

#[tokio::test]
async fn a_site_that_is_greeted_too_fast_waits() {
    let limits = Limits { site_burst: 3.0, site_per_s: 2.0, ..Limits::default() };
    let house = House::with(GatewayConfig { limits, ..GatewayConfig::default() });
    for _ in 0..3 {
        Client::greeted(house.address).await;
    }
    let mut fourth = Client::customer(house.address).await;
    fourth.say(r#"{"type":"hello","site":"demo"}"#).await;
    let error = fourth.json().await;
    assert_eq!(error["code"], "slow_down");
    tokio::time::sleep(Duration::from_millis(error["retry_ms"].as_u64().unwrap() + 20)).await;
    fourth.say(r#"{"type":"hello","site":"demo"}"#).await;
    assert_eq!(fourth.json().await["type"], "welcome");
}

#[tokio::test]
async fn floods_of_pings_and_of_frames_are_closed() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    let ping = frame(true, 9, b"x").repeat(limits::CONTROL_FRAMES as usize + 1);
    client.raw(&ping).await;
    assert_eq!(client.until_close().await.0, 1008);
    let mut client = Client::greeted(house.address).await;
    let typing = frame(true, 1, br#"{"type":"typing","on":true}"#);
    let flood = typing.repeat(limits::FLOOD_FRAMES as usize + 200);
    client.raw(&flood).await;
    let (code, texts) = client.until_close().await;
    assert_eq!(code, 1008);
    assert!(texts.iter().all(|text| text["code"] == "slow_down"));
    is_well(&house).await;
    let mut client = Client::greeted(house.address).await;
    client.raw(&frame(false, 1, b"")).await;
    // Endless empty fragments: none is a message, so the peer counts as silent; others go on meanwhile.
    let endless = frame(false, 0, b"").repeat(100_000);
    client.raw(&endless).await;
    is_well(&house).await;
}

#[tokio::test]
async fn a_handshake_that_stops_half_way_is_cut() {
    let house = House::open();
    let mut half = TcpStream::connect(house.address).await.unwrap();
    let request = handshake("/ws/customer", "");
    half.write_all(&request.as_bytes()[..request.len() - 2]).await.unwrap();
    let began = clock();
    rest(&mut half).await;
    assert!((4..=14).contains(&began.elapsed().as_secs()), "{:?}", began.elapsed());
    assert!(house.connections.is_empty());
}
