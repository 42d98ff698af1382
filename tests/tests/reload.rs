//! Bots, queues, policies and lexicons change while people talk: no socket is closed, a mistake changes nothing, and
//! the end is in time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use analyzer::{Analyzer, Model};
use relais_tests::house::{House, relais, shipped};
use relais_tests::http;
use relais_tests::socket::Socket;
use serde_json::{Value, json};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use tokio::time::{Instant, sleep, timeout};

/// Everybody is handed over.
const IMPATIENT: &str = "\n[queues.care.thresholds]\npeak = 0.0\nrelease = 0.0\n";
const CALM: &str = "Quels sont les délais de livraison ?";

/// Changes a file as an editor does.
fn change(path: &PathBuf, old: &str, new: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(old), "{old:?} is not in {}", path.display());
    fs::write(path, text.replace(old, new)).unwrap();
}

/// Lexicons of the house's own, beside its configuration.
fn lexicons(house: &House) -> PathBuf {
    let folder = house.configuration().parent().unwrap().join("lexicon");
    fs::create_dir_all(&folder).unwrap();
    for name in ["any.toml", "en.toml", "fr.toml"] {
        fs::copy(shipped().join("lexicon").join(name), folder.join(name)).unwrap();
    }
    folder
}

/// What was heard in the last message of a conversation, as a supervisor sees it.
async fn heard(supervisor: &mut Socket, conversation: &Value) -> Value {
    supervisor.done(json!({ "type": "open", "conversation": conversation })).await;
    let whole = supervisor.the("conversation").await;
    let events = whole["events"].as_array().unwrap();
    events.iter().rfind(|event| event["kind"] == "analyzed").unwrap().clone()
}

