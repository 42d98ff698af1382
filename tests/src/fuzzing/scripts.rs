//! A bot's script and what is said to it, separated by NUL: what compiles answers everything, with something.
//!
//! Without a script, the shipped shop is spoken to.

use super::texts;
use bot::{Act, Input, Memory, Script};
use conversation::Lang;
use std::sync::OnceLock;

/// Messages to one script.
const MESSAGES: usize = 12;

pub fn run(input: &[u8]) {
    let Some(texts) = texts(input) else { return };
    let Some((script, messages)) = texts.split_first() else { return };
    if script.is_empty() {
        speak(shop(), messages);
        return;
    }
    let (compiled, problems) = Script::compile("bot.toml", script);
    let lines = script.lines().count() as u32 + 1;
    for problem in &problems {
        assert!(!problem.message.is_empty() && problem.line <= lines, "{problem}");
    }
    match compiled {
        Some(script) => speak(&script, messages),
        None => assert!(!problems.is_empty(), "a script that is refused hears why"),
    }
}

fn shop() -> &'static Script {
    static SHOP: OnceLock<Script> = OnceLock::new();
    SHOP.get_or_init(|| {
        let text = include_str!("../../../config/bots/shop.toml");
        Script::compile("shop.toml", text).0.expect("the shipped script compiles")
    })
}

fn speak(script: &Script, messages: &[&str]) {
    let mut memory = Memory::default();
    for (place, message) in messages.iter().take(MESSAGES).enumerate() {
        let lang = Lang::new(if place % 2 == 0 { "fr" } else { "en" }).expect("a language");
        let acts = script.answer(&mut memory, Input::Text(message), &lang, 1_700_000_000_000);
        told(&acts, message);
        let call = acts.iter().find_map(|act| match act {
            Act::Call { action, .. } => Some(action.clone()),
            _ => None,
        });
        if let Some(action) = call {
            // Data of a back office, which is no more to be trusted than the customer's words.
            let value =
                serde_json::from_str(message).unwrap_or_else(|_| serde_json::json!({ "status": message }));
            let result = if place % 3 == 2 { Err("timeout") } else { Ok(&value) };
            let done = Input::ActionDone { action: &action, result };
            told(&script.answer(&mut memory, done, &lang, 1_700_000_000_000), message);
        }
        let written = serde_json::to_string(&memory).expect("a memory can be written");
        assert!(written.len() < 64 * 1024, "a memory stays small: {} bytes", written.len());
        let again: Memory = serde_json::from_str(&written).expect("and read again");
        assert_eq!(again, memory, "{written}");
    }
}

fn told(acts: &[Act], message: &str) {
    assert!(acts.iter().any(|act| !matches!(act, Act::NotUnderstood)), "silence after {message:?}");
    for act in acts {
        if let Act::Say { text, choices } = act {
            assert!(!text.trim().is_empty(), "an empty answer to {message:?}");
            assert!(text.chars().count() <= conversation::limits::TEXT_CHARS, "{} characters", text.len());
            assert!(choices.len() <= bot::limits::CHOICES + 1, "{choices:?}");
        }
    }
}
