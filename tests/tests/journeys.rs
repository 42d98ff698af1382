//! Whole journeys over real sockets, in French and in English, against the real program.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

use relais_tests::house::House;
use relais_tests::socket::{Heard, Socket, text};
use serde_json::{Value, json};

const SLOW: &str = "C’est la troisième fois que je vous écris, c’est inadmissible !!";
const SLOW_EN: &str = "This is the third time I am writing to you, this is unacceptable!!";

#[tokio::test]
async fn the_bot_answers_says_what_it_is_and_ends_it() {
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    for (lang, question, robot, thanks, over) in [
        ("fr", "Bonjour, où en est ma commande 4521 ?", "robot", "Merci beaucoup", "Non, c’est tout"),
        ("en", "Hello, where is my order 4521?", "bot", "great, thank you", "No, that is all"),
    ] {
        let (mut customer, welcome) = house.customer(lang).await;
        assert_eq!(welcome["lang"], lang);
        assert_eq!(welcome["owner"], "bot");
        assert_eq!(welcome["resumed"], false);
        customer.message("1", question).await;
        let answer = customer.from("bot").await;
        assert!(text(&answer["text"]).contains(robot), "it says what it is: {answer}");
        assert!(text(&answer["text"]).contains("4521"), "{answer}");
        assert!(text(&answer["text"]).contains("Colissimo"), "{answer}");
        assert!(!answer["choices"].as_array().unwrap().is_empty(), "a human is always offered: {answer}");
        customer.message("2", thanks).await;
        customer.from("bot").await;
        customer.message("3", over).await;
        let closed = customer.event("closed").await;
        assert_eq!(closed["by"], "bot");
        customer.owner("closed").await;
        customer.event("survey_asked").await;
        customer.done(json!({ "type": "survey", "cid": "4", "satisfaction": 5, "listened": 4 })).await;
        // Said once: a second answer has no question left.
        customer.refused(json!({ "type": "survey", "cid": "5", "satisfaction": 1 }), "wrong_state").await;
        customer.refused(json!({ "type": "message", "cid": "6", "text": "encore" }), "closed").await;
        for event in customer.events() {
            assert!(
                ["message", "owner", "closed", "survey_asked"].contains(&text(&event["kind"])),
                "a customer never sees {event}"
            );
            assert_ne!(event["from"], "advisor");
        }
    }
    ines.settled().await;
    assert!(!ines.has(|frame| frame["type"] == "offer"), "what the bot resolves bothers nobody");
}

#[tokio::test]
async fn frustration_brings_an_advisor_who_sees_why_and_everything_before() {
    let house = House::demo();
    for (lang, question, outburst, sentence) in [
        ("fr", "Bonjour, où en est ma commande 4521 ?", SLOW, "agacement "),
        ("en", "Hello, where is my order 4521?", SLOW_EN, "frustration "),
    ] {
        let mut ines = house.available("ines", lang).await;
        let (mut customer, welcome) = house.customer(lang).await;
        customer.message("1", question).await;
        customer.until("the answer", |f| f["from"] == "bot" && text(&f["text"]).contains("4521")).await;
        let trigger = customer.message("2", outburst).await;
        customer.owner("queue").await;
        let offer = ines.the("offer").await;
        assert_eq!(offer["conversation"], welcome["conversation"]);
        let reason = &offer["reason"];
        assert!(
            ["frustration_peak", "frustration_trend", "repeat_contact"].contains(&text(&reason["code"])),
            "{reason}"
        );
        assert_eq!(reason["trigger_seq"], trigger);
        assert!(reason["score"].as_f64() >= reason["threshold"].as_f64(), "{reason}");
        assert!(text(&reason["sentence"]).contains(sentence), "{reason}");
        assert!(!text(&reason["policy"]).is_empty());
        let signals = reason["signals"].as_array().unwrap();
        assert!(!signals.is_empty(), "{reason}");
        let history = offer["history"].as_array().unwrap();
        for signal in signals {
            let said = history.iter().find(|event| event["seq"] == signal["seq"]).unwrap();
            let length = text(&said["text"]).chars().count() as u64;
            let (start, end) = (signal["start"].as_u64().unwrap(), signal["end"].as_u64().unwrap());
            assert!(start < end && end <= length, "{signal} stands in {said}");
        }
        for said in [question, outburst] {
            assert!(history.iter().any(|event| event["text"] == said), "{said} is in the history");
        }
        assert!(history.iter().any(|event| event["from"] == "bot"), "so is what the bot said");
        assert!(
            history.iter().any(|event| event["kind"] == "analyzed" && event["of"] == trigger),
            "so is what was heard"
        );

        ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
        let owner = customer.owner("advisor").await;
        assert_eq!(owner["name"], "Inès");
        let whole = ines.the("conversation").await;
        assert_eq!(whole["conversation"], welcome["conversation"]);
        let said =
            json!({ "type": "message", "conversation": welcome["conversation"], "cid": "a", "text": "Inès" });
        ines.done(said).await;
        let message = customer.from("advisor").await;
        assert_eq!((&message["name"], &message["text"]), (&json!("Inès"), &json!("Inès")));
        let close =
            json!({ "type": "close", "conversation": welcome["conversation"], "outcome": "resolved" });
        ines.done(close).await;
        assert_eq!(customer.event("closed").await["by"], "advisor");
        customer.event("survey_asked").await;
    }
}

