//! PROTOCOL.md's transport, rule by rule, over real sockets.

mod house;

use house::House;
use house::client::{Client, Heard, frame};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_message_is_acknowledged_and_the_end_is_told_once() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    client.message("c1", "Bonjour").await;
    assert_eq!(client.json().await, json!({ "type": "ack", "cid": "c1", "seq": 1 }));
    client.raw(&frame(true, 8, &1000u16.to_be_bytes())).await;
    assert_eq!(client.hear().await, Heard::Close(1000, String::new()));
    assert_eq!(client.hear().await, Heard::End);
    house.until_told("gone 1").await;
    house.until("nobody is left", |house| house.connections.is_empty()).await;
    let told = house.told();
    assert!(told[0].starts_with("hello demo from - at 127.0.0.1 identity None"), "{told:?}");
    assert_eq!(told[1..], ["message c1 of 7 bytes", "gone 1"]);
}

#[tokio::test]
async fn the_subprotocol_is_confirmed_where_it_is_offered() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let house = House::open();
    let head = async |headers: &str| {
        let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
        let request = house::client::handshake("/ws/customer", headers);
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut bytes = vec![0; 2_048];
        let read = stream.read(&mut bytes).await.unwrap();
        String::from_utf8_lossy(&bytes[..read]).to_lowercase()
    };
    let offered = head("Sec-WebSocket-Protocol: relais.v2, relais.v1\r\n").await;
    assert!(offered.starts_with("http/1.1 101") && offered.contains("sec-websocket-protocol: relais.v1\r\n"));
    assert!(
        offered.contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo=\r\n"),
        "RFC 6455's own example"
    );
    let silent = head("").await;
    assert!(silent.starts_with("http/1.1 101") && !silent.contains("sec-websocket-protocol"));
    let other = head("Sec-WebSocket-Protocol: graphql-ws\r\n").await;
    assert!(other.starts_with("http/1.1 400") && other.contains("relais.v1"), "{other}");
}

#[tokio::test]
async fn a_handshake_that_is_none_is_told_why() {
    let house = House::open();
    let get = async |headers: &str| house::client::get(house.address, "/ws/customer", headers).await;
    let (status, head, body) = get("").await;
    assert_eq!(status, 426);
    assert!(head.contains("sec-websocket-version: 13") && head.contains("upgrade: websocket"), "{head}");
    assert!(body.contains("upgrade_required"));
    let upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\n";
    assert_eq!(get(&format!("{upgrade}Sec-WebSocket-Version: 8\r\n")).await.0, 426);
    for key in ["", "short", "dGhlIHNhbXBsZSBub25jZQ=!", &"A".repeat(4_000)] {
        let headers = format!("{upgrade}Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n");
        let (status, _, body) = get(&headers).await;
        assert_eq!(status, 400, "{key}");
        assert!(body.contains("Sec-WebSocket-Key"), "{body}");
    }
    let post = house::client::post(house.address, "/ws/customer", "", "{}").await;
    assert_eq!(post.0, 405);
    assert!(post.1.contains("allow: get\r\n"));
}

