//! Handing out what the log holds: conversations as JSON lines in the format of `relais analyze` (so that what was
//! exported can train), and everything about one person.

use crate::error::LogError;
use crate::log::History;
use conversation::{Author, ConversationId, CustomerId, Event, EventKind, Lang, Millis, Seq};
use serde::Serialize;
use std::collections::BTreeMap;
use std::io::Write;

/// Which conversations.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Which {
    /// One.
    Conversation(ConversationId),
    /// Those of one customer.
    Customer(CustomerId),
    /// Those that were opened from the first moment on and before the second.
    Between(Millis, Millis),
    /// All of them.
    All,
}

/// One line of the format of `relais analyze`.
#[derive(Serialize)]
struct Line<'a> {
    id: ConversationId,
    /// Whom `relais log erase` and `export --customer` want named; `relais train` does not read it.
    customer: &'a CustomerId,
    lang: &'a Lang,
    turns: Vec<Turn<'a>>,
}

#[derive(Serialize)]
struct Turn<'a> {
    role: &'static str,
    text: &'a str,
    at_ms: Millis,
    /// What an advisor said of the customer's message, where one did.
    #[serde(skip_serializing_if = "Option::is_none")]
    frustrated: Option<bool>,
}

/// Writes one JSON line a conversation, oldest first; one without a turn, or forgotten, is left out. How many lines.
///
/// # Errors
/// The log cannot be read, or `out` cannot be written.
pub fn conversations(history: &dyn History, which: &Which, out: &mut dyn Write) -> Result<usize, LogError> {
    let mut lines = 0;
    for id in ids(history, which)? {
        let events = history.read(id, 0)?;
        let Some(line) = line(id, &events) else { continue };
        write_line(out, &line)?;
        lines += 1;
    }
    Ok(lines)
}

/// Everything that the log holds about one person, as one JSON object: every event of every conversation, notes and
/// signals included. How many events.
///
/// # Errors
/// The log cannot be read, or `out` cannot be written.
pub fn person(history: &dyn History, customer: &CustomerId, out: &mut dyn Write) -> Result<usize, LogError> {
    #[derive(Serialize)]
    struct Whole<'a> {
        customer: &'a CustomerId,
        conversations: Vec<Conversation>,
    }
    #[derive(Serialize)]
    struct Conversation {
        conversation: ConversationId,
        events: Vec<Event>,
    }
    let mut conversations = Vec::new();
    for id in ids(history, &Which::Customer(customer.clone()))? {
        conversations.push(Conversation { conversation: id, events: history.read(id, 0)? });
    }
    let events = conversations.iter().map(|conversation| conversation.events.len()).sum();
    write_line(out, &Whole { customer, conversations })?;
    Ok(events)
}

fn ids(history: &dyn History, which: &Which) -> Result<Vec<ConversationId>, LogError> {
    let found = match which {
        Which::Conversation(id) => return Ok(vec![*id]),
        Which::Customer(customer) => history.of_customer(customer, Millis::MAX, usize::MAX)?,
        Which::Between(from, to) => history.between(*from, *to, usize::MAX)?,
        Which::All => history.between(0, Millis::MAX, usize::MAX)?,
    };
    Ok(found.iter().rev().map(|summary| summary.conversation).collect())
}

fn line(id: ConversationId, events: &[Event]) -> Option<Line<'_>> {
    let EventKind::Opened { lang, customer, .. } = &events.first()?.kind else { return None };
    let labels = labels(events);
    let turns: Vec<Turn<'_>> = events
        .iter()
        .filter_map(|event| {
            let EventKind::Message { from, text, .. } = &event.kind else { return None };
            let role = match from {
                Author::Customer => "customer",
                Author::Bot => "bot",
                Author::Advisor => "advisor",
                Author::System => return None,
            };
            let frustrated = if role == "customer" { labels.get(&event.seq).copied() } else { None };
            // A message is never empty, unless its person was forgotten.
            (!text.is_empty()).then_some(Turn { role, text, at_ms: event.at, frustrated })
        })
        .collect();
    (!turns.is_empty()).then_some(Line { id, customer, lang, turns })
}

/// The last verdict on each message that says whether there was frustration; `wrong_reason` takes none back.
fn labels(events: &[Event]) -> BTreeMap<Seq, bool> {
    let mut labels = BTreeMap::new();
    for event in events {
        if let EventKind::Feedback { of, verdict, .. } = &event.kind {
            match verdict.as_str() {
                "frustrated" => labels.insert(*of, true),
                "not_frustrated" => labels.insert(*of, false),
                _ => None,
            };
        }
    }
    labels
}

fn write_line(out: &mut dyn Write, line: &impl Serialize) -> Result<(), LogError> {
    let fault = |why: String| LogError::Storage { doing: "write the export", why };
    serde_json::to_writer(&mut *out, line).map_err(|error| fault(error.to_string()))?;
    out.write_all(b"\n").map_err(|error| fault(error.to_string()))
}