#[tokio::test]
async fn who_asks_for_a_person_gets_one_by_words_or_by_the_button() {
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    for (lang, words) in [
        ("fr", Some("Je voudrais parler à un conseiller, s’il vous plaît.")),
        ("en", Some("I want to talk to a human, please.")),
        ("fr", None),
        ("en", None),
    ] {
        let (mut customer, welcome) = house.customer(lang).await;
        let asked = match words {
            Some(words) => customer.message("1", words).await,
            None => {
                let ack = customer.done(json!({ "type": "human", "cid": "1" })).await;
                ack["seq"].as_u64().unwrap()
            }
        };
        let offer = ines.the("offer").await;
        assert_eq!(offer["conversation"], welcome["conversation"]);
        assert_eq!(offer["reason"]["code"], "explicit_request", "{words:?}");
        assert_eq!(offer["reason"]["trigger_seq"], asked);
        assert_eq!(offer["lang"], lang);
        ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
        customer.owner("advisor").await;
        assert!(!customer.has(|frame| frame["from"] == "bot"), "nobody had to get past the bot");
        ines.done(json!({ "type": "close", "conversation": welcome["conversation"], "outcome": "answered" }))
            .await;
    }
}

#[tokio::test]
async fn a_bot_that_does_not_understand_twice_brings_a_person() {
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    for (lang, once, again) in [
        (
            "fr",
            "Le zébu pélagique tricote-t-il des nuages carrés ?",
            "Xylophone quantique sous la lune verte",
        ),
        ("en", "Does the pelagic zebu knit square clouds?", "Quantum xylophone under a green moon"),
    ] {
        let (mut customer, welcome) = house.customer(lang).await;
        customer.message("1", once).await;
        customer.from("bot").await;
        assert!(!customer.has(|frame| frame["kind"] == "owner" && frame["owner"] == "queue"));
        customer.message("2", again).await;
        let offer = ines.the("offer").await;
        assert_eq!(offer["conversation"], welcome["conversation"]);
        assert_eq!(offer["reason"]["code"], "bot_failure", "{}", offer["reason"]);
        ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
        ines.done(json!({ "type": "close", "conversation": welcome["conversation"], "outcome": "answered" }))
            .await;
    }
}

