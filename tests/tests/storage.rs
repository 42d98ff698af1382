//! What a data folder holds, and becomes with time: no card's number comes in, what is old is forgotten by the rule of
//! the configuration, and a folder of the first formats opens in every later version.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use conversation::{
    Author, Cid, ClosedBy, ConversationId, CustomerId, Event, EventKind, Lang, Millis, Owner, SiteId,
};
use eventlog::{EventLog, SqliteLog};
use relais_tests::house::{House, relais};
use relais_tests::socket::Socket;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::time::{sleep, timeout};

const DAY: Millis = 24 * 3_600_000;

#[expect(clippy::disallowed_methods, reason = "what is old is so by the server's own clock")]
fn now() -> Millis {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis() as Millis
}

/// A conversation that ended at this time, or is still open.
fn conversation(number: u64, words: &str, at: Millis, closed: bool) -> Vec<Event> {
    let id = ConversationId(number);
    let event = |seq, cid: Option<&str>, kind| Event {
        conversation: id,
        seq,
        at,
        cid: cid.map(|cid| Cid::new(cid).unwrap()),
        kind,
    };
    let opened = EventKind::Opened {
        site: SiteId::new("demo").unwrap(),
        lang: Lang::new("fr").unwrap(),
        customer: CustomerId::new(&format!("id-demo-{words}")).unwrap(),
        profile: Some(json!({ "name": words })),
        page: None,
    };
    let text = format!("Je m’appelle {words}");
    let said =
        EventKind::Message { from: Author::Customer, name: None, advisor: None, text, choices: vec![] };
    let mut events = vec![event(1, None, opened), event(2, Some("c1"), said)];
    if closed {
        let by = EventKind::Closed { by: ClosedBy::Customer, outcome: None, advisor: None };
        events.push(event(3, None, by));
        events.push(event(4, None, EventKind::Owner { owner: Owner::Closed, name: None }));
    }
    events
}

fn holds(folder: &Path, words: &str) -> bool {
    fs::read_dir(folder).unwrap().flatten().filter(|entry| entry.path().is_file()).any(|entry| {
        let bytes = fs::read(entry.path()).unwrap();
        bytes.windows(words.len()).any(|window| window == words.as_bytes())
    })
}

