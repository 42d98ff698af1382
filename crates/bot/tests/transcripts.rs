//! Whole conversations with the scripts that ship, word for word: `tests/transcripts/*.txt`.
//!
//! `== title | script language` begins a conversation, `> text` is the customer, `< json` and `< error why` end
//! the call that is open, `resume node` returns the conversation to the bot; everything else is what the bot
//! does. `RELAIS_WRITE_TRANSCRIPTS=1` writes the files anew, to be read before they are committed.
#![allow(clippy::unwrap_used, reason = "a test that cannot read its data has failed")]

use bot::{Act, Input, Memory, Script};
use conversation::Lang;
use std::collections::BTreeMap;
use std::fmt::Write;

/// Sunday 22 November 2026.
const NOW: u64 = 1_795_377_600_000;

fn scripts() -> BTreeMap<String, Script> {
    ["shop", "telecom"]
        .into_iter()
        .map(|name| {
            let path = format!("{}/../../config/bots/{name}.toml", env!("CARGO_MANIFEST_DIR"));
            let text = std::fs::read_to_string(path).unwrap();
            (name.to_owned(), Script::compile(name, &text).0.unwrap())
        })
        .collect()
}

fn written(acts: &[Act]) -> String {
    let mut out = String::new();
    for act in acts {
        match act {
            Act::Say { text, choices } => {
                for line in text.lines() {
                    writeln!(out, "bot: {line}").unwrap();
                }
                if !choices.is_empty() {
                    writeln!(out, "     [{}]", choices.join("] [")).unwrap();
                }
            }
            Act::NotUnderstood => out.push_str("(not understood)\n"),
            Act::Call { action, request, timeout_ms } => {
                let body = request.body.as_deref().unwrap_or_default();
                let line = format!("(calls {action}: {} {} {body}", request.method.as_str(), request.url);
                writeln!(out, "{}, {timeout_ms} ms)", line.trim_end()).unwrap();
            }
            Act::HandOver { queue, code, note } => {
                let queue = queue.as_ref().map_or("-", |queue| queue.as_str());
                writeln!(out, "(hands over to {queue}: {})", code.as_str()).unwrap();
                for line in note.lines() {
                    writeln!(out, "note: {line}").unwrap();
                }
            }
            Act::Close => out.push_str("(closes)\n"),
        }
    }
    out.replace(['\u{a0}', '\u{202f}'], " ")
}

/// Plays the inputs of a file; the file as it should be, and the number of conversations.
fn play(file: &str, scripts: &BTreeMap<String, Script>) -> (String, usize) {
    let mut out = String::new();
    let mut conversations = 0;
    let mut memory = Memory::default();
    let mut at: Option<(&Script, Lang)> = None;
    for line in file.lines() {
        if let Some(head) = line.strip_prefix("== ") {
            let mut words = head.rsplit('|').next().unwrap().split_whitespace();
            let script = &scripts[words.next().unwrap()];
            at = Some((script, Lang::new(words.next().unwrap()).unwrap()));
            memory = Memory::default();
            conversations += 1;
            writeln!(out, "{}{line}", if conversations > 1 { "\n" } else { "" }).unwrap();
            continue;
        }
        let input = line.starts_with("> ") || line.starts_with("< ") || line.starts_with("resume ");
        if line.starts_with('#') || input {
            writeln!(out, "{line}").unwrap();
        }
        let Some((script, lang)) = &at else { continue };
        // What was remembered must survive its storage at every step.
        memory = serde_json::from_value(serde_json::to_value(&memory).unwrap()).unwrap();
        let acts = if let Some(text) = line.strip_prefix("> ") {
            script.answer(&mut memory, Input::Text(text), lang, NOW)
        } else if let Some(node) = line.strip_prefix("resume ") {
            script.resume_at(&mut memory, Some(node).filter(|node| *node != "-"));
            Vec::new()
        } else if let Some(result) = line.strip_prefix("< ") {
            let Some(pending) = memory.pending.clone() else {
                out.push_str("(no call is open)\n");
                continue;
            };
            let action = pending.ticket;
            let json;
            let result = match result.strip_prefix("error ") {
                Some(why) => Err(why),
                None => {
                    json = serde_json::from_str::<serde_json::Value>(result).unwrap();
                    Ok(&json)
                }
            };
            script.answer(&mut memory, Input::ActionDone { action: &action, result }, lang, NOW)
        } else {
            continue;
        };
        out.push_str(&written(&acts));
    }
    (out, conversations)
}

#[test]
fn conversations_go_as_they_are_written_down() {
    let scripts = scripts();
    let mut total = 0;
    for name in ["shop.fr", "shop.en", "telecom.fr", "telecom.en", "any", "trial"] {
        let path = format!("{}/tests/transcripts/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        let file = std::fs::read_to_string(&path).unwrap();
        let (played, conversations) = play(&file, &scripts);
        total += conversations;
        if std::env::var_os("RELAIS_WRITE_TRANSCRIPTS").is_some() {
            std::fs::write(&path, &played).unwrap();
            continue;
        }
        for (line, (is, should)) in played.lines().zip(file.lines()).enumerate() {
            assert_eq!(is, should, "{name}.txt:{}", line + 1);
        }
        assert_eq!(played.lines().count(), file.lines().count(), "{name}.txt");
    }
    assert!(total >= 48, "{total} conversations");
}
