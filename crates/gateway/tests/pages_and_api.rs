//! HTTP: pages, health, metrics, the JSON API.

mod house;

use gateway::GatewayConfig;
use house::House;
use house::client::{get, http, post};
use serde_json::{Value, json};
use std::sync::atomic::Ordering::SeqCst;

const COOKIE: &str = "Cookie: relais_session=good-session\r\n";

fn error(body: &str) -> (String, String) {
    let value: Value = serde_json::from_str(body).unwrap_or_else(|_| panic!("no JSON: {body}"));
    let text = |key: &str| value["error"][key].as_str().unwrap_or_default().to_owned();
    (text("code"), text("message"))
}

#[tokio::test]
async fn pages_have_their_tags_forms_and_headers() {
    let house = House::open();
    let (status, head, body) = get(house.address, "/widget.js", "").await;
    assert_eq!((status, body.as_bytes()), (200, house::SCRIPT));
    for header in [
        "content-type: text/javascript; charset=utf-8",
        "x-content-type-options: nosniff",
        "referrer-policy: no-referrer",
        "cache-control: no-cache",
        "etag: w/\"tag\"",
        "vary: accept-encoding",
        "access-control-allow-origin: *",
        "cross-origin-resource-policy: cross-origin",
        "cross-origin-opener-policy: same-origin",
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    let (status, head, _) = get(house.address, "/widget.js", "Accept-Encoding: br, gzip\r\n").await;
    assert!(
        status == 200 && head.contains("content-encoding: gzip") && head.contains("content-length: 7"),
        "{head}"
    );
    let (status, head, body) =
        get(house.address, "/widget.js", "If-None-Match: \"old\", W/\"tag\"\r\n").await;
    assert_eq!((status, body.as_str()), (304, ""));
    assert!(head.contains("etag: w/\"tag\"") && !head.contains("\r\ncontent-type:"), "{head}");

    let (status, head, _) = get(house.address, "/console", "").await;
    assert_eq!(status, 200);
    for header in [
        "content-security-policy: default-src 'none'; frame-ancestors 'none'",
        "x-frame-options: deny",
        "cross-origin-resource-policy: same-origin",
        "etag: \"tag\"",
    ] {
        assert!(head.contains(header), "{header} in {head}");
    }
    let (_, head, _) = get(house.address, "/assets/a-1.css", "").await;
    assert!(head.contains("cache-control: public, max-age=31536000, immutable"), "{head}");
    let (status, head, _) = get(house.address, "/", "").await;
    assert!(status == 302 && head.contains("location: /console"), "no demo, no start page: {head}");
}

#[tokio::test]
async fn head_is_get_without_the_content() {
    let house = House::open();
    for (path, length) in [("/widget.js", house::SCRIPT.len()), ("/healthz", 3)] {
        let request = format!("HEAD {path} HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n\r\n");
        let (status, head, body) = http(house.address, &request).await;
        assert_eq!((status, body.as_str()), (200, ""));
        assert!(head.contains(&format!("content-length: {length}")), "{head}");
    }
}

#[tokio::test]
async fn no_path_leads_anywhere_else() {
    let house = House::open();
    for path in [
        "/../../etc/passwd",
        "/assets/../../../etc/passwd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "/assets/..%2f..%2fetc%2fpasswd",
        "/assets/%252e%252e%252fetc%252fpasswd",
        "/assets/..%5c..%5cwindows%5cwin.ini",
        "/assets/..%c0%af..%c0%afetc/passwd",
        "/assets/%c0%ae%c0%ae/etc/passwd",
        "/assets/....//....//etc/passwd",
        "/assets/a-1.css%00.js",
        "/assets//a-1.css",
        "//assets/a-1.css",
        "/./console",
        "/console/.",
        "/console/..",
        "/.env",
        "/.git/HEAD",
        "/assets/.hidden",
        "/widget.js/",
        "/Console",
        "/%63onsole",
        "/console;x=1",
        "/nowhere",
        "/ws/customer/",
        "/ws",
        "/api/",
        "/api/nowhere",
    ] {
        let (status, head, body) = get(house.address, path, "").await;
        assert_eq!(status, 404, "{path}");
        assert_eq!(error(&body).0, "not_found", "{path}");
        assert!(head.contains("nosniff") && head.contains("content-type: application/json"), "{head}");
    }
    let asked = house.staff.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|path| !path.contains("..") && !path.contains('%')), "{asked:?}");
    assert_eq!(get(house.address, "/console?next=/../x", "").await.0, 200, "a query is nobody's business");
}

