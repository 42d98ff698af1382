//! The first steps of a house of one's own, as the README has them, and what is said where one of them is missed.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::{House, configuration, relais, shipped};
use relais_tests::http::{frame, upgraded};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt;

/// The shipped configuration in a folder of somebody's own, with a line of it changed.
fn own(folder: &TempDir, line: &str, instead: &str) -> PathBuf {
    let text = fs::read_to_string(shipped().join("relais.toml")).unwrap();
    let changed = text.replacen(&format!("\n{line}\n"), &format!("\n{instead}\n"), 1);
    assert!(line == instead || changed != text, "{line:?} is a line");
    configuration(folder.path(), &changed)
}

/// What `check` says of a configuration that can be used.
fn said(file: &Path) -> Vec<String> {
    let output = relais(&["check", "--config", &file.display().to_string()]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(0), "{told}");
    told.lines().map(str::to_owned).collect()
}

#[test]
fn who_has_no_back_office_yet_is_told_the_line_to_write_it_on() {
    let folder = TempDir::new().unwrap();
    let file = own(&folder, "default_queue", "default_queue");
    let bot = folder.path().join("bots/shop.toml");
    let text = fs::read_to_string(&bot).unwrap();
    let line = 1 + text.lines().position(|line| line.starts_with("url = \"{{relais}}/demo/")).unwrap();
    let place = format!("bots/shop.toml:{line}: `actions.orders.url`");
    let told = said(&file);
    assert!(told.iter().any(|one| one.contains(&place) && one.contains("--demo")), "{told:?}");

    let asks = "url = \"{{relais}}/demo/orders/{order}\"";
    fs::write(&bot, text.replace(asks, "url = \"https://shop.example.org/orders/{order}\"")).unwrap();
    assert_eq!(said(&file), ["Nothing is wrong."]);
}

#[test]
fn what_relais_toml_shows_as_a_comment_can_be_used_as_it_stands() {
    let folder = TempDir::new().unwrap();
    let text = fs::read_to_string(shipped().join("relais.toml")).unwrap();
    let begin = text.find("# [variables]").unwrap();
    let shown = text[begin..].lines().filter_map(|line| line.strip_prefix("# "));
    // Of the comments only those that are settings: a name, a bracket or a list.
    let settings =
        shown.filter(|line| line.starts_with('[') || line.contains(" = ") && !line.contains("` in a"));
    let settings: Vec<&str> = settings.filter(|line| !line.contains("when_closed")).collect();
    for words in ["[variables]", "[hours.office]", "[hours.office.week]"] {
        assert!(settings.contains(&words), "{words} is among {settings:?}");
    }
    let kept = text.replacen("[queues.care]\n", "[queues.care]\nhours = \"office\"\n", 1);
    let told = said(&configuration(folder.path(), &format!("{kept}\n{}\n", settings.join("\n"))));
    assert!(told.iter().all(|one| !one.contains("relais.toml")), "{told:?}");
}

const LISTEN: &str = "listen = \"127.0.0.1:8080\"  # one port for pages, sockets and metrics; put a proxy that ends TLS in front";

#[test]
fn a_sign_in_link_leads_to_the_houses_own_address() {
    for (line, instead, address) in [
        (LISTEN, LISTEN, "http://127.0.0.1:8080/"),
        (LISTEN, "listen = \"0.0.0.0:9123\"", "http://127.0.0.1:9123/"),
        ("[server]", "[server]\npublic_url = \"https://chat.example.org\"", "https://chat.example.org/"),
    ] {
        let folder = TempDir::new().unwrap();
        let file = own(&folder, line, instead).display().to_string();
        let data = folder.path().join("data").display().to_string();
        for verb in [&["add", "ines", "--role", "advisor"][..], &["link", "ines"]] {
            let output = relais(&[&["user"], verb, &["--data", &data, "--config", &file]].concat());
            let told = String::from_utf8(output.stdout).unwrap();
            assert!(told.contains(&format!("{address}console#code=")), "{instead}: {told}");
        }
    }
}

#[test]
fn an_address_that_cannot_be_used_is_told_before_anybody_is_added() {
    let folder = TempDir::new().unwrap();
    let file = own(&folder, LISTEN, "listen = \"nowhere\"").display().to_string();
    let data = folder.path().join("data").display().to_string();
    let add = ["user", "add", "ines", "--role", "advisor", "--data", &data, "--config", &file];
    let refused = relais(&add);
    let why = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(1), "{why}");
    assert!(why.contains("server.listen") && why.contains("--url"), "{why}");
    let added = relais(&[&add[..], &["--url", "https://a.example/"]].concat());
    let told = String::from_utf8(added.stdout).unwrap();
    assert!(told.contains("https://a.example/console#code="), "{told}");
}

#[test]
fn what_somebody_is_said_to_know_or_serve_is_held_against_the_houses_configuration() {
    let folder = TempDir::new().unwrap();
    let file = own(&folder, "default_queue", "default_queue").display().to_string();
    let data = folder.path().join("data").display().to_string();
    let add = |more: &[&str], config: &[&str]| {
        let verb = ["user", "add", "ines", "--role", "advisor", "--data", &data];
        let output = relais(&[&verb[..], more, config].concat());
        (output.status.success(), String::from_utf8(output.stderr).unwrap())
    };
    for (wrong, words) in [
        (
            ["--queue", "ordres"],
            ["--queue \"ordres\" is not a queue", "care, orders, returns", "did you mean \"orders\"?"],
        ),
        (
            ["--skill", "return=3"],
            ["--skill \"return\" is not a skill", "orders, returns", "did you mean \"returns\"?"],
        ),
    ] {
        let (added, told) = add(&wrong, &["--config", &file]);
        assert!(!added && words.iter().all(|words| told.contains(words)), "{told}");
    }
    // A house that is not named is not asked.
    let right = ["--queue", "orders", "--queue", "care", "--skill", "orders=4"];
    let (added, told) = add(&right, &["--config", &file]);
    assert!(added, "{told}");
    let (known, told) = add(&["--skill", "anything=1"], &[]);
    assert!(!known && told.contains("already"), "{told}");
}

#[tokio::test]
async fn a_house_tells_how_to_add_its_people_with_its_own_configuration() {
    let folder = TempDir::new().unwrap();
    let file = own(&folder, "default_queue", "default_queue");
    let house = House::of(&file);
    let words = format!("--data {} --config {}", house.data().display(), file.display());
    house.until_told(&words).await;
}

#[tokio::test]
async fn a_page_that_is_not_among_the_origins_is_told_in_the_log_with_the_key_to_change() {
    let house = House::demo();
    for (site, words) in
        [("demo", "add \\\"http://localhost:5500\\\""), ("shopp", "there is no [sites.shopp]")]
    {
        for _ in 0..3 {
            let headers = "Origin: http://localhost:5500\r\n";
            let (status, mut stream) = upgraded(house.address, "/ws/customer", headers).await;
            assert_eq!(status, 101);
            stream.write_all(&frame(&format!(r#"{{"type":"hello","site":"{site}"}}"#))).await.unwrap();
            house.until_told(words).await;
        }
        assert_eq!(house.told().matches(words).count(), 1, "once, not for every try: {}", house.told());
    }
    assert!(house.told().contains("`origins` of [sites.demo]"), "{}", house.told());
}