#[tokio::test]
async fn a_reload_gets_what_is_missing_and_another_epoch_gets_everything() {
    let house = House::demo();
    let (mut customer, welcome) = house.customer("fr").await;
    customer.message("1", "Bonjour, où en est ma commande 4521 ?").await;
    let known =
        customer.until("the answer", |f| f["from"] == "bot" && text(&f["text"]).contains("4521")).await;
    let (mut other_tab, _) = house
        .customer_with(json!({ "conversation": welcome["conversation"], "token": welcome["token"] }))
        .await;
    let missed = other_tab.message("2", "Merci beaucoup").await;
    let all = |socket: &Socket| socket.events().cloned().collect::<Vec<Value>>();
    other_tab.until("an answer", |f| f["from"] == "bot" && f["seq"].as_u64() > Some(missed)).await;
    let whole = all(&other_tab);
    drop(customer);

    let resume = |epoch: &Value, seq: Value| json!({ "conversation": welcome["conversation"], "token": welcome["token"], "epoch": epoch, "seq": seq });
    let (mut again, back) = house.customer_with(resume(&welcome["epoch"], known["seq"].clone())).await;
    assert_eq!(back["resumed"], true);
    assert_eq!(back["conversation"], welcome["conversation"]);
    assert_eq!(back["owner"], "bot");
    again.message("1", "Bonjour, où en est ma commande 4521 ?").await;
    let missing: Vec<Value> =
        whole.iter().filter(|event| event["seq"].as_u64() > known["seq"].as_u64()).cloned().collect();
    assert!(!missing.is_empty());
    assert_eq!(all(&again), missing, "what is missing and no more");

    for (epoch, seq) in
        [(json!("another"), known["seq"].clone()), (welcome["epoch"].clone(), json!(1_000_000))]
    {
        let (mut again, back) = house.customer_with(resume(&epoch, seq)).await;
        assert_eq!(back["resumed"], false);
        assert_eq!(back["epoch"], welcome["epoch"]);
        again.message("1", "Bonjour, où en est ma commande 4521 ?").await;
        assert_eq!(all(&again), whole, "everything, from the first event");
    }
}

#[tokio::test]
async fn when_both_write_at_once_there_is_one_order() {
    let house = House::demo();
    let (mut customer, welcome, mut ines) = house.handled_by("ines").await;
    let id = &welcome["conversation"];
    // Below the bursts, so that nobody is told to slow down.
    let rounds = 25;
    for round in 0..rounds {
        let theirs =
            json!({ "type": "message", "cid": format!("c{round}"), "text": format!("client {round}") });
        let ours = json!({ "type": "message", "conversation": id, "cid": format!("a{round}"), "text": format!("conseil {round}") });
        tokio::join!(customer.say(&theirs), ines.say(&ours));
    }
    let last = rounds - 1;
    let mut orders = Vec::new();
    for socket in [&mut customer, &mut ines] {
        for last in [format!("client {last}"), format!("conseil {last}")] {
            socket.until("the last words", |frame| frame["type"] == "event" && frame["text"] == *last).await;
        }
        let order: Vec<(Value, Value)> = socket
            .events()
            .filter(|e| e["kind"] == "message" && (e["from"] == "customer" || e["from"] == "advisor"))
            .map(|event| (event["seq"].clone(), event["text"].clone()))
            .collect();
        assert_eq!(order.len(), 2 * rounds);
        orders.push(order);
    }
    assert_eq!(orders[0], orders[1], "one order for both");
    for (who, mark) in [("client", 'c'), ("conseil", 'a')] {
        let said: Vec<&str> =
            orders[0].iter().map(|(_, said)| text(said)).filter(|said| said.starts_with(who)).collect();
        let expected: Vec<String> = (0..rounds).map(|round| format!("{who} {round}")).collect();
        assert_eq!(said, expected, "each in the order in which {mark} wrote");
    }
}

