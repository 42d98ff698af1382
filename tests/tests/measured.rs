//! Conversations of real people, where the measuring folder is present: their turns over the socket, and what must
//! hold whatever they say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::House;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Conversations of each file: spread over it, not its first ones only.
const OF_EACH: usize = 6;
/// Turns of each.
const TURNS: usize = 12;

/// Some of a file's conversations: language, and what the customer says.
fn conversations(file: &Path) -> Vec<(String, Vec<String>)> {
    let lines: Vec<String> = BufReader::new(File::open(file).unwrap()).lines().map(Result::unwrap).collect();
    let step = (lines.len() / OF_EACH).max(1);
    let chosen = lines.iter().step_by(step).take(OF_EACH);
    chosen
        .map(|line| {
            let line: Value = serde_json::from_str(line).unwrap();
            let turns = line["turns"].as_array().unwrap().iter();
            let said =
                turns.filter(|turn| turn["role"] == "customer").filter_map(|turn| turn["text"].as_str());
            let said =
                said.filter(|text| !text.trim().is_empty()).map(|text| text.chars().take(8_000).collect());
            (line["lang"].as_str().unwrap_or("en").to_owned(), said.take(TURNS).collect())
        })
        .collect()
}

#[tokio::test]
async fn whatever_people_write_is_kept_in_order_and_answered() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/data/measure");
    let Ok(files) = folder.read_dir() else {
        println!("skipped: there is no folder of measured conversations beside this checkout");
        return;
    };
    let mut files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "jsonl"));
    files.sort();
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    ines.present("away").await;
    let (mut conversation_count, mut turn_count, mut handed_over) = (0, 0, 0);
    for file in files {
        for (lang, said) in conversations(&file) {
            let (mut customer, welcome) = house.customer(&lang).await;
            let id = welcome["conversation"].as_str().unwrap().to_owned();
            let mut kept = Vec::new();
            for (n, text) in said.iter().enumerate() {
                let cid = format!("{n}");
                let answer = customer.ask(json!({ "type": "message", "cid": cid, "text": text })).await;
                if answer["code"] == "closed" {
                    // The bot may have taken its leave; then that was said before.
                    assert!(customer.has(|frame| frame["kind"] == "closed"));
                    break;
                }
                assert_eq!(answer["type"], "ack", "{text:?} was answered {answer}");
                let seq = answer["seq"].as_u64().unwrap();
                assert!(
                    kept.last().is_none_or(|(last, _)| *last < seq),
                    "in the order in which it was written"
                );
                kept.push((seq, text.clone()));
                turn_count += 1;
                // Who had it when this was said: whatever came before its place was heard before its answer.
                let before = |event: &&Value| event["kind"] == "owner" && event["seq"].as_u64() < Some(seq);
                let had_it = customer.events().filter(before).last().map(|event| event["owner"].clone());
                if had_it.is_none_or(|owner| owner == "bot") {
                    // Law 9: the bot answers, or it ends at a person or with a farewell; never in silence.
                    customer
                        .until("an answer", |f| {
                            f["seq"].as_u64() > Some(seq)
                                && (f["from"] == "bot" || f["kind"] == "owner" && f["owner"] != "bot")
                        })
                        .await;
                }
            }
            let close = customer.ask(json!({ "type": "close", "cid": "end" })).await;
            assert_eq!(close["type"], "ack", "{close}");
            let events: Vec<(u64, String)> = customer
                .events()
                .filter(|event| event["from"] == "customer")
                .map(|event| (event["seq"].as_u64().unwrap(), event["text"].as_str().unwrap().to_owned()))
                .collect();
            assert_eq!(events, kept, "{} {id}: word for word, once, in order", file.display());
            for event in customer.events() {
                assert_eq!(event["conversation"], id.as_str());
                let kind = event["kind"].as_str().unwrap();
                assert!(["message", "owner", "closed", "survey_asked"].contains(&kind), "{event}");
            }
            handed_over += usize::from(customer.has(|f| f["kind"] == "owner" && f["owner"] == "queue"));
            conversation_count += 1;
        }
    }
    println!("{conversation_count} conversations, {turn_count} turns, {handed_over} handed over");
    assert!(!house.told().contains("panicked"), "{}", house.told());
}
