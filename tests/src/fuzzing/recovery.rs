//! A data folder as a kill leaves it, then damaged: nothing comes back that was never written, and what is missing is
//! found by a check.
//!
//! An input is a list of damages of eight bytes: which file, what to do, where, and with what.

use super::configuration::in_memory;
use conversation::{Author, Cid, ConversationId, CustomerId, Event, EventKind, Lang, SiteId};
use eventlog::{EventLog, History, SqliteLog};
use std::fs;
use std::path::Path;
use std::sync::OnceLock;
use tempfile::TempDir;

const FILES: [&str; 4] = ["log.db", "log.db-wal", "index.db", "search.db"];
/// Damages of one input.
const DAMAGES: usize = 6;
/// Conversations, and events of each.
const CONVERSATIONS: u64 = 4;
const EVENTS: u64 = 12;

/// What was written, and the files with it.
struct Kept {
    events: Vec<Event>,
    files: Vec<(String, Vec<u8>)>,
}

pub fn run(input: &[u8]) {
    static KEPT: OnceLock<Kept> = OnceLock::new();
    let kept = KEPT.get_or_init(kept);
    let folder = in_memory();
    for (name, bytes) in &kept.files {
        fs::write(folder.path().join(name), bytes).expect("a file");
    }
    for damage in input.chunks_exact(8).take(DAMAGES) {
        let name = FILES[usize::from(damage[0]) % FILES.len()];
        let path = folder.path().join(name);
        let mut bytes = fs::read(&path).expect("a file");
        harm(&mut bytes, damage);
        fs::write(&path, bytes).expect("a file");
    }
    look(folder.path(), kept);
}

fn harm(bytes: &mut Vec<u8>, damage: &[u8]) {
    if bytes.is_empty() {
        return;
    }
    let number = u32::from_le_bytes([damage[2], damage[3], damage[4], damage[5]]) as usize;
    let at = number % bytes.len();
    let length = (usize::from(damage[7]) * 16).clamp(1, bytes.len() - at);
    match damage[1] % 6 {
        0 => bytes.truncate(at),
        1 => bytes[at] ^= damage[6].max(1),
        2 => bytes[at] = damage[6],
        3 => bytes[at..at + length].fill(damage[6]),
        4 => drop(bytes.drain(at..at + length)),
        _ => {
            let again = bytes[at..at + length].to_vec();
            let to = (at + 4_096).min(bytes.len() - length);
            bytes[to..to + length].copy_from_slice(&again);
        }
    }
}

fn look(folder: &Path, kept: &Kept) {
    let (mut log, _) = match SqliteLog::open(folder, "other") {
        Ok(opened) => opened,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return;
        }
    };
    // A log whose head was lost begins a new life; what it has is nobody's.
    let fresh = log.epoch() != "life";
    let mut whole = 0;
    for (place, event) in kept.events.iter().enumerate() {
        if let Ok(found) = log.read_from(place as u64 + 1, 1)
            && let Some((position, found)) = found.first()
            && *position == place as u64 + 1
        {
            assert_eq!(found, event, "an event that was never written");
            whole += 1;
        }
        if let Ok(found) = log.read(event.conversation, event.seq - 1) {
            assert!(found.first().is_none_or(|found| found == event), "an event that was never written");
        }
    }
    let last = log.last_position().unwrap_or(0);
    let sound = log.reader().and_then(|reader| reader.verify()).is_ok_and(|verified| verified.is_sound());
    if sound && !fresh {
        assert_eq!(whole, last, "a sound log has every event up to its last");
        // It takes what comes next, and has it.
        let next = next(kept, &log);
        if let Ok(position) = log.append(std::slice::from_ref(&next)) {
            assert_eq!(log.read_from(position, 1), Ok(vec![(position, next)]));
        }
    }
    if let Ok(mut follower) = log.follower() {
        let _ = follower.catch_up();
    }
    let _ = log.search("commande", 5);
}

/// A fresh conversation's first event.
fn next(kept: &Kept, log: &SqliteLog) -> Event {
    let id = ConversationId(kept.events.len() as u64 + 1_000 + log.last_position().unwrap_or(0));
    opened(id)
}

fn opened(conversation: ConversationId) -> Event {
    let kind = EventKind::Opened {
        site: SiteId::new("demo").expect("a name"),
        lang: Lang::new("fr").expect("a language"),
        customer: CustomerId::new(&format!("anon-{conversation}")).expect("a name"),
        profile: None,
        page: None,
    };
    Event { conversation, seq: 1, at: 1_700_000_000_000, cid: None, kind }
}

fn kept() -> Kept {
    let mut events = Vec::new();
    for seq in 1..=EVENTS {
        for id in 1..=CONVERSATIONS {
            let conversation = ConversationId(id << 40 | 7);
            if seq == 1 {
                events.push(opened(conversation));
                continue;
            }
            let text = format!("Où est ma commande {seq} ? {}", "encore ".repeat((id * seq) as usize));
            let kind = EventKind::Message {
                from: Author::Customer,
                name: None,
                advisor: None,
                text,
                choices: vec![],
            };
            let cid = Cid::new(&format!("c{seq}")).ok();
            events.push(Event { conversation, seq, at: 1_700_000_000_000 + seq, cid, kind });
        }
    }
    let folder: TempDir = in_memory();
    let write = |part: &[Event]| {
        let (mut log, _) = SqliteLog::open(folder.path(), "life").expect("a log");
        for batch in part.chunks(3) {
            log.append(batch).expect("room");
        }
        log
    };
    let (first, second) = events.split_at(events.len() / 2);
    let log = write(first);
    log.follower().and_then(|mut follower| follower.catch_up()).expect("a follower");
    drop(log);
    let log = write(second);
    let mut files = Vec::new();
    for name in FILES {
        let mut bytes = fs::read(folder.path().join(name)).expect("a file");
        // Of the room that the journal has, a little is enough.
        let used = bytes.iter().rposition(|byte| *byte != 0).map_or(0, |last| last + 1);
        if name.ends_with("-wal") {
            bytes.truncate(used + 64);
        }
        files.push((name.to_owned(), bytes));
    }
    drop(log);
    Kept { events, files }
}
