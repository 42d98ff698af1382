//! Whatever is written: no panic, an answer, a way to a person, and requests that go where the script says.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use bot::{Act, Input, Memory, Script, limits};
use conversation::Lang;
use proptest::prelude::*;
use serde_json::json;
use std::sync::LazyLock;

const NOW: u64 = 1_795_377_600_000;

fn shipped(name: &str) -> Script {
    let path = format!("{}/../../config/bots/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    Script::compile(name, &std::fs::read_to_string(path).unwrap()).0.unwrap()
}

static SHOP: LazyLock<Script> = LazyLock::new(|| shipped("shop"));
static TELECOM: LazyLock<Script> = LazyLock::new(|| shipped("telecom"));

/// A script that puts everything a customer can say into requests.
static OPEN: LazyLock<Script> = LazyLock::new(|| {
    let text = r#"
[bot]
languages = ["fr"]
name = "Lou"
queue = "care"
[slots.ref]
check = "reference"
pattern = '[^ ]+'
ask.fr = "Référence ?"
[slots.words]
check = "text"
ask.fr = "Texte ?"
[intents.go]
label.fr = "Aller"
to = "go"
examples.fr = ["vas-y"]
[actions.send]
method = "POST"
url = "https://api.example:8443/v1/{ref}/items?q={words}&x=1"
body = { text = "{words}", list = ["{ref} et {words}"], fixed = 1 }
[nodes.go]
needs = ["ref", "words"]
call = "send"
say.fr = "Fait : {ref}, {words}."
"#;
    let (script, problems) = Script::compile("open.toml", text);
    assert!(script.is_some(), "{problems:#?}");
    script.unwrap()
});

/// What people and programs write: any text, and texts that mean something to some part of the bot.
fn anything() -> impl Strategy<Value = String> {
    let words = [
        "commande",
        "4521",
        "où en est",
        "bonjour",
        "oui",
        "non",
        "merci",
        "je ne sais pas",
        "retour",
        "remboursement",
        "avocat",
        "1",
        "le premier",
        "{order}",
        "{{relais}}",
        "../..",
        "%2e%2e",
        "\\",
        "?x=",
        "#",
        "@evil.example",
        "https://evil.example/",
        "demain",
        "31/02",
        "06 12 34 56 78",
        "a@b.fr",
        "69003",
        "order",
        "parcel",
        "😀",
        "\u{202e}",
        "\u{0}",
        "é\u{301}",
        "İ",
        "ﬃ",
        "ǅ",
        "نص",
        "返品",
        "…",
        "!!!",
        "\r\n",
        "Parler à un conseiller",
        "Talk to a person",
    ];
    prop_oneof![
        3 => any::<String>(),
        5 => prop::collection::vec(prop::sample::select(words.to_vec()), 1..8).prop_map(|words| words.join(" ")),
        1 => prop::collection::vec(prop::sample::select(words.to_vec()), 1..400).prop_map(|words| words.join("")),
    ]
}

#[derive(Clone, Debug)]
enum Step {
    Text(String),
    Done(serde_json::Value),
    Failed(String),
    Late(String),
    Resume(Option<String>),
}

fn step() -> impl Strategy<Value = Step> {
    let json = prop_oneof![
        Just(json!({"status": "shipped", "carrier": "C", "eta": "2026-11-25"})),
        Just(json!({"status": "delayed", "eta": "soon"})),
        Just(json!({"status": ["x"], "carrier": {"a": 1}, "eta": 3})),
        Just(json!(null)),
        Just(json!([1, 2])),
        any::<String>().prop_map(|text| json!({"status": "shipped", "carrier": text, "eta": "2026-11-25"})),
    ];
    prop_oneof![
        8 => anything().prop_map(Step::Text),
        3 => json.prop_map(Step::Done),
        1 => any::<String>().prop_map(Step::Failed),
        1 => any::<String>().prop_map(Step::Late),
        1 => prop::option::of(prop::sample::select(vec!["returns", "hello", "human", "gone", "product_ask"]))
            .prop_map(|node| Step::Resume(node.map(str::to_owned))),
    ]
}

/// What must hold of every answer.
fn check(script: &Script, acts: &[Act], lang: &Lang, said_before: bool) -> Result<(), TestCaseError> {
    let handed = acts.iter().any(|act| matches!(act, Act::HandOver { .. }));
    let closed = acts.contains(&Act::Close);
    let says: Vec<(&str, &[String])> = acts
        .iter()
        .filter_map(|act| match act {
            Act::Say { text, choices } => Some((text.as_str(), choices.as_slice())),
            _ => None,
        })
        .collect();
    for (text, choices) in &says {
        prop_assert!(!text.trim().is_empty());
        prop_assert!(text.chars().count() <= 2 * conversation::limits::TEXT_CHARS);
        prop_assert!(choices.len() <= limits::CHOICES + 1);
    }
    if let Some((_, choices)) = says.last()
        && !handed
        && !closed
    {
        let person = choices.last().map(String::as_str).unwrap_or_default();
        prop_assert!(
            person == "Parler à un conseiller" || person == "Talk to a person",
            "{choices:?} in {lang}"
        );
    }
    if let Some((first, _)) = says.first()
        && !said_before
    {
        prop_assert!(first.contains("robot") || first.contains("bot"), "{first}");
    }
    if handed {
        let last = matches!(acts.last(), Some(Act::HandOver { .. }));
        prop_assert!(last, "nothing is said after the hand-over: {acts:?}");
    }
    for act in acts {
        match act {
            Act::Call { request, .. } => {
                prop_assert!(request.url.len() <= limits::URL_BYTES);
                prop_assert!(request.url.is_ascii() && !request.url.contains([' ', '\n', '\r', '\\', '#']));
            }
            Act::HandOver { queue, note, .. } => {
                prop_assert!(queue.as_ref().is_some_and(|queue| script.queues().contains(&queue)));
                prop_assert!(note.chars().count() <= limits::NOTE_CHARS);
            }
            Act::Say { .. } | Act::NotUnderstood | Act::Close => {}
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_conversation_is_answered(
        steps in prop::collection::vec(step(), 1..14),
        shop in any::<bool>(),
        french in any::<bool>(),
    ) {
        let script: &Script = if shop { &SHOP } else { &TELECOM };
        let lang = Lang::new(if french { "fr" } else { "en" }).unwrap();
        let mut memory = Memory::default();
        let mut twin = Memory::default();
        for step in steps {
            let said_before = memory.said_hello;
            let ticket = memory.pending.as_ref().map(|pending| pending.ticket.clone());
            let input = match (&step, &ticket) {
                (Step::Text(text), _) => Input::Text(text),
                (Step::Done(json), Some(action)) => Input::ActionDone { action, result: Ok(json) },
                (Step::Failed(why), Some(action)) => Input::ActionDone { action, result: Err(why) },
                (Step::Late(action), _) => Input::ActionDone { action, result: Ok(&serde_json::Value::Null) },
                (Step::Resume(node), _) => {
                    script.resume_at(&mut memory, node.as_deref());
                    script.resume_at(&mut twin, node.as_deref());
                    continue;
                }
                (Step::Done(_) | Step::Failed(_), None) => continue,
            };
            let acts = script.answer(&mut memory, input, &lang, NOW);
            prop_assert!(!acts.is_empty() || matches!(step, Step::Late(_)), "{step:?}");
            check(script, &acts, &lang, said_before)?;
            // The same memory, message and moment give the same answer.
            twin = serde_json::from_str(&serde_json::to_string(&twin).unwrap()).unwrap();
            let again = script.answer(&mut twin, input, &lang, NOW);
            prop_assert_eq!(&acts, &again);
            prop_assert_eq!(&memory, &twin);
            prop_assert!(serde_json::to_vec(&memory).unwrap().len() < 64 * 1024);
            for act in &acts {
                if let Act::Call { request, .. } = act {
                    let path = request.url.strip_prefix("http://127.0.0.1:8080/demo/orders/");
                    prop_assert!(path.is_some_and(|path| !path.is_empty() && !path.contains(['/', '?'])), "{}", request.url);
                }
            }
        }
    }

    #[test]
    fn no_text_changes_where_a_request_goes(reference in anything(), words in anything()) {
        let fr = Lang::new("fr").unwrap();
        let mut memory = Memory::default();
        for text in ["vas-y", reference.as_str(), words.as_str()] {
            for act in OPEN.answer(&mut memory, Input::Text(text), &fr, NOW) {
                let Act::Call { request, .. } = act else { continue };
                let rest = request.url.strip_prefix("https://api.example:8443/v1/");
                prop_assert!(rest.is_some(), "{}", request.url);
                let (path, query) = rest.unwrap().split_once('?').unwrap();
                let segments: Vec<&str> = path.split('/').collect();
                prop_assert_eq!(segments.len(), 2, "{}", path);
                prop_assert_eq!(segments[1], "items");
                prop_assert!(!matches!(segments[0], "" | "." | ".."));
                prop_assert!(!segments[0].to_lowercase().contains("%2f") && !segments[0].to_lowercase().contains("%5c"));
                let pairs: Vec<&str> = query.split('&').collect();
                prop_assert_eq!(pairs.len(), 2, "{}", query);
                prop_assert!(pairs[0].starts_with("q=") && pairs[1] == "x=1");
                let body: serde_json::Value = serde_json::from_str(&request.body.unwrap()).unwrap();
                prop_assert_eq!(body.as_object().unwrap().len(), 3);
                prop_assert_eq!(&body["fixed"], &json!(1));
                for (name, value) in &request.headers {
                    prop_assert!(name == "Accept" || name == "Content-Type");
                    prop_assert_eq!(value, "application/json");
                }
            }
        }
    }

    #[test]
    fn no_script_makes_the_compiler_panic(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), anything()), 1..4),
    ) {
        // The good script, with pieces taken out and others put in.
        let mut text: Vec<char> = include_str!("small.toml").chars().collect();
        for (from, length, put) in cuts {
            let from = from.index(text.len().max(1)).min(text.len());
            let to = (from + length.index(40)).min(text.len());
            text.splice(from..to, put.chars().take(60));
        }
        let text: String = text.into_iter().collect();
        let (script, problems) = Script::compile("a.toml", &text);
        let lines = u32::try_from(text.lines().count() + 1).unwrap();
        for problem in &problems {
            prop_assert!(problem.line >= 1 && problem.line <= lines, "{problem} of {lines}");
            prop_assert!(!problem.message.is_empty() && !problem.message.contains('\n'), "{problem}");
        }
        prop_assert!(script.is_some() || !problems.is_empty());
    }
}

#[test]
fn long_messages_are_answered_in_time() {
    let fr = Lang::new("fr").unwrap();
    for text in [
        "abcdefgh ".repeat(1_000),
        "a".repeat(8_000),
        "commande 4521 ".repeat(600),
        "é, ".repeat(2_600),
        "a b ".repeat(2_000),
    ] {
        let mut memory = Memory::default();
        let acts = SHOP.answer(&mut memory, Input::Text(&text), &fr, NOW);
        assert!(!acts.is_empty());
    }
}
