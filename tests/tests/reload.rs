//! Bots, queues, policies and lexicons change while people talk: no socket is closed, a mistake changes nothing, and
//! the end is in time.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

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