#[tokio::test]
async fn a_wrong_method_says_which_is_right() {
    let house = House::open();
    for (method, path, allow) in [
        ("POST", "/console", "get, head"),
        ("DELETE", "/widget.js", "get, head"),
        ("PUT", "/healthz", "get, head"),
        ("GET", "/api/sign-in", "post"),
        ("OPTIONS", "/api/sign-in", "post"),
        ("HEAD", "/api/sign-out", "post"),
        ("POST", "/api/me", "get, head"),
        ("PATCH", "/ws/advisor", "get"),
    ] {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
        );
        let (status, head, _) = http(house.address, &request).await;
        assert_eq!(status, 405, "{method} {path}");
        assert!(head.contains(&format!("allow: {allow}\r\n")), "{head}");
    }
}

#[tokio::test]
async fn health_readiness_and_metrics() {
    let house = House::open();
    assert_eq!(get(house.address, "/healthz", "").await.0, 200);
    assert_eq!(get(house.address, "/readyz", "").await.0, 200);
    house.staff.ready.store(false, SeqCst);
    let (status, _, body) = get(house.address, "/readyz", "Accept-Language: fr\r\n").await;
    assert_eq!(status, 503);
    assert!(body.contains("Le serveur n’accepte pas"), "{body}");
    let (status, head, body) = get(house.address, "/metrics", "").await;
    assert!(status == 200 && head.contains("version=0.0.4") && body.contains("relais_up 1\n"));
    let (status, _, body) = http(house.address, "GET /healthz HTTP/1.0\r\n\r\n").await;
    assert_eq!((status, body.as_str()), (200, "ok\n"), "an old load balancer names no host");

    let trusted_proxies = vec!["127.0.0.1".parse().unwrap()];
    let house = House::with(GatewayConfig { trusted_proxies, ..GatewayConfig::default() });
    assert_eq!(get(house.address, "/metrics", "X-Forwarded-For: 203.0.113.7\r\n").await.0, 403);
    assert_eq!(get(house.address, "/metrics", "X-Forwarded-For: 192.168.1.7\r\n").await.0, 200);
}

