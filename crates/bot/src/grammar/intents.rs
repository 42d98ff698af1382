//! `[intents.x]`: what customers want, by examples and patterns.

use super::{Reader, slots};
use crate::evidence::Phrase;
use crate::hearing::Weight;
use crate::limits;
use crate::script::Intent;
use crate::words::Words;
use settings::{Table, Written};

pub(super) fn read(reader: &Reader<'_>) -> Vec<Intent> {
    let tables = reader.root.named_tables("intents");
    reader.at_most("intents", limits::INTENTS, tables.iter().map(|(name, _)| name.line));
    let mut intents: Vec<Intent> = Vec::with_capacity(tables.len());
    for (name, table) in tables {
        reader.name("an intent", &name);
        if let Some(intent) = intent(reader, &table, &name) {
            intents.push(intent);
        }
        table.finish();
    }
    let patterns =
        intents.iter().flat_map(|intent| intent.patterns.iter().flatten().map(|pattern| pattern.line));
    reader.at_most("patterns", limits::PATTERNS, patterns.collect::<Vec<_>>().into_iter());
    for language in 0..reader.languages.len() {
        let examples =
            intents.iter().flat_map(|intent| intent.examples[language].iter().map(|example| example.line));
        reader.at_most(
            "examples in one language",
            limits::EXAMPLES_IN_ALL,
            examples.collect::<Vec<_>>().into_iter(),
        );
    }
    intents
}

fn intent(reader: &Reader<'_>, table: &Table<'_>, name: &Written<String>) -> Option<Intent> {
    let label = reader.label(table, "label");
    let to = table.required_text("to");
    let flag = |key: &str| table.flag(key).is_some_and(|flag| flag.value);
    let (small, sensitive, human, without) =
        (flag("small_talk"), flag("sensitive"), flag("asks_for_human"), flag("without"));
    if small && (sensitive || human) {
        let message =
            format!("intent \"{}\" cannot be small talk and come before everything else", name.value);
        table.error(name.line, message, "remove `small_talk`");
    }
    if label.is_none() && !small && !without {
        let message = format!("intent \"{}\" has no label", name.value);
        table.warning(
            name.line,
            message,
            "add label: it is what people see when the bot asks which subject they mean",
        );
    }
    let examples = reader.lists(table, "examples");
    let mut patterns = Vec::with_capacity(reader.languages.len());
    for list in reader.lists(table, "patterns") {
        let built = list.iter().filter_map(|text| {
            slots::pattern(table, text).map(|regex| Written { value: regex, line: text.line })
        });
        patterns.push(built.collect::<Vec<_>>());
    }
    for ((list, patterns), lang) in examples.iter().zip(&patterns).zip(&reader.languages) {
        if let Some(extra) = list.get(limits::EXAMPLES) {
            let message = format!(
                "intent \"{}\" has more than {} examples in \"{lang}\"",
                name.value,
                limits::EXAMPLES
            );
            table.error(extra.line, message, "");
        }
        if let Some(long) = list.iter().find(|text| text.chars().count() > limits::EXAMPLE_CHARS) {
            let message = format!("an example has more than {} characters", limits::EXAMPLE_CHARS);
            table.error(long.line, message, "write it as a customer would, in one sentence");
        }
        if let Some(empty) = list.iter().find(|text| !text.chars().any(char::is_alphanumeric)) {
            table.error(empty.line, "an example has no word", "");
        }
        if list.is_empty() && patterns.is_empty() {
            let message = format!("intent \"{}\" has no example in \"{lang}\"", name.value);
            table.warning(
                name.line,
                message,
                format!("add examples.{lang}; until then nobody is understood there"),
            );
        }
    }
    let needs = reader.lists(table, "needs");
    let unless = reader.lists(table, "unless");
    let told = needs.iter().chain(&unless).filter_map(|list| list.get(limits::NEEDS));
    for extra in told {
        let message = format!("intent \"{}\" has more than {} of these", name.value, limits::NEEDS);
        table.error(extra.line, message, "");
    }
    for ((list, unless), lang) in needs.iter().zip(&unless).zip(&reader.languages) {
        let words = Words::new(lang);
        for text in list.iter().chain(unless) {
            if let Err(why) = Phrase::read(&text.value, |text| words.stems_of(text)) {
                let message = format!("\"{}\" cannot be read: {why}", text.value);
                table.error(text.line, message, "for instance \"(père|mère) … (mort|décédé)\"");
            }
        }
        if list.is_empty() && sensitive {
            let message = format!("sensitive intent \"{}\" has no `needs` in \"{lang}\"", name.value);
            table.warning(
                name.line,
                message,
                format!(
                    "add needs.{lang}: phrases without which it is not heard, so that no side word calls it"
                ),
            );
        }
    }
    let weight = match (small, sensitive || human) {
        (true, _) => Weight::Small,
        (_, true) => Weight::Grave,
        _ => Weight::Plain,
    };
    Some(Intent {
        name: name.value.clone(),
        label: label.unwrap_or_default(),
        to: to?,
        weight,
        without,
        examples,
        patterns,
        needs,
        unless,
    })
}