fn verified(data: &Path) -> Value {
    let output = relais(&["log", "verify", "--data", &data.display().to_string()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_old_and_closed_is_forgotten_by_the_rule_of_the_configuration() {
    let rule = "[retention]\nforget_after = \"30d\"\n";
    let house = House::with_data(rule, &[], |data| {
        let (mut log, _) = SqliteLog::open(data, "life").unwrap();
        for (number, words, days, closed) in [
            (1, "Ancienne", 40, true),
            (2, "Recente", 20, true),
            (3, "Ouverte", 40, false),
            (4, "Deuxieme", 31, true),
        ] {
            log.append(&conversation(number, words, now() - days * DAY, closed)).unwrap();
        }
        log.follower().unwrap().catch_up().unwrap();
    });
    let data = house.data();
    timeout(Duration::from_secs(30), async {
        while holds(&data, "Ancienne") || holds(&data, "Deuxieme") {
            sleep(Duration::from_millis(50)).await;
        }
    })
    .await
    .expect("what is old is forgotten, in every file");
    assert!(holds(&data, "Recente") && holds(&data, "Ouverte"));
    // What stays of it is a sound log: each event at its place, the cid as it was, and a tombstone for the customer.
    let (mut claire, _) = house.advisor("claire", "fr").await;
    claire.done(json!({ "type": "open", "conversation": format!("{:016x}", 1) })).await;
    let whole = claire.the("conversation").await;
    let events = whole["events"].as_array().unwrap();
    assert_eq!(events.iter().filter(|event| event["kind"] == "message").count(), 1, "{whole}");
    assert!(!whole.to_string().contains("Ancienne"), "{whole}");
    assert_eq!(verified(&data)["problems"], 0);
    // And the server goes on.
    let (mut customer, _) = house.customer("fr").await;
    customer.message("1", "Bonjour").await;
}

/// A verb of the binary on this data folder: how it ended, stdout, stderr.
fn asked(verb: &[&str], data: &Path) -> (bool, String, String) {
    let output = relais(&[verb, &["--data", &data.display().to_string()]].concat());
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.success(), text(&output.stdout), text(&output.stderr))
}

#[test]
fn who_erases_nobody_is_told_so_and_who_erases_somebody_has_erased_them() {
    let folder = tempfile::TempDir::new().unwrap();
    let (data, copy) = (folder.path().join("data"), folder.path().join("copy"));
    let (mut log, _) = SqliteLog::open(&data, "life").unwrap();
    log.append(&conversation(1, "Ancienne", now() - DAY, true)).unwrap();
    drop(log);
    assert!(asked(&["log", "backup", "--to", &copy.display().to_string()], &data).0);
    // A copy is there, and reached; that alone is not somebody.
    let (done, told, why) = asked(&["log", "erase", "--customer", "id-demo-Anciene"], &data);
    assert!(!done && why.contains("nobody of the name \"id-demo-Anciene\" is known"), "{why}");
    assert_eq!(serde_json::from_str::<Value>(&told).unwrap()["conversations"], 0);
    assert!(holds(&data, "Ancienne") && holds(&copy, "Ancienne"));
    let (done, _, why) = asked(&["log", "erase", "--customer", "id-demo-Ancienne"], &data);
    assert!(done, "{why}");
    assert!(!holds(&data, "Ancienne") && !holds(&copy, "Ancienne"));
    let (done, _, why) = asked(&["log", "erase", "--customer", "id-demo-Ancienne"], &data);
    assert!(!done && why.contains("is known"), "once is for ever: {why}");
}

/// What is read of a folder by programs beside its server, and after it: sound, and as much as was said.
fn read_by_all(data: &Path, conversations: usize) {
    assert_eq!(verified(data)["problems"], 0);
    let (done, lines, why) = asked(&["log", "export"], data);
    assert!(done, "{why}");
    assert_eq!(lines.lines().count(), conversations, "{why}");
    let simulated = relais(&["simulate", "--json", "--log", &data.display().to_string()]);
    assert!(simulated.status.success(), "{}", String::from_utf8_lossy(&simulated.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_demo_has_kept_is_read_by_every_verb_while_it_runs_and_after() {
    let mut house = House::demo();
    let (_customer, welcome, mut ines) = house.handled_by("ines").await;
    let conversation = welcome["conversation"].clone();
    let say = json!({ "type": "message", "conversation": conversation, "cid": "a1", "text": "Bonjour, je regarde." });
    ines.done(say).await;
    let note = json!({ "type": "note", "conversation": conversation, "cid": "n1", "text": "À rappeler" });
    ines.done(note).await;
    ines.done(json!({ "type": "close", "conversation": conversation, "outcome": "resolved" })).await;
    let (mut angry, _) = house.customer("en").await;
    for (n, text) in
        ["Where is my order 4521?", "This is the THIRD time I ask!!! 😡", "useless, I want my money back"]
            .iter()
            .enumerate()
    {
        angry.message(&format!("m{n}"), text).await;
    }
    read_by_all(&house.data(), 2);
    // And what is written meanwhile is read by the next.
    let (mut third, _) = house.customer("fr").await;
    third.message("1", "Quels sont les délais de livraison ?").await;
    read_by_all(&house.data(), 3);
    house.kill();
    read_by_all(&house.data(), 3);
    house.start();
    house.terminate();
    assert!(house.ended().success());
    read_by_all(&house.data(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_advisors_correct_is_exported_as_what_another_model_learns_from() {
    let house = House::demo();
    let (mut customer, welcome, mut ines) = house.handled_by("ines").await;
    let conversation = &welcome["conversation"];
    for (cid, text, verdict) in [
        ("1", "Bonjour, merci de votre aide", "not_frustrated"),
        ("2", "C’est la troisième fois, c’est inadmissible !!", "frustrated"),
        ("3", "D’accord, j’attends votre message", "not_frustrated"),
        ("4", "Toujours rien, vous vous moquez de moi", "frustrated"),
    ] {
        let seq = customer.message(cid, text).await;
        let said =
            json!({ "type": "feedback", "conversation": conversation, "seq": seq, "verdict": verdict });
        ines.done(said).await;
    }
    let data = house.data();
    let (done, lines, why) = asked(&["log", "export"], &data);
    assert!(done, "{why}");
    let (labelled, model) = (data.join("labelled.jsonl"), data.join("own.model"));
    fs::write(&labelled, lines).unwrap();
    let (labelled, model) = (labelled.display().to_string(), model.display().to_string());
    for verb in [vec!["evaluate", "--data", &labelled], vec!["train", "--data", &labelled, "--out", &model]] {
        let output = relais(&verb);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{verb:?}: {told}");
        assert!(verb[0] != "train" || told.contains("4 labelled turns of 1 conversation"), "{told}");
    }
    // What was learned listens, in a server.
    let house = House::with_arguments("", &["--model", &model]);
    house.customer("fr").await.0.message("1", "Bonjour").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_restored_from_a_copy_made_under_way_knows_its_people_and_tells_them_everything_anew() {
    let mut house = House::demo();
    let folder = tempfile::TempDir::new().unwrap();
    let (copy, restored) = (folder.path().join("copy"), folder.path().join("restored"));
    let token = house.token("ines");
    let (mut customer, welcome) = house.customer("fr").await;
    let kept = customer.message("1", "Bonjour").await;
    customer.from("bot").await;
    assert!(asked(&["log", "backup", "--to", &copy.display().to_string()], &house.data()).0);
    let lost = customer.message("2", "Quels sont les délais de livraison ?").await;
    let (mut later, unknown) = house.customer("fr").await;
    later.message("1", "Bonjour").await;
    house.kill();
    let (done, _, why) = asked(&["log", "restore", "--from", &copy.display().to_string()], &restored);
    assert!(done && why.contains("a new life of the log"), "{why}");

    let house = House::demo_in(&restored);
    // The token of the life before still signs in, and a customer's proof still opens what is theirs: not the rest from
    // where they were, but all that there is.
    Socket::advisor(house.address, &token, "fr").await;
    let back = |welcome: &Value, seq: u64| json!({ "conversation": welcome["conversation"], "token": welcome["token"], "epoch": welcome["epoch"], "seq": seq });
    let (mut customer, again) = house.customer_with(back(&welcome, lost)).await;
    assert_eq!((&again["conversation"], &again["resumed"]), (&welcome["conversation"], &json!(false)));
    assert_ne!(again["epoch"], welcome["epoch"]);
    let first = customer.until("the words of before", |frame| frame["cid"] == "1").await;
    assert_eq!(first["seq"], kept);
    // What was said after the copy is gone; the client that still has it sends it again, and it is answered.
    customer.message("2", "Quels sont les délais de livraison ?").await;
    customer.from("bot").await;
    // A conversation that the copy does not know: another one, and a proof for it.
    let (mut later, fresh) = house.customer_with(back(&unknown, 2)).await;
    assert!(fresh["conversation"] != unknown["conversation"] && fresh["resumed"] == false, "{fresh}");
    later.message("1", "Bonjour").await;
    assert_eq!(verified(&restored)["problems"], 0);
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/eventlog/tests/fixtures").join(name)
}

/// The files were written once, by the first version, and never change.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_folder_of_the_first_formats_opens_and_goes_on() {
    let mut house = House::with_data("", &[], |data| {
        fs::create_dir_all(data).unwrap();
        fs::copy(fixture("log-format-1.sqlite"), data.join("log.db")).unwrap();
        fs::copy(fixture("accounts-format-1.sqlite"), data.join("accounts.db")).unwrap();
    });
    // A token that the first version gave still signs in.
    let token = "wJ4me6jfUhz_LlVEnDfLHh3WNBy3VaPJ0Kp7uaB_x90";
    let (_, welcome) = Socket::advisor(house.address, token, "fr").await;
    assert_eq!(welcome["advisor"]["id"].as_str().or(welcome["advisor"].as_str()), Some("ines"), "{welcome}");
    assert_eq!(welcome["epoch"], "fixture");
    let (mut customer, welcome) = house.customer("fr").await;
    assert_eq!(welcome["epoch"], "fixture");
    customer.message("1", "Bonjour").await;
    house.terminate();
    assert!(house.ended().success());
    let found = verified(&house.data());
    assert!(found["events"].as_u64() > Some(120), "{found}");
    let output = relais(&["user", "list", "--data", &house.data().display().to_string()]);
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(listed.contains("ines") && listed.contains("claire"), "{listed}");
}

#[tokio::test]
async fn no_number_of_a_card_is_shown_or_kept() {
    let mut house = House::demo();
    let (mut customer, welcome, mut ines) = house.handled_by("ines").await;
    customer.message("1", "Ma carte est la 4111 1111 1111 1111, commande 4521").await;
    let read = ines.from("customer").await;
    assert_eq!(read["text"], "Ma carte est la •••• •••• •••• 1111, commande 4521");
    assert!(
        customer.has(|frame| frame["cid"] == "1" && frame["text"] == read["text"]),
        "it reads so for both"
    );
    let id = &welcome["conversation"];
    let note = "Carte 5555555555554444";
    ines.done(json!({ "type": "note", "conversation": id, "cid": "n", "text": note })).await;
    ines.done(json!({ "type": "message", "conversation": id, "cid": "m", "text": "Bien 378282246310005" }))
        .await;
    assert_eq!(customer.from("advisor").await["text"], "Bien •••••••••••0005");
    house.terminate();
    assert!(house.ended().success());
    assert!(holds(&house.data(), "commande 4521"), "what else was said is there");
    for number in ["4111 1111", "55555555", "37828224"] {
        assert!(!holds(&house.data(), number), "{number} is in the data folder");
    }
    assert!(!house.told().contains("4111 1111"), "nor in what the server logs");
}
