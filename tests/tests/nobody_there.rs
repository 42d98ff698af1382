//! Where nobody is there: the truth over real sockets, an address for a later answer, and the way back to the bot.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test that cannot go on says where by failing; a callback has a real time"
)]

use relais_tests::house::House;
use relais_tests::socket::{Socket, text};
use serde_json::{Value, json};

/// Takes what is offered, ends it, and goes.
async fn answers(advisor: &mut Socket, offer: &Value) {
    advisor.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    let close = json!({ "type": "close", "conversation": offer["conversation"], "outcome": "answered" });
    advisor.done(close).await;
    advisor.present("offline").await;
}

#[tokio::test]
async fn when_nobody_is_there_the_truth_is_told_and_a_message_can_be_left() {
    let house = House::demo();
    for (lang, nobody, noted) in [
        ("fr", "Personne n’est disponible", "nous vous répondrons à"),
        ("en", "Nobody is available", "we will reply to"),
    ] {
        let (mut customer, welcome) = house.customer(lang).await;
        assert_eq!(welcome["availability"], "closed");
        customer.done(json!({ "type": "human", "cid": "1" })).await;
        customer.owner("queue").await;
        customer.until("the truth", |f| f["from"] == "system" && text(&f["text"]).contains(nobody)).await;
        let left = json!({ "type": "leave_message", "cid": "2", "address": "jeanne@exemple.fr", "text": "Rappelez-moi" });
        customer.done(left.clone()).await;
        customer
            .until("being told so", |f| {
                let said = text(&f["text"]);
                f["from"] == "system" && said.contains(noted) && said.contains("jeanne@exemple.fr")
            })
            .await;
        customer.done(left).await;
        let again = customer.events().filter(|event| event["text"] == "Rappelez-moi").count();
        assert_eq!(again, 1, "leaving it twice is leaving it once");
        drop(customer);
        // It waits in the line without a connection, with its address.
        let mut ines = house.available("ines", lang).await;
        let offer = ines.the("offer").await;
        assert_eq!(offer["conversation"], welcome["conversation"]);
        assert_eq!(offer["customer"]["address"], "jeanne@exemple.fr");
        let history = offer["history"].as_array().unwrap();
        assert!(history.iter().any(|event| event["text"] == "Rappelez-moi"));
        answers(&mut ines, &offer).await;
    }
}

#[tokio::test]
async fn who_asks_to_be_called_back_waits_without_a_connection_from_their_time_on() {
    let house = House::demo();
    let number = "+33 1 23 45 67 89";
    for (lang, noted, said) in [
        ("fr", "nous vous rappelons au", "Pour ma facture"),
        ("en", "we will call you at", "About my invoice"),
    ] {
        let (mut customer, welcome) = house.customer(lang).await;
        let from = std::time::SystemTime::now() + std::time::Duration::from_secs(3);
        let from = from.duration_since(std::time::UNIX_EPOCH).unwrap().as_millis() as u64;
        let asked = json!({ "type": "callback", "cid": "1", "number": number, "from": from, "text": said });
        customer.done(asked.clone()).await;
        customer
            .until("being told so", |f| {
                let text = text(&f["text"]);
                f["from"] == "system" && text.contains(noted) && text.contains(number)
            })
            .await;
        customer.done(asked).await;
        drop(customer);
        // Somebody is there at once, and is asked at its time, with number and time.
        let mut ines = house.available("ines", lang).await;
        let offer = ines.the("offer").await;
        let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap().as_millis();
        assert!(now >= u128::from(from), "not before its time");
        assert_eq!(offer["conversation"], welcome["conversation"]);
        assert_eq!(offer["customer"]["address"], number);
        assert_eq!(offer["customer"]["callback"]["from"], from);
        let history = offer["history"].as_array().unwrap();
        let asked = history.iter().filter(|event| event["kind"] == "callback_asked").count();
        assert_eq!(asked, 1, "asking twice is asking once");
        assert!(history.iter().any(|event| event["text"] == said));
        answers(&mut ines, &offer).await;
    }
}

#[tokio::test]
async fn whom_nobody_answers_goes_back_to_the_bot() {
    let house = House::demo();
    for (lang, more, back, question) in [
        ("fr", "Personne n’est encore là", "Continuer avec l’assistant", "Où en est ma commande 4521 ?"),
        ("en", "Nobody is here to read this yet", "Go on with the assistant", "Where is my order 4521?"),
    ] {
        let (mut customer, welcome) = house.customer(lang).await;
        customer.done(json!({ "type": "human", "cid": "1" })).await;
        let proposes = |f: &Value| f["from"] == "system" && f["choices"][0] == back;
        customer.until("the truth, and the way back", proposes).await;
        customer.message("2", question).await;
        let told = customer.until("the truth once more", proposes).await;
        assert!(text(&told["text"]).contains(more), "{told}");
        customer.message("3", question).await;
        customer.message("4", back).await;
        customer.owner("bot").await;
        let said = customer.events().filter(|event| text(&event["text"]).contains(more)).count();
        assert_eq!(said, 1, "the same truth is not said a third time");
        customer.message("5", question).await;
        let answer = customer.from("bot").await;
        assert!(text(&answer["text"]).contains("4521"), "{answer}");
        // It waits for nobody any more.
        let mut ines = house.available("ines", lang).await;
        ines.settled().await;
        assert!(!ines.has(|frame| frame["type"] == "offer"), "{welcome}");
        ines.present("offline").await;
    }
}
