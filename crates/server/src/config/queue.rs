//! Queues as they are written: names and thresholds are the brain's, everything else is the dispatcher's policy.

use conversation::{Lang, QueueId};
use dispatcher::policy::{Ageing, Hours, Offers, Queue, Terms};
use router::QueueSettings;
use serde::de::DeserializeOwned;
use settings::Table;
use std::collections::BTreeMap;

/// The keys of a queue that are the dispatcher's.
const POLICY: [&str; 11] = [
    "skills",
    "language",
    "priority",
    "weight",
    "hard_weight",
    "hard_from",
    "hours",
    "steps",
    "offers",
    "overflow",
    "when_closed",
];

/// Every `[queues.NAME]`.
pub fn read(root: &Table<'_>) -> (BTreeMap<QueueId, QueueSettings>, BTreeMap<QueueId, Queue>) {
    let (mut settings, mut policy) = (BTreeMap::new(), BTreeMap::new());
    let tables = root.named_tables("queues");
    if tables.is_empty() {
        root.error(root.line_of("queues"), "there is no queue", "write at least one `[queues.NAME]`");
    }
    for (name, table) in tables {
        let id = match QueueId::new(&name) {
            Ok(id) => id,
            Err(error) => {
                root.error(
                    name.line,
                    format!("{:?}: {error}", name.value),
                    "letters, digits, `-`, `_` and `.`",
                );
                continue;
            }
        };
        settings.insert(id.clone(), own(&table));
        policy.insert(id, of_dispatcher(&table));
        table.finish();
    }
    (settings, policy)
}

fn own(table: &Table<'_>) -> QueueSettings {
    let mut queue = QueueSettings::default();
    if let Some(names) = table.table("names") {
        for (lang, name) in names.into_named_texts() {
            match Lang::new(&lang) {
                Ok(known) => {
                    queue.names.insert(known, name.value);
                }
                Err(error) => {
                    table.error(lang.line, format!("{:?}: {error}", lang.value), "such as `fr` or `en`")
                }
            }
        }
    }
    if let Some(table) = table.table("thresholds") {
        let listening = &mut queue.thresholds;
        let share = |key: &str, value: &mut f32| {
            if let Some(written) = table.float(key, 0.0..=1.0) {
                *value = written.value as f32;
            }
        };
        share("peak", &mut listening.peak);
        share("trend", &mut listening.trend);
        share("release", &mut listening.release);
        share("floor", &mut listening.floor);
        let count = |key: &str, value: &mut u8| {
            if let Some(written) = table.integer(key, 1..=20) {
                *value = written.value as u8;
            }
        };
        count("repeats", &mut listening.repeats);
        count("loops", &mut listening.loops);
        count("failures", &mut listening.failures);
        if let Some(contacts) = table.integer("contacts", 2..=100) {
            listening.contacts = contacts.value as u16;
        }
        if listening.release > listening.peak {
            table.error(
                table.line(),
                "`release` is above `peak`, so a transfer could follow on a transfer",
                "lower it",
            );
        }
        table.finish();
    }
    queue
}

fn of_dispatcher(table: &Table<'_>) -> Queue {
    let line = |path: &str| table.line_of(path.split(['.', '[']).next().unwrap_or(""));
    let mut written = serde_json::Map::new();
    for key in POLICY {
        if let Some(value) = table.json(key) {
            // Each key alone, so that a mistake in one does not hide those in the others.
            let alone = serde_json::Map::from_iter([(key.to_owned(), value.value.clone())]);
            if parsed::<Queue>(table, serde_json::Value::Object(alone), &line).is_some() {
                written.insert(key.to_owned(), value.value);
            }
        }
    }
    parsed(table, serde_json::Value::Object(written), &line).unwrap_or_default()
}

/// The parts of the dispatcher's policy that are not a queue's: `[hours.NAME]`, `[offers]`, `[ageing]`, `[terms]`.
pub fn whole(root: &Table<'_>) -> (BTreeMap<String, Hours>, Offers, Ageing, Terms) {
    (part(root, "hours"), part(root, "offers"), part(root, "ageing"), part(root, "terms"))
}

fn part<T: DeserializeOwned + Default>(root: &Table<'_>, key: &str) -> T {
    let Some(value) = root.json(key) else { return T::default() };
    let mut outer = serde_json::Map::new();
    outer.insert(key.to_owned(), value.value);
    #[derive(serde::Deserialize)]
    struct Part<T> {
        #[serde(alias = "hours", alias = "offers", alias = "ageing", alias = "terms")]
        part: T,
    }
    parsed::<Part<T>>(root, serde_json::Value::Object(outer), &|path| line_of(root, path))
        .map(|part| part.part)
        .unwrap_or_default()
}

fn parsed<T: DeserializeOwned>(
    table: &Table<'_>,
    value: serde_json::Value,
    line: &dyn Fn(&str) -> u32,
) -> Option<T> {
    match serde_path_to_error::deserialize(value) {
        Ok(value) => Some(value),
        Err(error) => {
            let path = error.path().to_string();
            table.error(line(&path), format!("{}: {}", table.name_of(&path), error.into_inner()), "");
            None
        }
    }
}

/// The line that a path of the dispatcher's policy (`queues.care.steps[1]`) begins on, as near as it is known.
pub fn line_of(root: &Table<'_>, path: &str) -> u32 {
    let mut parts = path.split(['.', '[']);
    let first = parts.next().unwrap_or("");
    let (Some(second), Some(outer)) = (parts.next(), root.table(first)) else { return root.line_of(first) };
    // Asked for as a table, a plain value would be told as a mistake of its own.
    let nested = outer.json(second).is_some_and(|value| value.value.is_object());
    match parts.next() {
        Some(third) if nested => {
            outer.table(second).map_or(outer.line_of(second), |inner| inner.line_of(third))
        }
        _ => outer.line_of(second),
    }
}
