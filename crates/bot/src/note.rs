//! What the bot tells the advisor: what it was about, what it has gathered, what went wrong.

use crate::limits;
use crate::memory::Memory;
use crate::phrases::note_words;
use crate::script::Script;
use crate::template;
use conversation::Millis;

/// The note, in the customer's language, one line a point.
pub(crate) fn write(
    script: &Script,
    memory: &Memory,
    language: usize,
    now: Millis,
    own: &str,
    trouble: &str,
) -> String {
    let Some(lang) = script.languages.get(language) else { return String::new() };
    let words = note_words(lang);
    let mut lines: Vec<String> = Vec::new();
    if !own.is_empty() {
        lines.push(own.to_owned());
    }
    let topics: Vec<&str> = memory
        .topics
        .iter()
        .filter_map(|topic| script.intents.iter().find(|intent| intent.name == *topic))
        .filter_map(|intent| intent.label.get(language).map(String::as_str))
        .collect();
    if !topics.is_empty() {
        lines.push(format!("{}{}{}", words.topics, words.colon, topics.join(", ")));
    }
    for (name, value) in &memory.slots {
        let Some(slot) = script.slots.get(name) else { continue };
        let label = slot.label.get(language).map_or(name.as_str(), String::as_str);
        lines.push(format!("{label}{}{}", words.colon, slot.shown(value, language, lang, now)));
    }
    if let Some(quote) = &memory.not_understood {
        lines.push(format!("{}{}{}{quote}{}", words.unknown, words.colon, words.open, words.close));
    }
    if !trouble.is_empty() {
        lines.push(format!("{}{}{trouble}", words.failure, words.colon));
    }
    template::cut(&lines.join("\n"), limits::NOTE_CHARS)
}