#[tokio::test]
async fn a_code_signs_in_once() {
    let house = House::open();
    let (status, head, body) = post(house.address, "/api/sign-in", "", r#"{"code":"good-code"}"#).await;
    assert_eq!(status, 200);
    assert_eq!(
        serde_json::from_str::<Value>(&body).unwrap(),
        json!({"advisor":"ines","role":"advisor","name":"Inès"})
    );
    assert!(
        head.contains(
            "set-cookie: relais_session=code-session; httponly; samesite=strict; path=/; max-age=3600\r\n"
        ),
        "{head}"
    );
    assert!(head.contains("cache-control: no-store"));
    let (status, head, body) = post(house.address, "/api/sign-in", "", r#"{"code":"good-code"}"#).await;
    assert_eq!((status, error(&body).0.as_str()), (401, "unauthorised"));
    assert!(!head.contains("set-cookie"));
    let (status, _, body) = get(house.address, "/api/me", "Cookie: relais_session=code-session\r\n").await;
    assert_eq!(status, 200);
    assert_eq!(serde_json::from_str::<Value>(&body).unwrap()["advisor"], "ines");
    assert_eq!(get(house.address, "/api/me", "").await.0, 401);
}

#[tokio::test]
async fn a_wrong_password_is_one_answer_whoever_it_is_and_takes_one_time() {
    let house = House::open();
    let good = r#"{"name":"ines","password":"correct horse battery"}"#;
    assert_eq!(post(house.address, "/api/sign-in", "", good).await.0, 200);
    let mut answers = Vec::new();
    for body in [
        r#"{"name":"ines","password":"wrong"}"#,
        r#"{"name":"nobody","password":"wrong"}"#,
        r#"{"code":"x"}"#,
    ] {
        let began = tokio::time::Instant::now();
        let (status, head, body) = post(house.address, "/api/sign-in", "Accept-Language: fr\r\n", body).await;
        let took = began.elapsed().as_millis();
        assert!((400..3_000).contains(&took), "{took}");
        let head: Vec<&str> = head.lines().filter(|line| !line.starts_with("date")).collect();
        answers.push((status, head.join("\n"), body));
    }
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
    assert_eq!(answers[0].0, 401);
    assert!(answers[0].2.contains("Ces identifiants"));
}

#[tokio::test]
async fn guessing_is_slowed_down_even_all_at_once() {
    let house = House::open();
    let tries =
        (0..30).map(|_| post(house.address, "/api/sign-in", "", r#"{"name":"ines","password":"guess"}"#));
    let answers = futures_util::future::join_all(tries).await;
    let tried = answers.iter().filter(|(status, ..)| *status == 401).count();
    assert_eq!(tried, 4);
    let (status, head, body) = answers.iter().find(|(status, ..)| *status != 401).unwrap();
    assert_eq!(*status, 429);
    assert!(head.contains("retry-after: 1\r\n"), "{head}");
    let body: Value = serde_json::from_str(body).unwrap();
    assert!((1..=1_000).contains(&body["error"]["retry_ms"].as_u64().unwrap()), "{body}");
    let good = r#"{"name":"ines","password":"correct horse battery"}"#;
    assert_eq!(post(house.address, "/api/sign-in", "", good).await.0, 429, "a right one waits too");
    tokio::time::sleep(std::time::Duration::from_millis(1_100)).await;
    assert_eq!(post(house.address, "/api/sign-in", "", good).await.0, 200);
}

#[tokio::test]
async fn bad_bodies_are_told_apart() {
    let house = House::open();
    let send = async |content_type: &str, body: &str| {
        let request = format!(
            "POST /api/sign-in HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\nOrigin: http://chat.example\r\n\
             Content-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let (status, _, answer) = http(house.address, &request).await;
        (status, error(&answer).1)
    };
    let json = "application/json; charset=utf-8";
    for body in [
        "",
        "{",
        "[]",
        "{}",
        r#"{"code":1}"#,
        r#"{"name":"ines"}"#,
        r#"{"password":"my-secret-word"}"#,
        r#"{"code":"a","name":"ines","password":"b"}"#,
        r#"{"code":"a","admin":true}"#,
        r#"{"name":"ines","password":["my-secret-word"]}"#,
        "\u{0}",
    ] {
        let (status, message) = send(json, body).await;
        assert_eq!(status, 400, "{body}");
        assert!(!message.contains("my-secret-word"), "{message}");
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""] {
        assert_eq!(send(content_type, r#"{"code":"a"}"#).await.0, 415, "{content_type}");
    }
    let huge = format!(r#"{{"code":"{}"}}"#, "x".repeat(5_000));
    assert_eq!(send(json, &huge).await.0, 413);
    let chunked = format!(
        "POST /api/sign-in HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Transfer-Encoding: chunked\r\n\r\n{}0\r\n\r\n",
        format!("400\r\n{}\r\n", "x".repeat(0x400)).repeat(5)
    );
    assert_eq!(http(house.address, &chunked).await.0, 413);
    let smuggled = "POST /api/sign-in HTTP/1.1\r\nHost: chat.example\r\nContent-Type: application/json\r\n\
                    Content-Length: 4\r\nContent-Length: 5\r\nConnection: close\r\n\r\nabcde";
    assert_eq!(http(house.address, smuggled).await.0, 400);
    for host in ["", "Host: a\r\nHost: b\r\n", "Host: a b\r\n", "Host: a/b\r\n", "Host: user@a\r\n"] {
        let request = format!("GET /healthz HTTP/1.1\r\n{host}Connection: close\r\n\r\n");
        assert_eq!(http(house.address, &request).await.0, 400, "{host}");
    }
}

#[tokio::test]
async fn another_sites_page_cannot_post() {
    let house = House::open();
    let send = async |path: &str, origin: &str| {
        let body = r#"{"password":"a new password"}"#;
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: chat.example\r\nConnection: close\r\n{origin}{COOKIE}\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        http(house.address, &request).await.0
    };
    for origin in ["Origin: https://evil.example\r\n", "Origin: null\r\n", "Origin: https://chat.example\r\n"]
    {
        for path in ["/api/sign-in", "/api/sign-out", "/api/password"] {
            assert_eq!(send(path, origin).await, 403, "{path} {origin}");
        }
    }
    assert_eq!(send("/api/password", "").await, 403, "a cookie needs an origin beside it");
    assert_eq!(send("/api/sign-out", "").await, 403);
    assert_eq!(send("/api/password", "Origin: http://chat.example\r\n").await, 204);
    assert!(house.staff.asked.lock().unwrap().contains(&"password of ines: 14 characters".to_owned()));
}

#[tokio::test]
async fn a_password_has_a_length() {
    let house = House::open();
    let set = async |password: &str, headers: &str| {
        let (status, _, body) =
            post(house.address, "/api/password", headers, &json!({ "password": password }).to_string()).await;
        (status, if body.is_empty() { String::new() } else { error(&body).0 })
    };
    for password in ["", "short", &"x".repeat(257)] {
        assert_eq!(set(password, COOKIE).await, (422, "bad_password".into()));
    }
    assert_eq!(set("dix lettres", COOKIE).await.0, 204);
    assert_eq!(set("dix lettres", "").await, (401, "unauthorised".into()));
}