#[tokio::test]
async fn the_same_cid_is_one_event_however_often_and_from_wherever_it_comes() {
    let house = House::demo();
    let (mut one, welcome) = house.customer("fr").await;
    let (mut two, _) = house
        .customer_with(json!({ "conversation": welcome["conversation"], "token": welcome["token"] }))
        .await;
    let frame = json!({ "type": "message", "cid": "same", "text": "Bonjour, où en est ma commande 4521 ?" });
    for _ in 0..12 {
        tokio::join!(one.say(&frame), two.say(&frame));
    }
    let mut places = Vec::new();
    for socket in [&mut one, &mut two] {
        for _ in 0..12 {
            let ack = socket.until("an ack", |f| f["type"] == "ack" && f["cid"] == "same").await;
            places.push(ack["seq"].clone());
        }
    }
    places.dedup();
    assert_eq!(places.len(), 1, "one place: {places:?}");
    one.until("the answer", |f| f["from"] == "bot" && text(&f["text"]).contains("4521")).await;
    two.until("the answer", |f| f["from"] == "bot" && text(&f["text"]).contains("4521")).await;
    for socket in [&one, &two] {
        assert_eq!(socket.events().filter(|event| event["cid"] == "same").count(), 1);
    }
    // Other words under the same cid are still the first event.
    let ack = one.done(json!({ "type": "message", "cid": "same", "text": "autre chose" })).await;
    assert_eq!(ack["seq"], places[0]);
    assert!(!one.has(|frame| frame["text"] == "autre chose"));

    // The same for an advisor, whose cids are their own: the customer's do not collide with them.
    let (mut customer, welcome, mut ines) = house.handled_by("ines").await;
    let (mut second_tab, _) = house.advisor("ines", "fr").await;
    let id = &welcome["conversation"];
    let frame = json!({ "type": "message", "conversation": id, "cid": "h", "text": "Bonjour" });
    let first = ines.done(frame.clone()).await;
    assert_eq!(ines.done(frame.clone()).await["seq"], first["seq"]);
    assert_eq!(second_tab.done(frame).await["seq"], first["seq"]);
    assert_eq!(customer.from("advisor").await["seq"], first["seq"]);
    customer.message("2", "Merci").await;
    assert_eq!(customer.events().filter(|event| event["from"] == "advisor").count(), 1);
}

#[tokio::test]
async fn the_bot_is_silent_once_a_person_has_it() {
    let house = House::demo();
    let mut ines = house.available("ines", "fr").await;
    let (mut customer, welcome) = house.customer("fr").await;
    // The question and the call for a person in one breath: the bot's look-up is under way when it loses the floor.
    customer
        .say(&json!({ "type": "message", "cid": "1", "text": "Bonjour, où en est ma commande 4521 ?" }))
        .await;
    customer.done(json!({ "type": "human", "cid": "2" })).await;
    let queue = customer.owner("queue").await;
    let offer = ines.the("offer").await;
    ines.done(json!({ "type": "accept", "offer": offer["offer"] })).await;
    customer.owner("advisor").await;
    for (n, said) in ["où en est ma commande 4521 ?", "je veux un remboursement", "4521"].iter().enumerate()
    {
        customer.message(&format!("m{n}"), said).await;
    }
    let id = &welcome["conversation"];
    ines.done(json!({ "type": "message", "conversation": id, "cid": "a", "text": "Je suis là." })).await;
    customer.from("advisor").await;
    let after = |event: &&Value| event["seq"].as_u64() > queue["seq"].as_u64();
    assert_eq!(customer.events().filter(after).filter(|event| event["from"] == "bot").count(), 0);
    // Given back, it has the floor again.
    ines.done(json!({ "type": "return_to_bot", "conversation": id })).await;
    assert_eq!(ines.the("gone").await["conversation"], *id);
    customer.owner("bot").await;
    customer.message("b", "où en est ma commande 4521 ?").await;
    customer.until("the bot", |f| f["from"] == "bot" && text(&f["text"]).contains("4521")).await;
}

