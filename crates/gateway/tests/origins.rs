//! Who may speak from which page, and with which proof.

mod house;

use gateway::{GatewayConfig, Origin};
use house::House;
use house::client::{Client, get, post};
use serde_json::Value;

const OWN: &str = "Origin: http://chat.example:8080\r\n";
const COOKIE: &str = "Cookie: relais_session=good-session\r\n";

async fn customer(house: &House, headers: &str, hello: &str) -> (Option<Value>, Option<u16>) {
    let mut client = Client::try_open(house.address, "/ws/customer", headers).await.expect("an upgrade");
    client.say(hello).await;
    let first = client.json().await;
    if first["type"] == "welcome" {
        return (Some(first), None);
    }
    (Some(first), Some(client.until_close().await.0))
}

#[tokio::test]
async fn a_customer_speaks_from_the_sites_own_pages_only() {
    let house = House::open();
    for (site, origin, welcome) in [
        ("demo", "", true),
        ("demo", "Origin: https://shop.example\r\n", true),
        ("demo", OWN, true),
        ("demo", "Origin: https://evil.example\r\n", false),
        ("demo", "Origin: null\r\n", false),
        ("demo", "Origin: http://shop.example\r\n", false),
        ("demo", "Origin: https://shop.example:8443\r\n", false),
        ("demo", "Origin: https://shop.example.evil.example\r\n", false),
        ("strict", "Origin: https://shop.example\r\n", true),
        ("strict", "", false),
        ("strict", OWN, false),
    ] {
        let hello = format!(r#"{{"type":"hello","site":"{site}"}}"#);
        let (first, close) = customer(&house, origin, &hello).await;
        let first = first.unwrap();
        if welcome {
            assert_eq!(first["type"], "welcome", "{site} {origin}");
        } else {
            assert_eq!((&first["code"], close), (&"forbidden".into(), Some(4403)), "{site} {origin}");
        }
    }
    let (first, close) = customer(&house, "", r#"{"type":"hello","site":"nowhere"}"#).await;
    assert_eq!((&first.unwrap()["code"], close), (&"unknown_site".into(), Some(4403)));
    house.until_told("hello demo from https://shop.example").await;
}

#[tokio::test]
async fn a_customers_proof_is_checked_and_a_wrong_one_may_be_mended() {
    let house = House::open();
    let mut client = Client::customer(house.address).await;
    for hello in [
        r#"{"type":"hello","site":"demo","conversation":"00000000000000aa","token":"stolen"}"#,
        r#"{"type":"hello","site":"demo","conversation":"00000000000000aa"}"#,
        r#"{"type":"hello","site":"demo","conversation":"00000000000000bb","token":"good-token"}"#,
        r#"{"type":"hello","site":"demo","identity":"forged"}"#,
    ] {
        client.say(hello).await;
        assert_eq!(client.json().await["code"], "unauthorised", "{hello}");
    }
    client.say(r#"{"type":"hello","site":"demo","conversation":"00000000000000aa","token":"good-token","identity":"good-jwt","previous":{"conversation":"00000000000000bb","token":"guessed"}}"#).await;
    assert_eq!(client.json().await["type"], "welcome");
    house.until_told("hello demo").await;
    assert!(house.told()[0].ends_with("identity Some(\"id-7\") previous false"), "{:?}", house.told());

    let mut guesser = Client::customer(house.address).await;
    for _ in 0..10 {
        guesser
            .say(r#"{"type":"hello","site":"demo","conversation":"00000000000000aa","token":"guess"}"#)
            .await;
    }
    assert_eq!(guesser.until_close().await.0, 1008, "tokens cannot be tried without end");
}

#[tokio::test]
async fn an_advisor_comes_with_a_session_from_the_console_or_a_token_from_elsewhere() {
    let house = House::open();
    let hello = r#"{"type":"hello"}"#;
    let with_token = r#"{"type":"hello","token":"good-token"}"#;
    let bad_token = r#"{"type":"hello","token":"bad-token"}"#;
    let stale = "Cookie: relais_session=stale\r\n";
    for (headers, hello, welcome, why) in [
        (format!("{OWN}{COOKIE}"), hello, true, "the console, signed in"),
        (OWN.to_owned(), with_token, true, "the console, with a token"),
        (String::new(), with_token, true, "a program, with a token"),
        (COOKIE.to_owned(), hello, false, "a cookie without an origin"),
        (COOKIE.to_owned(), with_token, true, "a token, and a cookie that is not looked at"),
        (format!("{OWN}{stale}"), hello, false, "a session that is over"),
        (format!("{OWN}{COOKIE}"), bad_token, false, "a wrong token beside a right session"),
        (OWN.to_owned(), hello, false, "nothing"),
        (String::new(), bad_token, false, "a wrong token"),
    ] {
        let mut client = Client::try_open(house.address, "/ws/advisor", &headers).await.unwrap();
        client.say(hello).await;
        let first = client.json().await;
        if welcome {
            assert_eq!(first["type"], "welcome", "{why}");
        } else {
            assert_eq!(first["code"], "unauthorised", "{why}");
            assert_eq!(client.until_close().await.0, 4401, "{why}");
        }
    }
    assert!(house.told().iter().all(|told| !told.contains("token true")), "the token stops at the door");
}

#[tokio::test]
async fn another_sites_page_cannot_open_an_advisors_socket() {
    let house = House::open();
    for origin in [
        "https://evil.example",
        "http://evil.example:8080",
        "http://chat.example",
        "https://chat.example:8080",
        "null",
        "http://chat.example:8080.evil.example",
        "garbage",
    ] {
        let headers = format!("Origin: {origin}\r\n{COOKIE}");
        let refused = Client::try_open(house.address, "/ws/advisor", &headers).await.err().unwrap();
        assert!(refused.starts_with("HTTP/1.1 403"), "{origin}: {refused}");
    }
    let twice = format!("{OWN}Origin: https://evil.example\r\n{COOKIE}");
    assert!(
        Client::try_open(house.address, "/ws/advisor", &twice)
            .await
            .err()
            .unwrap()
            .starts_with("HTTP/1.1 400")
    );
    let planted = format!("{OWN}Cookie: relais_session=good-session; relais_session=planted\r\n");
    let mut client = Client::try_open(house.address, "/ws/advisor", &planted).await.unwrap();
    client.say(r#"{"type":"hello"}"#).await;
    assert_eq!(client.until_close().await.0, 4401, "of two cookies none is believed");
}

#[tokio::test]
async fn with_a_public_url_only_that_is_the_consoles_own() {
    let public_url = Some(Origin::parse("https://chat.example").unwrap());
    let house = House::with(GatewayConfig { public_url, ..GatewayConfig::default() });
    let open = async |origin: &str| {
        Client::try_open(house.address, "/ws/advisor", &format!("Origin: {origin}\r\n{COOKIE}")).await.is_ok()
    };
    assert!(open("https://chat.example").await);
    assert!(!open("http://chat.example:8080").await, "the name in `Host` does not count");
    let origin = "Origin: https://chat.example\r\n";
    let body = r#"{"code":"good-code"}"#;
    let request = format!(
        "POST /api/sign-in HTTP/1.1\r\nHost: inside:8080\r\nConnection: close\r\nContent-Type: application/json\r\n\
         {origin}Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let (status, head, _) = house::client::http(house.address, &request).await;
    assert_eq!(status, 200);
    assert!(head.contains("; secure") && head.contains("strict-transport-security"), "{head}");
}

#[tokio::test]
async fn behind_a_trusted_proxy_its_word_on_tls_counts() {
    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let house = House::with(GatewayConfig { trusted_proxies, ..GatewayConfig::default() });
    let forwarded = format!("X-Forwarded-Proto: https\r\nOrigin: https://chat.example:8080\r\n{COOKIE}");
    assert!(Client::try_open(house.address, "/ws/advisor", &forwarded).await.is_ok());
    let plain = House::open();
    assert!(
        Client::try_open(plain.address, "/ws/advisor", &forwarded).await.is_err(),
        "a stranger's does not"
    );
}

#[tokio::test]
async fn signing_out_closes_the_sessions_sockets() {
    let house = House::open();
    let mut mine = Client::try_open(house.address, "/ws/advisor", &format!("{OWN}{COOKIE}")).await.unwrap();
    mine.say(r#"{"type":"hello"}"#).await;
    assert_eq!(mine.json().await["type"], "welcome");
    let mut other = Client::advisor(house.address).await;
    let (status, head, _) = post(house.address, "/api/sign-out", COOKIE, "").await;
    assert_eq!(status, 204);
    assert!(head.contains("relais_session=; httponly; samesite=strict; path=/; max-age=0"), "{head}");
    assert_eq!(mine.until_close().await.0, 4401);
    assert_eq!(get(house.address, "/api/me", COOKIE).await.0, 401);
    other.say(r#"{"type":"message","conversation":"00000000000000aa","cid":"c","text":"toujours là"}"#).await;
    assert_eq!(other.json().await["cid"], "c");
}
