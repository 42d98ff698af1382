//! The end: nothing more is accepted, everything accepted is acknowledged, every socket is told 1012.

mod house;

use gateway::{Drained, GatewayConfig, Limits};
use house::House;
use house::client::{Client, Heard, get};
use std::sync::atomic::Ordering::SeqCst;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;

#[tokio::test]
async fn what_was_accepted_is_acknowledged_before_1012() {
    let mut house = House::open();
    let mut clients = Vec::new();
    for n in 0..50 {
        let mut client = Client::greeted(house.address).await;
        client.message(&format!("c{n}"), "hold").await;
        clients.push(client);
    }
    house.until_told("message c49").await;
    let mut idle = TcpStream::connect(house.address).await.unwrap();
    let mut silent = Client::customer(house.address).await;
    house.stop.take().unwrap().send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(30)).await;
    for client in &mut clients {
        client.message("late", "trop tard").await;
    }
    for (n, client) in clients.iter_mut().enumerate() {
        let (code, texts) = client.until_close().await;
        assert_eq!(code, 1012);
        let cids: Vec<_> = texts.iter().map(|text| text["cid"].as_str().unwrap().to_owned()).collect();
        assert_eq!(cids, [format!("c{n}")], "the accepted one and not the late one");
    }
    assert_eq!(silent.hear().await, Heard::Close(1012, "restart".into()));
    let mut bytes = Vec::new();
    idle.read_to_end(&mut bytes).await.unwrap();
    assert!(TcpStream::connect(house.address).await.is_err(), "the port is closed");
    drop(clients);
    drop(silent);
    assert_eq!(house.served.await.unwrap(), Drained { in_time: true, cut: 0 });
    let told = house.told.lock().unwrap();
    assert_eq!(told.last().unwrap(), "quiet");
    assert!(!told.iter().any(|told| told.contains("late")));
}

#[tokio::test]
async fn a_brain_that_never_says_so_is_not_waited_for_without_end() {
    let limits = Limits { drain_ms: 200, ..Limits::default() };
    let mut house = House::with(GatewayConfig { limits, ..GatewayConfig::default() });
    let mut client = Client::greeted(house.address).await;
    house.ear.deaf.store(true, SeqCst);
    house.stop.take().unwrap().send(()).unwrap();
    assert_eq!(client.until_close().await.0, 1012);
    drop(client);
    assert_eq!(house.served.await.unwrap(), Drained { in_time: false, cut: 0 });
}

#[tokio::test]
async fn a_brain_that_is_full_hears_of_the_end_later() {
    let mut house = House::open();
    let mut client = Client::greeted(house.address).await;
    house.ear.full.store(true, SeqCst);
    house.stop.take().unwrap().send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(50)).await;
    house.ear.full.store(false, SeqCst);
    assert_eq!(client.until_close().await.0, 1012);
    drop(client);
    assert!(house.served.await.unwrap().in_time);
    assert_eq!(house.told.lock().unwrap().last().unwrap(), "quiet");
}

#[tokio::test]
async fn an_http_answer_under_way_is_finished() {
    let mut house = House::open();
    let signing_in = tokio::spawn({
        let address = house.address;
        async move { house::client::post(address, "/api/sign-in", "", r#"{"code":"wrong"}"#).await }
    });
    tokio::time::sleep(Duration::from_millis(100)).await;
    assert_eq!(get(house.address, "/readyz", "").await.0, 200);
    house.stop.take().unwrap().send(()).unwrap();
    assert_eq!(signing_in.await.unwrap().0, 401);
    assert!(house.served.await.unwrap().in_time);
}

#[tokio::test]
async fn a_house_that_is_not_ready_lets_nobody_in_who_would_wait_in_silence() {
    let house = House::open();
    house.staff.ready.store(false, SeqCst);
    for path in ["/ws/customer", "/ws/advisor"] {
        let refused = Client::try_open(house.address, path, "").await.err().unwrap();
        assert!(refused.contains("503"), "{refused}");
    }
    house.staff.ready.store(true, SeqCst);
    Client::greeted(house.address).await;
}

#[tokio::test]
async fn a_brain_that_has_ended_by_itself_answers_1013_and_is_not_waited_for() {
    let mut house = House::open();
    let mut client = Client::greeted(house.address).await;
    let mut silent = Client::greeted(house.address).await;
    house.ear.over.store(true, SeqCst);
    client.message("c1", "too late").await;
    let (code, texts) = client.until_close().await;
    assert_eq!((code, texts.len()), (1013, 0), "no acknowledgement");
    let mut late = Client::customer(house.address).await;
    late.say(r#"{"type":"hello","site":"demo"}"#).await;
    assert_eq!(late.until_close().await.0, 1013, "nor a welcome");
    let began = tokio::time::Instant::now();
    house.stop.take().unwrap().send(()).unwrap();
    assert_eq!(silent.until_close().await.0, 1012);
    drop((client, silent, late));
    assert_eq!(house.served.await.unwrap(), Drained { in_time: true, cut: 0 });
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
}