#[tokio::test]
async fn nobody_gets_at_what_is_somebody_elses() {
    let house = House::demo();
    let (mut customer, welcome, mut ines) = house.handled_by("ines").await;
    let id = &welcome["conversation"];
    customer.message("1", "un secret").await;
    let (_, stranger) = house.customer("fr").await;

    // Customers: somebody else's conversation, with no token, a forged one, or their own.
    let token = text(&welcome["token"]);
    let mut flipped = token.to_owned();
    let last = if flipped.pop() == Some('A') { 'Q' } else { 'A' };
    flipped.push(last);
    let forged = [
        json!({ "conversation": id }),
        json!({ "conversation": id, "token": "" }),
        json!({ "conversation": id, "token": "x" }),
        json!({ "conversation": id, "token": stranger["token"] }),
        json!({ "conversation": id, "token": flipped }),
        json!({ "conversation": id, "token": &token[..token.len() - 1] }),
        json!({ "conversation": "00000000000000ff", "token": token }),
        json!({ "conversation": "0000000000000000", "token": token }),
        json!({ "identity": "eyJhbGciOiJub25lIn0.eyJzdWIiOiJpbmVzIn0." }),
    ];
    for fields in forged {
        let mut hello = json!({ "type": "hello", "site": "demo", "lang": "fr", "seq": 0 });
        for (key, value) in fields.as_object().unwrap() {
            hello[key] = value.clone();
        }
        let mut socket = Socket::open(house.address, "/ws/customer").await;
        socket.say(&hello).await;
        match socket.hear().await {
            Heard::Frame(frame) => assert_eq!(frame["code"], "unauthorised", "{hello} was answered {frame}"),
            other => panic!("{hello} was answered {other:?}"),
        }
        // Nothing is open on it: whatever follows is not taken.
        socket.say(&json!({ "type": "message", "cid": "x", "text": "intrus" })).await;
        let answer = socket.until("an answer", |frame| frame["cid"] == "x").await;
        assert_eq!(answer["code"], "hello_first");
    }

    // Advisors: forged tokens are closed with 4401.
    let good = house.token("tom");
    let mut flipped = good.clone();
    let last = if flipped.pop() == Some('A') { 'Q' } else { 'A' };
    flipped.push(last);
    let long = "x".repeat(5_000);
    for token in ["", "x", &flipped, &good[1..], &long, token, "' OR 1=1 --"] {
        let mut socket = Socket::open(house.address, "/ws/advisor").await;
        socket.say(&json!({ "type": "hello", "token": token })).await;
        assert_eq!(socket.closed().await, 4401, "{token:?}");
        assert!(socket.has(|frame| frame["code"] == "unauthorised"));
        assert!(!socket.has(|frame| frame["type"] == "welcome"));
    }
    let mut socket = Socket::open(house.address, "/ws/advisor").await;
    socket.say(&json!({ "type": "hello" })).await;
    assert_eq!(socket.closed().await, 4401, "no token, no session");

    // Advisors' frames on a conversation that is not theirs: as if it did not exist.
    let mut tom = house.available("tom", "fr").await;
    for unknown in [id.clone(), json!("00000000000000ff"), json!("0000000000000000")] {
        for frame in [
            json!({ "type": "message", "cid": "1", "text": "intrus" }),
            json!({ "type": "note", "cid": "2", "text": "intrus" }),
            json!({ "type": "take" }),
            json!({ "type": "transfer", "to": { "queue": "care" } }),
            json!({ "type": "transfer", "to": { "advisor": "tom" } }),
            json!({ "type": "return_to_bot" }),
            json!({ "type": "feedback", "seq": 2, "verdict": "frustrated" }),
            json!({ "type": "close", "outcome": "resolved" }),
            json!({ "type": "open" }),
            json!({ "type": "assign", "advisor": "tom" }),
            json!({ "type": "requeue" }),
            json!({ "type": "join" }),
            json!({ "type": "listen" }),
        ] {
            let mut frame = frame;
            frame["conversation"] = unknown.clone();
            tom.refused(frame, "unknown_conversation").await;
        }
        let offer = format!("{}-2", text(&unknown));
        for offer in
            [ines.heard.iter().find(|f| f["type"] == "offer").unwrap()["offer"].clone(), json!(offer)]
        {
            tom.refused(json!({ "type": "accept", "offer": offer }), "offer_gone").await;
            tom.refused(json!({ "type": "decline", "offer": offer, "reason": "busy" }), "offer_gone").await;
        }
    }
    tom.refused(
        json!({ "type": "set_policy", "queue": "care", "peak": 0.1, "reason": "intrus" }),
        "forbidden",
    )
    .await;
    // The advisor herself may do what an advisor may, and no more.
    for frame in [json!({ "type": "join" }), json!({ "type": "listen" }), json!({ "type": "requeue" })] {
        let mut frame = frame;
        frame["conversation"] = id.clone();
        ines.refused(frame, "forbidden").await;
    }
    let transfer = json!({ "type": "transfer", "conversation": id, "to": { "queue": "nowhere" } });
    ines.refused(transfer, "unknown_queue").await;
    let transfer = json!({ "type": "transfer", "conversation": id, "to": { "advisor": "nobody" } });
    ines.refused(transfer, "unknown_advisor").await;
    customer.message("last", "toujours là ?").await;
    for socket in [&customer, &ines] {
        assert!(!socket.has(|frame| frame["text"] == "intrus"));
    }
    assert!(!tom.has(|frame| frame.to_string().contains("un secret")));
}