#[tokio::test]
async fn hello_comes_first_and_once() {
    let house = House::open();
    let mut client = Client::customer(house.address).await;
    client.message("c1", "Bonjour").await;
    let error = client.json().await;
    assert_eq!((&error["code"], &error["cid"]), (&json!("hello_first"), &json!("c1")));
    client.say(r#"{"type":"hello","site":"demo","lang":"fr"}"#).await;
    assert_eq!(client.json().await["type"], "welcome", "the connection has stayed");
    client.say(r#"{"type":"hello","site":"demo"}"#).await;
    let error = client.json().await;
    assert_eq!(error["code"], "hello_twice");
    assert!(
        error["message"].as_str().unwrap().contains("déjà"),
        "in the language that was asked for: {error}"
    );
    client.message("c2", "toujours là").await;
    assert_eq!(client.json().await["cid"], "c2");

    let mut advisor = Client::try_open(house.address, "/ws/advisor", "").await.unwrap();
    advisor.say(r#"{"type":"take","conversation":"00000000000000aa","ref":"r1"}"#).await;
    let error = advisor.json().await;
    assert_eq!((&error["code"], &error["ref"]), (&json!("hello_first"), &json!("r1")));
}

#[tokio::test]
async fn a_bad_frame_is_named_and_the_tenth_in_a_minute_closes() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    for (text, part) in [
        ("not json", "not JSON"),
        ("[]", "object"),
        ("{}", "`type` is missing"),
        (r#"{"type":"nonsense"}"#, "nonsense"),
        (r#"{"type":"message","cid":"c","text":"a","colour":1}"#, "colour"),
        (r#"{"type":"message","cid":"c"}"#, "text"),
        (r#"{"type":"message","cid":"c","text":7}"#, "text"),
        (r#"{"type":"seen","seq":-1}"#, "seq"),
        (r#"{"type":"survey","cid":"c","satisfaction":9}"#, "satisfaction"),
    ] {
        client.say(text).await;
        let error = client.json().await;
        assert_eq!(error["code"], "bad_frame", "{text}");
        let message = error["message"].as_str().unwrap();
        assert!(message.starts_with("This frame is not understood.") && message.contains(part), "{message}");
    }
    client.message("c1", "still here").await;
    assert_eq!(client.json().await["type"], "ack");
    client.say("the tenth").await;
    let (code, texts) = client.until_close().await;
    assert_eq!((code, texts.len()), (1008, 1), "the error, then the close");
    assert_eq!(client.hear().await, Heard::End);
}

#[tokio::test]
async fn a_text_that_is_too_long_is_refused_and_the_connection_stays() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    for _ in 0..12 {
        client.message("long", &"é".repeat(8_001)).await;
        let error = client.json().await;
        assert_eq!((&error["code"], &error["cid"]), (&json!("text_too_long"), &json!("long")));
    }
    client.message("most", &"é".repeat(8_000)).await;
    assert_eq!(client.json().await["cid"], "most");
}

#[tokio::test]
async fn too_fast_is_told_when_to_try_again_and_nothing_is_lost_in_silence() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    for n in 0..200 {
        client.message(&format!("c{n}"), "vite").await;
    }
    let (mut acks, mut later) = (0, 0);
    let mut answered = std::collections::BTreeSet::new();
    for _ in 0..200 {
        let frame = client.json().await;
        answered.insert(frame["cid"].as_str().unwrap().to_owned());
        match frame["type"].as_str().unwrap() {
            "ack" => acks += 1,
            _ => {
                assert_eq!(frame["code"], "slow_down");
                assert!((1..=1_000).contains(&frame["retry_ms"].as_u64().unwrap()), "{frame}");
                later += 1;
            }
        }
    }
    assert!(acks >= 30 && later > 0, "{acks} {later}");
    assert_eq!(answered.len(), 200, "each has its answer");

    let mut advisor = Client::advisor(house.address).await;
    for n in 0..100 {
        let frame = json!({ "type": "accept", "offer": "00000000000000aa-7", "ref": format!("r{n}") });
        advisor.say(&frame.to_string()).await;
    }
    let error = advisor.json().await;
    assert_eq!((&error["code"], &error["offer"]), (&json!("slow_down"), &json!("00000000000000aa-7")));
    assert!(error["ref"].as_str().unwrap().starts_with('r'));
}

#[tokio::test]
async fn what_is_no_text_closes_with_its_code() {
    let house = House::open();
    let long = |len: usize| frame(true, 1, &vec![b'x'; len]);
    let unmasked = b"\x81\x02{}".to_vec();
    let reserved = {
        let mut bytes = frame(true, 1, b"{}");
        bytes[0] |= 0x40;
        bytes
    };
    let endless = [frame(false, 1, &vec![b'x'; 40_000]), frame(true, 0, &vec![b'x'; 40_000])].concat();
    for (bytes, code, what) in [
        (frame(true, 2, b"\x00\x01"), 1003, "binary"),
        (frame(true, 1, b"{\"type\":\"\xff\xfe\"}"), 1007, "not UTF-8"),
        (frame(true, 1, b"\xed\xa0\x80"), 1007, "a lone surrogate"),
        (long(64 * 1024 + 1), 1009, "a frame over 64 KiB"),
        (endless, 1009, "a message over 64 KiB in fragments"),
        (b"\x81\xff\x7f\xff\xff\xff\xff\xff\xff\xff\x00\x00\x00\x00".to_vec(), 1009, "a frame of 2⁶³ bytes"),
        (unmasked, 1002, "not masked"),
        (reserved, 1002, "a reserved bit"),
        (frame(true, 3, b""), 1002, "an unknown opcode"),
        (frame(true, 0, b"x"), 1002, "the continuation of nothing"),
        (frame(false, 9, b""), 1002, "a ping in fragments"),
        (frame(true, 9, &[b'x'; 126]), 1002, "a ping that is too long"),
    ] {
        let mut client = Client::greeted(house.address).await;
        client.raw(&bytes).await;
        assert_eq!(client.until_close().await.0, code, "{what}");
        assert_eq!(client.hear().await, Heard::End, "{what}");
    }
    let mut client = Client::greeted(house.address).await;
    client.raw(&long(64 * 1024)).await;
    assert_eq!(client.json().await["code"], "bad_frame", "64 KiB is not over 64 KiB");
}

#[tokio::test]
async fn a_text_may_come_in_fragments_with_a_ping_between() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    let text = r#"{"type":"message","cid":"c1","text":"é"}"#.as_bytes();
    let cut = text.len() - 3; // inside the é
    client.raw(&frame(false, 1, &text[..10])).await;
    client.raw(&frame(true, 9, b"are you there")).await;
    client.raw(&frame(false, 0, &text[10..cut])).await;
    client.raw(&frame(false, 0, b"")).await;
    client.raw(&frame(true, 0, &text[cut..])).await;
    assert_eq!(client.hear().await, Heard::Pong(b"are you there".to_vec()));
    assert_eq!(client.json().await, json!({ "type": "ack", "cid": "c1", "seq": 1 }));
}

#[tokio::test]
async fn everything_may_come_a_byte_at_a_time() {
    use tokio::io::AsyncWriteExt;
    let house = House::open();
    let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let mut bytes = house::client::handshake("/ws/customer", "").into_bytes();
    bytes.extend(frame(true, 1, br#"{"type":"hello","site":"demo"}"#));
    bytes.extend(frame(true, 1, r#"{"type":"message","cid":"c1","text":"où ?"}"#.as_bytes()));
    for byte in bytes {
        stream.write_all(&[byte]).await.unwrap();
        tokio::task::yield_now().await;
    }
    house.until_told("message c1 of 5 bytes").await;
}

#[tokio::test]
async fn frames_that_come_with_the_handshake_are_not_lost() {
    use tokio::io::AsyncWriteExt;
    let house = House::open();
    let mut stream = tokio::net::TcpStream::connect(house.address).await.unwrap();
    let mut bytes = house::client::handshake("/ws/customer", "").into_bytes();
    bytes.extend(frame(true, 1, br#"{"type":"hello","site":"demo"}"#));
    for n in 0..20 {
        let text = json!({ "type": "message", "cid": format!("c{n}"), "text": "x".repeat(n * 40 + 1) });
        bytes.extend(frame(true, 1, text.to_string().as_bytes()));
    }
    stream.write_all(&bytes).await.unwrap();
    house.until_told("message c19").await;
    assert_eq!(house.told().len(), 21);
}

#[tokio::test]
async fn a_long_text_goes_out_whole_in_fragments() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    client.message("c1", "large 300001").await;
    let text = client.json().await;
    assert_eq!(text["pad"].as_str().unwrap(), "é".repeat(150_000));
    assert!(client.fragments > 10, "{}", client.fragments);
    assert_eq!(client.json().await["cid"], "c1");
}

#[tokio::test]
async fn the_brain_may_close_and_what_it_said_before_goes_out_first() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    client.message("c1", "send 500").await;
    client.message("c2", "replace").await;
    let (code, texts) = client.until_close().await;
    assert_eq!(
        (code, texts.len()),
        (4409, 501),
        "five hundred and an ack; the second ack came after the close"
    );
}

#[tokio::test(start_paused = true)]
async fn the_first_frame_must_come_in_five_seconds() {
    let house = House::open();
    let began = tokio::time::Instant::now();
    let mut silent = Client::customer(house.address).await;
    assert_eq!(silent.hear().await, Heard::Close(4408, "timed_out".into()));
    assert_eq!(began.elapsed().as_secs(), 5);
    let mut talker = Client::customer(house.address).await;
    let began = tokio::time::Instant::now();
    talker.say("nonsense").await;
    let (code, _) = talker.until_close().await;
    assert_eq!((code, began.elapsed().as_secs()), (4408, 5), "a bad frame is no first frame");
    assert!(house.told().is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_ping_every_25_seconds_and_gone_after_60_of_silence() {
    let house = House::open();
    let mut client = Client::greeted(house.address).await;
    let began = tokio::time::Instant::now();
    let mut pings = Vec::new();
    let close = loop {
        match client.hear().await {
            Heard::Ping => pings.push(began.elapsed().as_secs()),
            other => break other,
        }
    };
    assert_eq!(pings, [25, 50]);
    assert_eq!((close, began.elapsed().as_secs()), (Heard::Close(4408, "timed_out".into()), 60));
    house.until_told("gone 1").await;

    let mut client = Client::greeted(house.address).await;
    let began = tokio::time::Instant::now();
    for _ in 0..10 {
        assert_eq!(client.hear().await, Heard::Ping);
        client.raw(&frame(true, 10, b"")).await;
    }
    assert_eq!(began.elapsed().as_secs(), 250, "who answers stays");
    tokio::time::sleep(Duration::from_secs(1)).await;
    client.message("c1", "et encore").await;
    assert_eq!(client.json().await["cid"], "c1");
}
