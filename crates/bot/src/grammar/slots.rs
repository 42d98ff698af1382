//! `[slots.x]`: what is gathered.

use super::{HOLES, Reader};
use crate::date::Tense;
use crate::limits;
use crate::slot::{Check, REFERENCE, Slot, Value};
use crate::words::Words;
use regex::{Regex, RegexBuilder};
use settings::{Table, Written};
use std::collections::BTreeMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reference,
    Email,
    Phone,
    Postcode,
    Date,
    Text,
    Choice,
}

pub(super) fn read(reader: &Reader<'_>) -> BTreeMap<String, Slot> {
    if !reader.root.has("slots") {
        reader.root.know("slots");
        return BTreeMap::new();
    }
    let tables = reader.root.named_tables("slots");
    reader.at_most("slots", limits::SLOTS, tables.iter().map(|(name, _)| name.line));
    let mut slots = BTreeMap::new();
    for (name, table) in tables {
        reader.name("a slot", &name);
        if HOLES.contains(&name.value.as_str()) || ["language", "action"].contains(&name.value.as_str()) {
            table.error(
                name.line,
                format!("\"{}\" has a meaning of its own and cannot be a slot", name.value),
                "",
            );
        }
        if let Some(slot) = slot(reader, &table, &name) {
            slots.insert(name.value, slot);
        }
        table.finish();
    }
    slots
}

fn slot(reader: &Reader<'_>, table: &Table<'_>, name: &Written<String>) -> Option<Slot> {
    table.require(&["check"]);
    let kind = table.word(
        "check",
        &[
            ("order_number", Kind::Reference),
            ("reference", Kind::Reference),
            ("email", Kind::Email),
            ("phone", Kind::Phone),
            ("postcode", Kind::Postcode),
            ("date", Kind::Date),
            ("text", Kind::Text),
            ("choice", Kind::Choice),
        ],
    );
    let label = reader.label(table, "label");
    let ask = reader.said(table, "ask");
    let wrong = reader.said(table, "wrong");
    let cues = reader.lists(table, "cues");
    let written = table.text("pattern");
    let tense = table.word("when", &[("past", Tense::Past), ("future", Tense::Future), ("any", Tense::Any)]);
    let values = values(reader, table);
    let without = table.text("without");
    let leads_to = table.text("leads_to");
    let kind = kind?.value;
    let unused = [
        ("pattern", kind != Kind::Reference),
        ("when", kind != Kind::Date),
        ("values", kind != Kind::Choice),
    ];
    for (key, is_unused) in unused {
        if is_unused && table.has(key) {
            table.error(
                table.line_of(key),
                format!("{} has no meaning for this check", table.name_of(key)),
                "remove it",
            );
        }
    }
    let check = match kind {
        Kind::Reference => Check::Reference(match &written {
            Some(written) => pattern(table, written)?,
            None => Regex::new(REFERENCE).ok()?,
        }),
        Kind::Email => Check::Email,
        Kind::Phone => Check::Phone,
        Kind::Postcode => Check::Postcode,
        Kind::Date => Check::Date(tense.map_or(Tense::Any, |tense| tense.value)),
        Kind::Text => Check::Text,
        Kind::Choice => {
            if values.is_empty() {
                table.error(
                    name.line,
                    format!("slot \"{}\" has no values to choose from", name.value),
                    "add [slots.x.values.y] tables",
                );
            }
            Check::Choice(values)
        }
    };
    let cues = cues
        .iter()
        .zip(&reader.languages)
        .map(|(list, lang)| {
            let words = Words::new(lang);
            list.iter().flat_map(|cue| words.cut(&cue.value)).map(|word| word.stem).collect()
        })
        .collect();
    Some(Slot {
        line: name.line,
        check,
        label: label.unwrap_or_else(|| vec![name.value.clone(); reader.languages.len()]),
        ask: ask.unwrap_or_default(),
        wrong: wrong.unwrap_or_default(),
        cues,
        without,
        leads_to,
    })
}

/// A pattern within the limits; `regex` runs in time linear in the text, whatever is written.
pub(super) fn pattern(table: &Table<'_>, written: &Written<String>) -> Option<Regex> {
    if written.len() > limits::PATTERN_BYTES {
        let message = format!("a pattern has more than {} bytes", limits::PATTERN_BYTES);
        table.error(written.line, message, "use examples instead, or several patterns");
        return None;
    }
    let built = RegexBuilder::new(&written.value)
        .case_insensitive(true)
        .size_limit(limits::PATTERN_COMPILED_BYTES)
        .dfa_size_limit(limits::PATTERN_COMPILED_BYTES)
        .build();
    match built {
        Ok(regex) if regex.is_match("") => {
            let message =
                format!("the pattern \"{}\" matches nothing at all, and so everything", written.value);
            table.error(written.line, message, "ask for at least one character");
            None
        }
        Ok(regex) => Some(regex),
        Err(regex::Error::CompiledTooBig(limit)) => {
            let message = format!(
                "the pattern \"{}\" is too big: more than {limit} bytes once compiled",
                written.value
            );
            table.error(written.line, message, "repeat less: {1,20} instead of {1,2000}");
            None
        }
        Err(error) => {
            // The last line of the library's message is the sentence; those before it draw where.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            table.error(written.line, format!("the pattern \"{}\" is not one: {last}", written.value), "");
            None
        }
    }
}

fn values(reader: &Reader<'_>, table: &Table<'_>) -> Vec<Value> {
    if !table.has("values") {
        table.know("values");
        return Vec::new();
    }
    let tables = table.named_tables("values");
    reader.at_most("values of a slot", limits::SLOT_VALUES, tables.iter().map(|(name, _)| name.line));
    let mut values = Vec::new();
    for (name, inner) in tables {
        inner.require(&["label"]);
        let label = reader.label(&inner, "label");
        let phrases = reader.phrases(&inner, "words");
        inner.finish();
        let Some(label) = label else { continue };
        let phrases = phrases
            .into_iter()
            .zip(&reader.languages)
            .zip(&label)
            .map(|((list, lang), label)| {
                let label = Words::new(lang).stems_of(label);
                std::iter::once(label).chain(list).collect()
            })
            .collect();
        values.push(Value { id: name.value, label, phrases });
    }
    values
}