fn has_insult(analyzed: &Value) -> bool {
    analyzed["signals"].as_array().unwrap().iter().any(|signal| signal["kind"] == "insult")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bots_policies_and_lexicons_are_read_again_and_no_socket_is_closed() {
    let house = House::with("", &[]);
    let folder = lexicons(&house);
    let (mut claire, _) = house.advisor("claire", "fr").await;
    let (mut customer, welcome) = house.customer("fr").await;
    // The folder of lexicons is new: it is found by itself, without a signal.
    house.until_told("was read again").await;
    let conversation = &welcome["conversation"];
    let greeting = |welcome: &Value| welcome["site"]["texts"]["greeting"].as_str().unwrap().to_owned();
    assert!(greeting(&welcome).contains("Lou"));
    customer.message("1", CALM).await;
    customer.from("bot").await;
    customer.message("2", "quel schtroumpf vous faites").await;
    customer.from("bot").await;
    assert!(!has_insult(&heard(&mut claire, conversation).await));

    change(&house.configuration(), "version = \"demo-1\"", "version = \"demo-2\"");
    let main = house.configuration();
    fs::write(&main, fs::read_to_string(&main).unwrap() + IMPATIENT).unwrap();
    let bot = house.configuration().parent().unwrap().join("bots/shop.toml");
    change(&bot, "Je suis Lou, le robot", "Je suis Zoé, le robot");
    let entry =
        "\n[[entry]]\nkind = \"insult\"\nstrength = 3.0\nsay = [\"schtroumpf\"]\nexample = \"schtroumpf\"\n";
    let french = folder.join("fr.toml");
    fs::write(&french, fs::read_to_string(&french).unwrap() + entry).unwrap();
    house.hang_up();
    house.until_told("version demo-2 is in use").await;

    // A new visitor meets the new bot; those who were there go on, on the same sockets, by the new rules.
    let (_, fresh) = house.customer("fr").await;
    assert!(greeting(&fresh).contains("Zoé"), "{fresh}");
    customer.message("3", "quel schtroumpf vous faites").await;
    customer.owner("queue").await;
    let analyzed = timeout(Duration::from_secs(20), async {
        loop {
            let analyzed = heard(&mut claire, conversation).await;
            if has_insult(&analyzed) {
                return analyzed;
            }
        }
    });
    assert!(analyzed.await.is_ok(), "the new word is heard");
    let (mut other, _) = house.customer("fr").await;
    other.message("1", CALM).await;
    other.owner("queue").await;
    assert_eq!(http::get(house.address, "/readyz").await.0, 200);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_with_a_mistake_is_told_with_its_line_and_changes_nothing() {
    let house = House::with("", &[]);
    let folder = lexicons(&house);
    house.until_told("was read again").await;
    let bot = house.configuration().parent().unwrap().join("bots/shop.toml");
    let french = folder.join("fr.toml");
    let (mut customer, _) = house.customer("fr").await;
    let mut count = 0;
    for (file, old, new, told) in [
        (&house.configuration(), "version = \"demo-1\"", "version = \"demo-2\"\nnonsense = 1", "nonsense"),
        (&bot, "Je suis Lou, le robot", "Je suis {{nobody}}, le robot", "nobody"),
        (&french, "kind = \"insult\"", "kind = \"insulte\"", "insulte"),
    ] {
        let good = fs::read_to_string(file).unwrap();
        change(file, old, new);
        house.hang_up();
        count += 1;
        let refused = || house.told().matches("cannot be used; the old one stays").count();
        timeout(Duration::from_secs(30), async {
            while refused() < count {
                sleep(Duration::from_millis(20)).await;
            }
        })
        .await
        .expect("it is refused");
        let mistake = house.told().lines().rfind(|line| line.starts_with("error:")).unwrap().to_owned();
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(house.told().lines().any(|line| line.contains(name) && line.contains(told)), "{mistake}");
        let (_, fresh) = house.customer("fr").await;
        assert!(fresh["site"]["texts"]["greeting"].as_str().unwrap().contains("Lou"), "{fresh}");
        fs::write(file, good).unwrap();
        // `relais check` says the same, and nothing else has changed meanwhile.
        customer.message(&format!("c{count}"), "Bonjour").await;
        sleep(Duration::from_millis(1_200)).await;
        count = refused();
    }
    assert!(!house.told().contains("demo-2"), "{}", house.told());
    let checked = relais(&["check", "--config", house.configuration().to_str().unwrap()]);
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_comes_and_goes_and_who_waits_in_it_waits_on() {
    const BIG: &str = "\n[queues.big]\nnames = { fr = \"Grands comptes\", en = \"Large accounts\" }\n";
    let house = House::with("", &[]);
    let (mut claire, _) = house.advisor("claire", "fr").await;
    let (mut customer, welcome) = house.customer("fr").await;
    customer.done(json!({ "type": "human", "cid": "1" })).await;
    let to_big = json!({ "type": "requeue", "conversation": welcome["conversation"], "queue": "big" });
    claire.refused(to_big.clone(), "unknown_queue").await;
    let main = house.configuration();
    let before = fs::read_to_string(&main).unwrap();
    fs::write(&main, before.replace("demo-1", "demo-2") + BIG).unwrap();
    house.hang_up();
    house.until_told("version demo-2 is in use").await;
    // The brain hears of it a moment after it was told.
    timeout(Duration::from_secs(20), async {
        while claire.ask(to_big.clone()).await["type"] != "ack" {
            sleep(Duration::from_millis(20)).await;
        }
    })
    .await
    .expect("the new queue takes a conversation");

    fs::write(&main, before.replace("demo-1", "demo-3")).unwrap();
    house.hang_up();
    house.until_told("version demo-3 is in use").await;
    let moved = claire.until("moved on", |frame| frame["reason"]["code"] == "queue_gone").await;
    assert_eq!(moved["conversation"], welcome["conversation"]);
    // Nobody has lost their socket, and somebody answers.
    let mut ines = house.available("ines", "fr").await;
    let offer = ines.the("offer").await;
    assert_eq!((&offer["conversation"], &offer["queue"]), (&welcome["conversation"], &json!("care")));
    ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    customer.owner("advisor").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_account_that_ends_takes_its_sockets_and_its_token_along_and_its_customers_wait_for_another() {
    let house = House::demo();
    let token = house.token("ines");
    let mut ines = house.advisor_by(&token, "fr").await.0;
    ines.present("available").await;
    let (mut customer, welcome) = house.customer("fr").await;
    customer.done(json!({ "type": "human", "cid": "1" })).await;
    let offer = ines.the("offer").await;
    ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    customer.owner("advisor").await;
    let data = house.data().display().to_string();
    assert!(relais(&["user", "disable", "ines", "--data", &data]).status.success());
    assert_eq!(ines.closed().await, 4401);
    customer.owner("queue").await;
    // The token is as good as any that never was.
    let mut stale = Socket::open(house.address, "/ws/advisor").await;
    stale.say(&json!({ "type": "hello", "token": token })).await;
    assert_eq!(stale.the("error").await["code"], "unauthorised");
    let mut tom = house.available("tom", "fr").await;
    assert_eq!(tom.the("offer").await["conversation"], welcome["conversation"]);
}

/// The version of the model that heard the last message.
async fn model_of(supervisor: &mut Socket, conversation: &Value) -> String {
    heard(supervisor, conversation).await["model"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_model_listens_from_the_next_message_on_and_a_damaged_one_is_refused() {
    let folder = tempfile::TempDir::new().unwrap();
    let file = folder.path().join("own.model");
    let (first, second) = (Model::by_hand(), Analyzer::embedded().model().bytes());
    fs::write(&file, first.bytes()).unwrap();
    let versions = [Model::read(&first.bytes()), Model::read(&second)]
        .map(|model| Analyzer::embedded().with_model(model.unwrap()).model_version().to_owned());
    assert_ne!(versions[0], versions[1]);
    let house = House::with_arguments("", &["--model", &file.display().to_string()]);
    let (mut claire, _) = house.advisor("claire", "fr").await;
    let (mut customer, welcome) = house.customer("fr").await;
    let conversation = &welcome["conversation"];
    customer.message("1", CALM).await;
    customer.from("bot").await;
    assert_eq!(model_of(&mut claire, conversation).await, versions[0]);

    fs::write(&file, second).unwrap();
    house.until_told("was read again").await;
    let heard_by_it = async {
        for n in 2.. {
            customer.message(&n.to_string(), "Et pour un retour ?").await;
            if model_of(&mut claire, conversation).await == versions[1] {
                return;
            }
        }
    };
    timeout(Duration::from_secs(20), heard_by_it).await.expect("the new model listens, on the same socket");

    let mut damaged = fs::read(&file).unwrap();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    fs::write(&file, damaged).unwrap();
    house.until_told("cannot be used; the old one stays").await;
    assert!(house.told().contains("this model is damaged: its checksum is wrong"), "{}", house.told());
    customer.message("after", "Et pour un échange ?").await;
    assert_eq!(model_of(&mut claire, conversation).await, versions[1]);
    let metrics = http::get(house.address, "/metrics").await.1;
    let shown = format!("relais_analyzer_version_info{{model=\"{}\"}} 1", versions[1]);
    assert!(metrics.contains(&shown), "{shown}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_is_told_once_also_to_who_asks_for_it_after_it_was_seen() {
    let house = House::with("", &[]);
    change(&house.configuration(), "version = \"demo-1\"", "version = \"demo-2\"");
    house.until_told("version demo-2 is in use").await;
    house.hang_up();
    house
        .until_told("nothing has changed since the configuration was read; version demo-2 stays in use")
        .await;
    assert_eq!(house.told().matches("was read again").count(), 1, "{}", house.told());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_end_with_people_who_never_read_is_in_time_and_the_others_hear_1012() {
    let mut house = House::demo();
    let (mut good, _) = house.customer("fr").await;
    let (mut ines, _) = house.advisor("ines", "fr").await;
    // They say hello and then nothing, ever: not even a close is answered.
    let mut deaf = Vec::new();
    for _ in 0..50 {
        deaf.push(house.customer("fr").await.0);
    }
    good.message("1", "Bonjour").await;
    let began = Instant::now();
    house.terminate();
    assert_eq!(good.closed().await, 1012);
    assert_eq!(ines.closed().await, 1012);
    assert!(house.ended().success(), "{}", house.told());
    assert!(began.elapsed() < Duration::from_secs(15), "{:?}", began.elapsed());
    assert!(house.told().contains("everything that was acknowledged is kept"), "{}", house.told());
    drop(deaf);
}
