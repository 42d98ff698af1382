//! The server is killed and stopped under load: whatever was acknowledged or shown is there afterwards, once, in its
//! place.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::fuzzing::Changes;
use relais_tests::house::House;
use relais_tests::socket::Socket;
use relais_tests::writer::{BREATH, Writer, begin, ended, reaches, writers};
use serde_json::json;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;
use tokio::time::sleep;

/// Who writes at once, beside an advisor.
const CUSTOMERS: usize = 6;
/// Kills of one house, before another one begins: conversations stay of a length that is read in a moment.
const KILLS_OF_ONE: usize = 10;

/// A number from the environment.
fn named(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().expect("a number"))
}

/// `RELAIS_KILLS` kills (20 by themselves), at moments drawn from `RELAIS_KILL_SEED` (a fresh one by itself).
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn kills_under_load_lose_nothing_that_was_acknowledged_or_shown() {
    let kills = named("RELAIS_KILLS").unwrap_or(20) as usize;
    let seed = named("RELAIS_KILL_SEED").unwrap_or_else(|| RandomState::new().hash_one("a fresh seed"));
    eprintln!("RELAIS_KILL_SEED={seed}");
    let mut moments = Changes::new(seed);
    let (mut done, mut said, mut checked, mut starting, mut repaired) = (0, 0, 0, 0, 0);
    while done < kills {
        let mut house = House::demo();
        let supervisor = house.token("claire");
        let mut writers = writers(&house, CUSTOMERS).await;
        for _ in 0..KILLS_OF_ONE.min(kills - done) {
            let acks = Arc::new(AtomicUsize::new(0));
            let lives = begin(writers, house.address, &acks, true).await;
            match moments.draw(3) {
                // Anywhere between the first and the last acknowledgement …
                0 => reaches(&acks, 1 + moments.draw(CUSTOMERS * BREATH)).await,
                // … or at any time from the first frame on.
                _ => sleep(Duration::from_micros(moments.draw(60_000) as u64)).await,
            }
            house.kill();
            writers = ended(lives).await;
            done += 1;
            if moments.draw(4) == 0 {
                // Once more, while it is busy with what the first kill has left.
                let more = house.start_and_kill(Duration::from_millis(moments.draw(400) as u64));
                starting += usize::from(more);
            }
            house.start();
            repaired += usize::from(house.told().contains("never acknowledged"));
            for writer in &writers {
                checked += writer.check(house.address, &supervisor, false).await;
            }
        }
        // What was never acknowledged is sent once more, and then everything is there.
        let acks = Arc::new(AtomicUsize::new(0));
        writers = ended(begin(writers, house.address, &acks, false).await).await;
        for writer in &writers {
            assert_eq!(writer.acked.len(), writer.said.len());
            writer.check(house.address, &supervisor, true).await;
        }
        said += writers.iter().map(|writer: &Writer| writer.said.len()).sum::<usize>();
        house.terminate();
        assert!(house.ended().success());
        let verified =
            relais_tests::house::relais(&["log", "verify", "--data", &house.data().display().to_string()]);
        assert!(verified.status.success(), "{}", String::from_utf8_lossy(&verified.stderr));
    }
    eprintln!(
        "{done} kills under load and {starting} while starting; {said} messages, all acknowledged in the end, none \
         twice, none out of order; {checked} look-ups of an acknowledged one after a kill; {repaired} torn tails told"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stop_under_load_says_restart_and_loses_nothing_that_was_acknowledged() {
    let mut house = House::demo();
    let supervisor = house.token("claire");
    let mut writers = writers(&house, CUSTOMERS).await;
    for number in [1, 90] {
        let acks = Arc::new(AtomicUsize::new(0));
        let lives = begin(writers, house.address, &acks, true).await;
        reaches(&acks, number).await;
        house.terminate();
        writers = ended(lives).await;
        for writer in &writers {
            assert_eq!(writer.close, Some(1012), "writer {}", writer.name);
        }
        assert!(house.ended().success(), "{}", house.told());
        house.start();
        for writer in &writers {
            writer.check(house.address, &supervisor, false).await;
        }
    }
    let acks = Arc::new(AtomicUsize::new(0));
    writers = ended(begin(writers, house.address, &acks, false).await).await;
    for writer in &writers {
        writer.check(house.address, &supervisor, true).await;
    }
}

#[tokio::test]
async fn a_restart_keeps_who_has_what() {
    let mut house = House::demo();
    let token = house.token("ines");
    let mut ines = house.available("ines", "fr").await;
    let (mut held, with_ines) = house.customer("fr").await;
    held.done(json!({ "type": "human", "cid": "1" })).await;
    let offer = ines.the("offer").await;
    ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    let (mut asked, offered) = house.customer("fr").await;
    asked.done(json!({ "type": "human", "cid": "1" })).await;
    let open = ines.the("offer").await;
    let (mut spoken, with_bot) = house.customer("fr").await;
    spoken.message("1", "Bonjour, où en est ma commande 4521 ?").await;
    spoken
        .until("the answer", |f| {
            f["from"] == "bot" && f["text"].as_str().is_some_and(|text| text.contains("4521"))
        })
        .await;

    house.kill();
    house.start();
    let (mut ines, back) = Socket::advisor(house.address, &token, "fr").await;
    assert_eq!(back["advisor"]["status"], "available");
    let own = back["snapshot"]["conversations"].as_array().unwrap();
    assert_eq!(own.len(), 1, "{own:?}");
    assert_eq!(own[0]["conversation"], with_ines["conversation"]);
    // The offer of the former life is nobody's; the conversation is offered again.
    let again = ines.the("offer").await;
    assert_eq!(again["conversation"], offered["conversation"]);
    assert_ne!(again["offer"], open["offer"]);
    ines.refused(json!({ "type": "accept", "offer": open["offer"] }), "offer_gone").await;
    ines.done(json!({ "type": "accept", "offer": again["offer"] })).await;
    for (welcome, owner) in [(&with_ines, "advisor"), (&offered, "advisor"), (&with_bot, "bot")] {
        let fields = json!({ "conversation": welcome["conversation"], "token": welcome["token"] });
        let (_, back) = house.customer_with(fields).await;
        assert_eq!(back["owner"], owner);
    }
    let fields = json!({ "conversation": with_bot["conversation"], "token": with_bot["token"] });
    let (mut spoken, _) = house.customer_with(fields).await;
    let seq = spoken.message("2", "Merci beaucoup").await;
    spoken.until("the bot", |f| f["from"] == "bot" && f["seq"].as_u64() > Some(seq)).await;
}
