//! What holds of every answer, whatever the script and the customer say.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bot::{Act, Input, Memory, Script};
use conversation::{Lang, ReasonCode};
use serde_json::json;

const NOW: u64 = 1_795_377_600_000;

const SCRIPT: &str = r#"
[bot]
languages = ["fr", "en"]
name = "Lou"
queue = "care"

[slots.order]
check = "order_number"
ask = { fr = "Quel est votre numéro de commande ?", en = "What is your order number?" }
wrong = { fr = "« {quote} » n’est pas un numéro de commande.", en = "“{quote}” is not an order number." }
cues = { fr = ["commande"], en = ["order"] }
leads_to = "status"

[slots.state]
check = "choice"
[slots.state.values.sent]
label = { fr = "expédiée", en = "on its way" }

[intents.status]
label = { fr = "Suivre ma commande", en = "Track my order" }
to = "status"
examples.fr = ["où en est ma commande", "suivre mon colis", "quand serai-je livré"]
examples.en = ["where is my order", "track my parcel", "when will it arrive"]

[intents.hours]
label = { fr = "Horaires", en = "Opening hours" }
to = "hours"
examples.fr = ["quels sont vos horaires", "êtes-vous ouverts le samedi", "à quelle heure ouvrez-vous"]
examples.en = ["what are your opening hours", "are you open on saturday", "what time do you open"]

[intents.thanks]
small_talk = true
to = "thanks"
examples.fr = ["merci", "merci beaucoup"]
examples.en = ["thanks", "thank you"]

[actions.orders]
url = "https://shop.example/orders/{order}"
save = { state = "status" }

[nodes.status]
needs = ["order"]
call = "orders"
when = [{ if = "state is sent", to = "sent" }]
say = { fr = "Je ne trouve pas la commande {order}.", en = "I cannot find order {order}." }

[nodes.sent]
say = { fr = "La commande {order} est {state}.", en = "Order {order} is {state}." }

[nodes.hours]
say = { fr = "De 9 h à 18 h.", en = "From 9 to 6." }

[nodes.thanks]
say = { fr = "Avec plaisir !", en = "You are welcome!" }
"#;

fn script() -> Script {
    let (script, problems) = Script::compile("lou.toml", SCRIPT);
    assert!(problems.is_empty(), "{problems:#?}");
    script.unwrap()
}

fn lang(name: &str) -> Lang {
    Lang::new(name).unwrap()
}

fn say(script: &Script, memory: &mut Memory, text: &str) -> Vec<Act> {
    script.answer(memory, Input::Text(text), &lang("fr"), NOW)
}

fn words(acts: &[Act]) -> String {
    let said = acts.iter().filter_map(|act| match act {
        Act::Say { text, choices } => Some(format!("{text} [{}]", choices.join("|"))),
        _ => None,
    });
    said.collect::<Vec<_>>().join("\n").replace(['\u{a0}', '\u{202f}'], " ")
}

#[test]
fn the_first_answer_says_that_it_is_a_bot_and_every_answer_offers_a_person() {
    let script = script();
    let mut memory = Memory::default();
    let first = words(&say(&script, &mut memory, "Bonjour, quels sont vos horaires ?"));
    assert!(
        first.starts_with(
            "Bonjour, je suis Lou, un assistant automatique : un robot, pas une personne.\nDe 9 h"
        ),
        "{first}"
    );
    assert!(first.ends_with("[Parler à un conseiller]"), "{first}");
    let second = words(&say(&script, &mut memory, "merci"));
    assert_eq!(second, "Avec plaisir ! [Parler à un conseiller]");
    assert!(script.greeting(&lang("fr")).contains("automatique"));
    assert!(script.greeting(&lang("en")).contains("automated"));
}

#[test]
fn a_message_fills_slots_and_an_action_answers() {
    let script = script();
    let mut memory = Memory::default();
    let acts = say(&script, &mut memory, "Bonjour, où en est ma commande 4521 ?");
    let Some(Act::Call { action, request, timeout_ms }) = acts.first() else { panic!("{acts:?}") };
    assert_eq!(request.url, "https://shop.example/orders/4521");
    assert_eq!(*timeout_ms, 5_000);
    let stored = serde_json::to_value(&memory).unwrap();
    let mut memory: Memory = serde_json::from_value(stored).unwrap();
    let done = Input::ActionDone { action, result: Ok(&json!({"status": "sent"})) };
    let said = words(&script.answer(&mut memory, done, &lang("fr"), NOW));
    assert!(said.contains("La commande 4521 est expédiée."), "{said}");
    assert_eq!(script.answer(&mut memory, done, &lang("fr"), NOW), [], "a result counts once");
}

#[test]
fn failures_end_at_a_person() {
    let script = script();
    let mut memory = Memory::default();
    let code = |acts: &[Act]| {
        acts.iter().find_map(|act| match act {
            Act::HandOver { code, note, .. } => Some((*code, note.clone())),
            _ => None,
        })
    };
    say(&script, &mut memory, "ma commande 4521");
    let ticket = memory.pending.clone().unwrap().ticket;
    let done = Input::ActionDone { action: &ticket, result: Err("timeout") };
    let (reason, note) = code(&script.answer(&mut memory, done, &lang("fr"), NOW)).unwrap();
    assert_eq!(reason, ReasonCode::BotFailure);
    assert!(note.contains("4521") && note.contains("timeout"), "{note}");

    let mut memory = Memory::default();
    script.resume_at(&mut memory, Some("gone"));
    let (reason, note) = code(&say(&script, &mut memory, "me revoilà")).unwrap();
    assert_eq!(reason, ReasonCode::BotFailure);
    assert!(note.contains("gone"), "{note}");

    let mut memory = Memory::default();
    let first = say(&script, &mut memory, "les girafes dansent la valse");
    assert_eq!(first[0], Act::NotUnderstood);
    assert!(words(&first).contains("« les girafes dansent la valse »"), "{first:?}");
    assert_eq!(code(&first), None);
    let (reason, _) = code(&say(&script, &mut memory, "toujours les girafes")).unwrap();
    assert_eq!(reason, ReasonCode::BotFailure);

    let mut memory = Memory::default();
    let answers: Vec<_> = (0..3).map(|_| code(&say(&script, &mut memory, "vos horaires ?"))).collect();
    assert_eq!(answers[..2], [None, None]);
    assert_eq!(answers[2].clone().unwrap().0, ReasonCode::BotLoop);
}

#[test]
fn a_returned_conversation_goes_on_at_the_node() {
    let script = script();
    let mut memory = Memory::default();
    script.resume_at(&mut memory, Some("hours"));
    assert!(words(&say(&script, &mut memory, "d'accord")).contains("De 9 h"));
    script.resume_at(&mut memory, None);
    assert!(words(&say(&script, &mut memory, "quels sont vos horaires")).contains("De 9 h"));
}
