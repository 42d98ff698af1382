//! Offers over real sockets: declined, lapsed, given back, lost, kept over a reload.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::House;
use relais_tests::socket::text;
use serde_json::json;

#[tokio::test]
async fn a_declined_offer_goes_to_the_next_and_never_straight_back() {
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    let (mut customer, _) = house.customer("fr").await;
    customer.done(json!({ "type": "human", "cid": "1" })).await;
    let offer = ines.the("offer").await;
    ines.refused(json!({ "type": "decline", "offer": offer["offer"], "reason": "whim" }), "bad_value").await;
    let answer = ines
        .done(json!({ "type": "decline", "offer": offer["offer"], "reason": "busy", "note": "une autre" }));
    assert_eq!(answer.await["offer"], offer["offer"]);
    let gone = ines.the("offer_gone").await;
    assert_eq!((&gone["offer"], &gone["why"]), (&offer["offer"], &json!("withdrawn")));
    customer.owner("offered").await;
    customer.owner("queue").await;
    ines.settled().await;
    assert!(
        !ines.has(|f| f["type"] == "offer" && f["offer"] != offer["offer"]),
        "not the same again at once"
    );
    let mut tom = house.available("tom", "fr").await;
    let next = tom.the("offer").await;
    assert_eq!(next["conversation"], offer["conversation"]);
    assert_ne!(next["offer"], offer["offer"]);
    let declined = next["history"].as_array().unwrap().iter().find(|event| event["kind"] == "declined");
    let declined = declined.expect("the next one sees that it was declined");
    assert_eq!((&declined["advisor"], &declined["reason"]), (&json!("ines"), &json!("busy")));
    // The one who declined is too late now, and the next one may answer twice.
    ines.refused(json!({ "type": "accept", "offer": offer["offer"] }), "offer_gone").await;
    ines.refused(json!({ "type": "accept", "offer": next["offer"] }), "offer_gone").await;
    tom.done(json!({ "type": "accept", "offer": next["offer"] })).await;
    tom.done(json!({ "type": "accept", "offer": next["offer"] })).await;
    assert_eq!(customer.owner("advisor").await["name"], "Tom");
    assert_eq!(tom.heard.iter().filter(|frame| frame["type"] == "offer").count(), 1);
}

#[tokio::test]
async fn who_goes_away_keeps_nobody_waiting_for_their_answer() {
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    let (mut customer, _) = house.customer("fr").await;
    customer.done(json!({ "type": "human", "cid": "1" })).await;
    let offer = ines.the("offer").await;
    let mut tom = house.available("tom", "en").await;
    ines.present("away").await;
    let gone = ines.the("offer_gone").await;
    assert_eq!(gone["offer"], offer["offer"]);
    let next = tom.the("offer").await;
    assert_eq!(next["conversation"], offer["conversation"]);
    assert_ne!(next["offer"], offer["offer"]);
}

#[tokio::test]
async fn an_offer_that_lapses_returns_to_the_head_and_goes_to_the_next() {
    let house = House::with("[offers]\nexpires_s = 1", &[]);
    let mut ines = house.available("ines", "fr").await;
    let (mut first, welcome) = house.customer("fr").await;
    first.done(json!({ "type": "human", "cid": "1" })).await;
    let offer = ines.the("offer").await;
    assert!(offer["expires_ms"].as_u64().unwrap() <= 1_000);
    // Somebody else comes and waits too, while the first is offered.
    let (mut second, other) = house.customer("fr").await;
    second.done(json!({ "type": "human", "cid": "1" })).await;
    let gone = ines.the("offer_gone").await;
    assert_eq!((&gone["offer"], &gone["why"]), (&offer["offer"], &json!("expired")));
    ines.present("away").await;
    first.owner("queue").await;
    let mut tom = house.available("tom", "fr").await;
    let next = tom.the("offer").await;
    assert_eq!(next["conversation"], welcome["conversation"], "it was at the head");
    tom.done(json!({ "type": "accept", "offer": next["offer"] })).await;
    let next = tom.the("offer").await;
    assert_eq!(next["conversation"], other["conversation"]);
    ines.refused(json!({ "type": "accept", "offer": offer["offer"] }), "offer_gone").await;
}

#[tokio::test]
async fn a_lost_advisors_conversation_returns_to_the_head_and_says_so() {
    let house = House::with("", &[("advisor_lost_after = \"5s\"", "advisor_lost_after = \"300ms\"")]);
    let (mut customer, welcome, mut ines) = house.handled_by("ines").await;
    let id = &welcome["conversation"];
    ines.done(json!({ "type": "message", "conversation": id, "cid": "a", "text": "Je regarde." })).await;
    let (mut waiting, _) = house.customer("fr").await;
    drop(ines); // No close: the browser is gone.
    customer.owner("queue").await;
    customer
        .until("being told", |f| f["from"] == "system" && text(&f["text"]).contains("tête de file"))
        .await;
    waiting.done(json!({ "type": "human", "cid": "1" })).await;
    let mut tom = house.available("tom", "fr").await;
    let offer = tom.the("offer").await;
    assert_eq!(&offer["conversation"], id, "whoever lost an advisor goes before who comes later");
    assert_eq!(offer["reason"]["code"], "advisor_lost");
    let history = offer["history"].as_array().unwrap();
    assert!(history.iter().any(|event| event["text"] == "Je regarde."), "and nothing has to be said twice");
    tom.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    assert_eq!(customer.owner("advisor").await["name"], "Tom");
    // Who comes back learns that it is no longer theirs.
    let (mut ines, back) = house.advisor("ines", "fr").await;
    assert_eq!(back["snapshot"]["conversations"], json!([]));
    let said = json!({ "type": "message", "conversation": id, "cid": "b", "text": "?" });
    ines.refused(said, "unknown_conversation").await;
}

#[tokio::test]
async fn an_advisor_who_reloads_in_time_keeps_everything() {
    let house = House::demo();
    let (mut customer, welcome, ines) = house.handled_by("ines").await;
    drop(ines);
    customer.message("2", "Vous êtes là ?").await;
    let (mut ines, back) = house.advisor("ines", "fr").await;
    let own = back["snapshot"]["conversations"].as_array().unwrap();
    assert_eq!(own.len(), 1);
    assert_eq!(own[0]["conversation"], welcome["conversation"]);
    assert!(own[0]["events"].as_array().unwrap().iter().any(|event| event["text"] == "Vous êtes là ?"));
    assert_eq!(back["advisor"]["status"], "available", "presence is kept");
    let said =
        json!({ "type": "message", "conversation": welcome["conversation"], "cid": "a", "text": "Oui." });
    ines.done(said).await;
    assert_eq!(customer.from("advisor").await["text"], "Oui.");
    assert!(!customer.has(|frame| text(&frame["text"]).contains("tête de file")));
}
