//! Files that are cut off or have flipped bits: what comes back is what was written, or is said to be damaged.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod traffic;

use conversation::Event;
use eventlog::{EventLog, History, SimDisk, SimLog, SqliteLog};
use std::path::Path;
use traffic::Traffic;

/// What became of a folder with damage: how many events came back, and whether anybody was told.
fn look(folder: &Path, written: &[Event], what: &str) -> (usize, bool) {
    let (log, opened) = match SqliteLog::open(folder, "other") {
        Ok(opened) => opened,
        Err(error) => {
            assert!(!error.to_string().is_empty());
            return (0, true);
        }
    };
    let mut told = !opened.repaired.is_empty() || log.epoch() != "life";
    let mut whole = 0;
    for (place, event) in written.iter().enumerate() {
        match log.read_from(place as u64 + 1, 1).as_deref() {
            Ok([(position, found)]) if *position == place as u64 + 1 => {
                assert_eq!(found, event, "{what}: an event that was never written");
                whole += 1;
            }
            Ok(_) => {}
            Err(_) => told = true,
        }
        // By conversation, too: nothing else may come back, and no panic.
        match log.read(event.conversation, event.seq - 1) {
            Ok(found) => assert!(found.first().is_none_or(|found| found == event), "{what}"),
            Err(_) => told = true,
        }
    }
    if whole < written.len() && !told {
        let verified = log.reader().unwrap().verify();
        told = verified.map_or(true, |verified| !verified.is_sound());
    }
    (whole, told)
}

/// A folder as a kill leaves it: 40 events in the file, 20 more in its journal. The files' lengths come along.
fn folder() -> (tempfile::TempDir, Vec<Event>) {
    let dir = traffic::folder();
    let mut traffic = Traffic::new(5, 4);
    let written = traffic.batch(60);
    let live = dir.path().join("live");
    let (mut log, _) = SqliteLog::open(&live, "life").unwrap();
    log.append(&written[..40]).unwrap();
    drop(log);
    let (mut log, _) = SqliteLog::open(&live, "life").unwrap();
    for batch in written[40..].chunks(5) {
        log.append(batch).unwrap();
    }
    traffic::copy(&live, &dir.path().join("killed"));
    drop(log);
    (dir, written)
}

fn damage(file: &str, step: usize, damage: impl Fn(&mut Vec<u8>, usize)) -> (usize, usize) {
    let (dir, written) = folder();
    let killed = dir.path().join("killed");
    let bytes = std::fs::read(killed.join(file)).unwrap();
    // What follows in the journal is room.
    let used = bytes.iter().rposition(|byte| *byte != 0).unwrap() + 1;
    let (mut tried, mut lost) = (0, 0);
    // Not from 0 on: a journal that is not there at all, or ends with a whole batch, cannot be told from a shorter one.
    for at in (1..used).step_by(step) {
        let copy = dir.path().join("copy");
        traffic::copy(&killed, &copy);
        let mut damaged = bytes.clone();
        damage(&mut damaged, at);
        std::fs::write(copy.join(file), &damaged).unwrap();
        let what = format!("{file} at {at}");
        let (whole, told) = look(&copy, &written, &what);
        assert!(
            whole == written.len() || told,
            "{what}: {} events lost, and nobody was told",
            written.len() - whole
        );
        lost += usize::from(whole < written.len());
        tried += 1;
        std::fs::remove_dir_all(&copy).unwrap();
    }
    (tried, lost)
}

fn flip(bytes: &mut [u8], at: usize) {
    bytes[at] ^= 0x41;
}

#[test]
fn flipped_bits_in_the_log_are_noticed() {
    let (tried, lost) = damage("log.db", 131, |bytes, at| flip(bytes, at));
    assert!(tried >= 100 && lost > 0, "{tried} {lost}");
}

#[test]
fn flipped_bits_in_the_journal_are_noticed() {
    let (tried, lost) = damage("log.db-wal", 331, |bytes, at| flip(bytes, at));
    assert!(tried >= 100 && lost > 0, "{tried} {lost}");
}

#[test]
fn a_journal_cut_off_anywhere_gives_whole_batches_and_a_sentence() {
    let (tried, lost) = damage("log.db-wal", 331, |bytes, at| bytes.truncate(at));
    assert!(tried >= 100 && lost > 0, "{tried} {lost}");
}

#[test]
fn a_log_cut_off_anywhere_is_noticed() {
    damage("log.db", 1_021, |bytes, at| bytes.truncate(at));
}

#[test]
fn a_damaged_index_or_search_is_built_anew_or_told() {
    for file in ["index.db", "search.db"] {
        damage(file, 997, |bytes, at| flip(bytes, at));
        damage(file, 4_099, |bytes, at| bytes.truncate(at));
    }
}

#[test]
fn the_simulated_log_notices_every_flip_and_every_cut() {
    let mut traffic = Traffic::new(5, 4);
    let written = traffic.batch(20);
    let fill = || {
        let disk = SimDisk::new();
        let (mut log, _) = SimLog::open(&disk, "life").unwrap();
        for batch in written.chunks(5) {
            log.append(batch).unwrap();
        }
        disk
    };
    let length = fill().len();
    for at in (0..length).step_by(7) {
        for cut in [false, true] {
            let disk = fill();
            if cut {
                disk.truncate(at)
            } else {
                disk.flip(at, 0x41)
            }
            let Ok((log, opened)) = SimLog::open(&disk, "other") else { continue };
            let found: Vec<Event> =
                log.read_from(1, 99).unwrap().into_iter().map(|(_, event)| event).collect();
            assert_eq!(found, written[..found.len()], "at {at}");
            assert_eq!(found.len() % 5, 0, "whole batches");
            let told = !opened.repaired.is_empty() || found.len() == written.len() || log.epoch() == "other";
            // A cut between two records is no damage that a log can see.
            assert!(told || cut, "at {at}");
        }
    }
}
