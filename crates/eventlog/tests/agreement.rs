//! The two logs give the same answers to the same calls, whatever was flushed, reopened or read from elsewhere.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod traffic;

use conversation::{Cid, ConversationId, CustomerId, Event, EventKind};
use eventlog::{EventLog, Follower, History, SimDisk, SimLog, SqliteLog, SqliteReader};
use std::path::Path;
use traffic::Traffic;

/// Every question, with answers in words.
fn answers(log: &dyn History, traffic: &mut Traffic) -> Vec<String> {
    let mut all = vec![
        format!("{:?}", log.last_position()),
        format!("{:?}", log.open_conversations()),
        format!("{:?}", log.read_from(traffic.draw(200), 7)),
        format!("{:?}", log.read(ConversationId(12), 0)),
        format!("{:?}", log.between(0, u64::MAX, 1_000)),
        format!("{:?}", log.between(traffic.now - 2_000, traffic.now - 500, 5)),
    ];
    let ids: Vec<ConversationId> = traffic.states.keys().copied().collect();
    for _ in 0..4 {
        let id = ids[traffic.draw(ids.len() as u64) as usize];
        let events = log.read(id, traffic.draw(5)).unwrap();
        let cid = events.iter().find_map(|event| event.cid.clone());
        all.push(format!("{events:?} {:?}", log.summary(id)));
        all.push(format!("{:?}", log.seq_of(id, &cid.unwrap_or(Cid::new("c-none").unwrap()))));
        let customer = CustomerId::new(&format!("id-{}@example.org", traffic.draw(20))).unwrap();
        all.push(format!("{:?}", log.of_customer(&customer, traffic.now - traffic.draw(3_000), 3)));
    }
    all
}

/// A batch that must be refused: one of its events is moved, repeated or unreadable.
fn spoil(batch: &mut [Event], before: &[Event], traffic: &mut Traffic) {
    let place = traffic.draw(batch.len() as u64) as usize;
    match traffic.draw(4) {
        0 => batch[place].seq += 1,
        1 => batch[place].seq -= 1,
        2 => {
            if let EventKind::Analyzed { frustration, .. } = &mut batch[place].kind {
                *frustration = f32::NAN;
            } else {
                batch[place].seq += 7;
            }
        }
        _ => {
            let known = before.iter().rev().find(|event| {
                event.cid.is_some() && batch.iter().any(|other| other.conversation == event.conversation)
            });
            match known {
                Some(known) => {
                    let again = batch.iter_mut().find(|event| event.conversation == known.conversation);
                    again.unwrap().cid.clone_from(&known.cid);
                }
                None => batch[place].seq = 99_999,
            }
        }
    }
}

struct Embedded {
    log: SqliteLog,
    follower: Follower,
    beside: SqliteReader,
}

fn open(folder: &Path) -> Embedded {
    let (log, _) = SqliteLog::open(folder, "life").unwrap();
    Embedded { follower: log.follower().unwrap(), beside: log.reader().unwrap(), log }
}

fn run(seed: u64, rounds: usize) {
    let dir = traffic::folder();
    let disk = SimDisk::new();
    let mut embedded = open(dir.path());
    let (mut simulated, _) = SimLog::open(&disk, "life").unwrap();
    let mut traffic = Traffic::new(seed, 12);
    let mut all: Vec<Event> = Vec::new();
    for _ in 0..rounds {
        let count = 1 + traffic.draw(12) as usize;
        let batch = traffic.batch(count);
        if traffic.draw(3) == 0 {
            let mut spoilt = batch.clone();
            spoil(&mut spoilt, &all, &mut traffic);
            let refused = embedded.log.append(&spoilt);
            assert_eq!(refused, simulated.append(&spoilt), "seed {seed}");
            assert!(refused.unwrap_err().is_refusal(), "seed {seed}");
        }
        let position = embedded.log.append(&batch).unwrap();
        assert_eq!(simulated.append(&batch), Ok(position), "seed {seed}");
        all.extend(batch);
        match traffic.draw(8) {
            0 => drop(embedded.follower.step().unwrap()),
            1 => embedded.follower.catch_up().unwrap(),
            2 => {
                drop(embedded);
                embedded = open(dir.path());
                simulated = SimLog::open(&disk, "other").unwrap().0;
            }
            3 => {
                // Killed: what it had in memory is lost; the folder is as it was at that moment.
                let killed = traffic::folder();
                traffic::copy(dir.path(), killed.path());
                let (log, opened) = SqliteLog::open(killed.path(), "life").unwrap();
                assert!(!opened.clean && opened.repaired.is_empty(), "seed {seed}: {opened:?}");
                assert_eq!(log.last_position(), Ok(position), "seed {seed}");
                assert_eq!(log.between(0, u64::MAX, 99), simulated.between(0, u64::MAX, 99), "seed {seed}");
            }
            _ => {}
        }
        let same = traffic.draw(u64::MAX);
        let ask = |log: &dyn History, traffic: &mut Traffic| {
            let mut again = Traffic::new(same, 1);
            again.now = traffic.now;
            again.states.clone_from(&traffic.states);
            answers(log, &mut again)
        };
        let expected = ask(&simulated, &mut traffic);
        assert_eq!(ask(&embedded.log, &mut traffic), expected, "the log, seed {seed}");
        assert_eq!(ask(&embedded.beside, &mut traffic), expected, "a reader beside it, seed {seed}");
        if traffic.draw(4) == 0 {
            let elsewhere = SqliteReader::open(dir.path()).unwrap();
            assert_eq!(ask(&elsewhere, &mut traffic), expected, "a reader elsewhere, seed {seed}");
        }
    }
    embedded.follower.catch_up().unwrap();
    for words in ["commande", "troisieme FOIS", "ete", "rappeler 0601", "gentil", "absent", "\"* OR (", ""] {
        assert_eq!(embedded.log.search(words, 30), simulated.search(words, 30), "{words}, seed {seed}");
    }
    assert!(!embedded.log.search("été", 5).unwrap().is_empty(), "seed {seed}");
    let verified = embedded.beside.verify().unwrap();
    assert!(verified.is_sound(), "seed {seed}: {:?}", verified.problems);
    assert_eq!((verified.events, verified.conversations), (all.len() as u64, traffic.states.len() as u64));
    for (id, state) in &traffic.states {
        let summary = embedded.log.summary(*id).unwrap().unwrap();
        assert_eq!((summary.owner.as_str(), summary.peak), (state.owner.word(), state.peak), "seed {seed}");
    }
}

#[test]
fn both_logs_give_the_same_answers() {
    for seed in 0..6 {
        run(seed, 60);
    }
}
