//! Queues as they are written: names and thresholds are the brain's, everything else is the dispatcher's policy.

use super::wording::{self, Told};
use conversation::{Lang, QueueId};
use dispatcher::Policy;
use dispatcher::policy::{Ageing, Hours, Offers, Queue, Terms};
use router::QueueSettings;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_path_to_error::Segment;
use settings::{Table, spelling};
use std::collections::BTreeMap;

/// Mistakes of one part that are told at most.
const MISTAKES: usize = 100;

/// The keys of a queue that are the dispatcher's.
const POLICY: [&str; 13] = [
    "skills",
    "language",
    "priority",
    "weight",
    "hard_weight",
    "message_weight",
    "callback_weight",
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
    let mut written = serde_json::Map::new();
    for key in POLICY {
        if let Some(value) = table.json(key) {
            written.insert(key.to_owned(), value.value);
        }
    }
    // Zero is the policy's own word for 'not written'; a person who writes it means something else.
    for (key, counts_as) in [
        ("weight", "1"),
        ("message_weight", "`weight`"),
        ("callback_weight", "`weight`"),
        ("hard_weight", "what a calm one weighs"),
        ("hard_from", "0.7"),
    ] {
        if written.get(key).and_then(serde_json::Value::as_f64) == Some(0.0) {
            let what = format!("{} is 0, which counts as {counts_as}", table.name_of(key));
            table.warning(table.line_at(key), what, format!("write what is meant, or leave `{key}` out"));
        }
    }
    parsed(table, "", serde_json::Value::Object(written))
}

/// The parts of the dispatcher's policy that are not a queue's: `[hours.NAME]`, `[offers]`, `[ageing]`, `[terms]`.
pub fn whole(root: &Table<'_>) -> (BTreeMap<String, Hours>, Offers, Ageing, Terms) {
    (part(root, "hours"), part(root, "offers"), part(root, "ageing"), part(root, "terms"))
}

fn part<T: Serialize + DeserializeOwned + Default>(root: &Table<'_>, key: &str) -> T {
    root.json(key).map(|value| parsed(root, key, value.value)).unwrap_or_default()
}

/// Reads a value that stands at `at` below the table. What is wrong is told and left out, until nothing is: a
/// mistake in one key does not hide those in the others.
fn parsed<T: Serialize + DeserializeOwned + Default>(
    table: &Table<'_>,
    at: &str,
    mut value: serde_json::Value,
) -> T {
    for _ in 0..MISTAKES {
        let error = match serde_path_to_error::deserialize::<_, T>(value.clone()) {
            Ok(found) => return found,
            Err(error) => error,
        };
        let inner = error.path().to_string();
        let path = match (at, inner.as_str()) {
            (at, ".") => at.to_owned(),
            ("", inner) => inner.to_owned(),
            (at, inner) => format!("{at}.{inner}"),
        };
        let Told { what, instead } = wording::told(&error.inner().to_string(), &inner, &T::default());
        table.error(table.line_at(&path), format!("{} {what}", table.name_of(&path)), instead);
        if without(&mut value, error.path()).is_none() {
            break;
        }
    }
    T::default()
}

/// Takes the innermost key of a path out of a value; `None` where there is none to take.
fn without(value: &mut serde_json::Value, path: &serde_path_to_error::Path) -> Option<()> {
    let parts: Vec<&Segment> = path.iter().collect();
    let last = parts.iter().rposition(|part| matches!(part, Segment::Map { .. }))?;
    let mut inner = value;
    for part in &parts[..last] {
        inner = match part {
            Segment::Map { key } => inner.get_mut(key)?,
            Segment::Seq { index } => inner.get_mut(index)?,
            Segment::Enum { .. } | Segment::Unknown => return None,
        };
    }
    let Segment::Map { key } = parts[last] else { return None };
    inner.as_object_mut()?.remove(key).map(|_| ())
}

/// What the dispatcher finds wrong with a policy as a whole, told at its line with the name that was meant.
pub fn sense(root: &Table<'_>, policy: &Policy) {
    for problem in policy.problems() {
        let named = problem.what.split('\'').nth(1).unwrap_or("");
        let queues = policy.queues.keys().map(QueueId::as_str);
        let instead = if problem.what.contains("queue '") {
            spelling::did_you_mean(named, queues)
        } else if problem.what.contains("hours named") {
            let near = spelling::did_you_mean(named, policy.hours.keys().map(String::as_str));
            if near.is_empty() { format!("write `[hours.{named}]`") } else { near }
        } else {
            String::new()
        };
        root.error(root.line_at(&problem.path), format!("`{}`: {}", problem.path, problem.what), instead);
    }
}
