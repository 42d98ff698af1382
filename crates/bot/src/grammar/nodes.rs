//! `[nodes.x]`: the steps.

use super::Reader;
use crate::condition::Condition;
use crate::limits;
use crate::script::{Branch, Choice, HandOver, Node};
use conversation::{QueueId, ReasonCode};
use settings::{Item, Table, Written};
use std::collections::BTreeMap;

pub(super) fn read(reader: &Reader<'_>) -> BTreeMap<String, Node> {
    let tables = reader.root.named_tables("nodes");
    reader.at_most("nodes", limits::NODES, tables.iter().map(|(name, _)| name.line));
    let mut nodes = BTreeMap::new();
    for (name, table) in tables {
        reader.name("a node", &name);
        let node = node(reader, &table, &name);
        table.finish();
        nodes.insert(name.value, node);
    }
    nodes
}

fn node(reader: &Reader<'_>, table: &Table<'_>, name: &Written<String>) -> Node {
    let flag = |key: &str| table.flag(key).is_some_and(|flag| flag.value);
    let node = Node {
        line: name.line,
        needs: table.texts("needs"),
        set: reader.set(table),
        takes: table.texts("takes"),
        forget: table.texts("forget"),
        call: table.text("call"),
        branches: branches(reader, table),
        say: reader.said(table, "say"),
        choices: choices(reader, table),
        hand_over: hand_over(reader, table),
        close: flag("close"),
        to: table.text("to"),
        introduces: flag("introduces"),
        entry: flag("entry"),
    };
    let ends = [("hand_over", node.hand_over.is_some()), ("close", node.close), ("to", node.to.is_some())];
    let written: Vec<&str> = ends.iter().filter(|(_, is)| *is).map(|(key, _)| *key).collect();
    if let [first, second, ..] = written.as_slice() {
        let message = format!("node \"{}\" has both `{first}` and `{second}`", name.value);
        table.error(table.line_of(second), message, "it can go one way only");
    }
    if !node.choices.is_empty() && node.say.is_none() {
        table.error(
            table.line_of("choices"),
            format!("node \"{}\" has choices but no text", name.value),
            "add `say`",
        );
    }
    if !node.choices.is_empty() && !written.is_empty() {
        let message = format!("node \"{}\" has choices but does not wait for one", name.value);
        table.error(table.line_of("choices"), message, format!("remove `{}`", written[0]));
    }
    let idle = node.say.is_none() && node.branches.is_empty() && written.is_empty();
    if idle && !table.has("say") && !table.has("when") && !table.has("hand_over") {
        let message = format!("node \"{}\" does nothing", name.value);
        table.error(name.line, message, "add `say`, `when`, `to`, `hand_over` or `close`");
    }
    node
}

fn branches(reader: &Reader<'_>, table: &Table<'_>) -> Vec<Branch> {
    let tables = table.tables("when");
    reader.at_most("branches of a node", limits::BRANCHES, tables.iter().map(Table::line));
    let mut branches = Vec::new();
    for inner in tables {
        let condition = inner.required_text("if").and_then(|text| match Condition::parse(&text.value) {
            Ok(condition) => Some(condition),
            Err((message, suggestion)) => {
                inner.error(text.line, message, suggestion);
                None
            }
        });
        let to = inner.required_text("to");
        let line = inner.line();
        inner.finish();
        if let (Some(condition), Some(to)) = (condition, to) {
            branches.push(Branch { line, condition, to });
        }
    }
    branches
}

fn choices(reader: &Reader<'_>, table: &Table<'_>) -> Vec<Choice> {
    let items = table.items("choices");
    let lines = items.iter().map(|item| match item {
        Item::Text(text) => text.line,
        Item::Table(table) => table.line(),
    });
    reader.at_most("choices of a node", limits::CHOICES, lines);
    let mut choices = Vec::new();
    for item in items {
        match item {
            Item::Text(intent) => choices.push(Choice {
                line: intent.line,
                label: Vec::new(),
                to: None,
                intent: Some(intent),
                set: BTreeMap::new(),
                phrases: Vec::new(),
            }),
            Item::Table(inner) => {
                let label = reader.label(&inner, "label");
                let to = inner.text("to");
                let intent = inner.text("intent");
                let set = reader.set(&inner);
                let phrases = reader.phrases(&inner, "words");
                let line = inner.line();
                if to.is_none() && intent.is_none() {
                    inner.error(line, "a choice leads nowhere", "add `to` (a node) or `intent`");
                }
                if label.is_none() && intent.is_none() && !inner.has("label") {
                    inner.error(line, "a choice has no label", "add `label`");
                }
                inner.finish();
                choices.push(Choice { line, label: label.unwrap_or_default(), to, intent, set, phrases });
            }
        }
    }
    choices
}

fn hand_over(reader: &Reader<'_>, table: &Table<'_>) -> Option<HandOver> {
    if !table.has("hand_over") {
        table.know("hand_over");
        return None;
    }
    let inner = table.table("hand_over")?;
    let queue = inner.parsed::<QueueId>("queue").map(|queue| queue.value);
    let codes = [
        ("script_rule", ReasonCode::ScriptRule),
        ("sensitive_topic", ReasonCode::SensitiveTopic),
        ("explicit_request", ReasonCode::ExplicitRequest),
        ("repeat_contact", ReasonCode::RepeatContact),
        ("bot_failure", ReasonCode::BotFailure),
    ];
    let code = inner.word("reason", &codes).map_or(ReasonCode::ScriptRule, |code| code.value);
    let note = reader.said(&inner, "note");
    inner.finish();
    Some(HandOver { queue, code, note })
}
