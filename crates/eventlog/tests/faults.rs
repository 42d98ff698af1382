//! Kills, full disks, failed writes: on the real file system with a real process, and on the simulated disk.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test says what went wrong by panicking")]

mod traffic;

use conversation::Event;
use eventlog::{EventLog, History, LogError, SimDisk, SimLog, SqliteLog};
use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use traffic::Traffic;

/// The seed and folder of a child process; set by [`child`] alone.
const FOLDER: &str = "RELAIS_EVENTLOG_CHILD_FOLDER";
const SEED: &str = "RELAIS_EVENTLOG_CHILD_SEED";

/// Not a test of its own: what the child processes of the tests below run. Appends, and prints the position of every
/// acknowledged batch, until it is killed, refused, or has written 20,000 events.
#[test]
fn appending_child() {
    let (Ok(folder), Ok(seed)) = (std::env::var(FOLDER), std::env::var(SEED)) else { return };
    let (mut log, opened) = SqliteLog::open(folder.as_ref(), "life").unwrap();
    let mut follower = log.follower().unwrap();
    let mut traffic = Traffic::new(seed.parse().unwrap(), 30);
    // The same seed: what was written before is passed over.
    drop(traffic.batch(opened.events as usize));
    let mut sizes = Traffic::new(opened.events, 1);
    println!("opened {} {:?}", opened.events, opened.repaired);
    while log.last_position().unwrap() < 20_000 {
        match log.append(&traffic.batch(1 + sizes.draw(40) as usize)) {
            Ok(position) => println!("ack {position}"),
            Err(error) => {
                let again = log.append(&Traffic::new(99, 1).batch(1));
                println!("refused {error:?}");
                println!("then {again:?}");
                return;
            }
        }
        if sizes.draw(10) == 0 {
            let _ = if sizes.draw(2) == 0 { follower.step().map(drop) } else { follower.catch_up() };
        }
    }
}

/// A shell, so that limits can be set; `exec`, so that the process is the one that is killed.
fn child(before: &str, folder: &std::path::Path, seed: u64) -> Command {
    let mut command = Command::new("sh");
    command
        .arg("-c")
        .arg(format!("{before} exec \"$0\" --exact appending_child --nocapture"))
        .arg(std::env::current_exe().unwrap())
        .env(FOLDER, folder)
        .env(SEED, seed.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    let dir = tempfile::tempdir().unwrap();
    let seed = 77;
    let mut chance = Traffic::new(5, 1);
    let (mut acknowledged, mut kills) = (0_u64, 0);
    for _ in 0..25 {
        let mut process = child("", dir.path(), seed).spawn().unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let kill_after = 1 + chance.draw(60);
        let mut acks = 0;
        for line in lines.map_while(Result::ok) {
            if let Some(events) = line.strip_prefix("opened ") {
                let (events, repaired) = events.split_once(' ').unwrap();
                assert!(events.parse::<u64>().unwrap() >= acknowledged, "an acknowledged event is missing");
                assert!(repaired == "[]" || repaired.contains("cut off"), "{repaired}");
            }
            if let Some(position) = line.strip_prefix("ack ") {
                acknowledged = position.parse().unwrap();
                acks += 1;
                if acks == kill_after {
                    // What it says after the signal counts as well.
                    process.kill().unwrap();
                    kills += 1;
                }
            }
        }
        process.wait().unwrap();
    }
    assert!(kills > 15, "{kills}");
    let (log, opened) = SqliteLog::open(dir.path(), "other").unwrap();
    assert!(opened.events >= acknowledged && acknowledged > 1_000, "{} {acknowledged}", opened.events);
    let expected = Traffic::new(seed, 30).batch(opened.events as usize);
    let found: Vec<Event> =
        log.read_from(1, usize::MAX).unwrap().into_iter().map(|(_, event)| event).collect();
    assert_eq!(found.len(), expected.len());
    assert!(found == expected, "nothing twice, nothing in another order");
    assert!(log.reader().unwrap().verify().unwrap().is_sound());
}

#[test]
fn after_a_failed_write_nothing_more_is_accepted_until_the_log_is_opened_anew() {
    let dir = tempfile::tempdir().unwrap();
    // Files may not grow beyond 512 KiB: a write fails, as on a disk that breaks.
    let output = child("trap '' XFSZ; ulimit -f 1024;", dir.path(), 7).output().unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let acknowledged: u64 =
        said.lines().filter_map(|line| line.strip_prefix("ack ")).next_back().unwrap().parse().unwrap();
    let refused = said.lines().find(|line| line.starts_with("refused ")).unwrap();
    assert!(refused.contains("Storage") && acknowledged > 100, "{refused}");
    assert!(said.lines().any(|line| line.starts_with("then Err(Poisoned")), "{said}");
    let (mut log, opened) = SqliteLog::open(dir.path(), "other").unwrap();
    assert!(!opened.clean && opened.events >= acknowledged);
    let mut traffic = Traffic::new(7, 30);
    drop(traffic.batch(opened.events as usize));
    log.append(&traffic.batch(100)).unwrap();
    assert!(log.reader().unwrap().verify().unwrap().is_sound());
}

#[test]
fn one_process_has_the_folder_and_the_second_is_told_its_pid() {
    let dir = tempfile::tempdir().unwrap();
    let _log = SqliteLog::open(dir.path(), "life").unwrap();
    let output = child("", dir.path(), 7).stderr(Stdio::piped()).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("InUse") && said.contains(&std::process::id().to_string()), "{said}");
}

#[test]
fn the_simulated_disk_loses_only_what_was_not_acknowledged() {
    let mut traffic = Traffic::new(31, 8);
    let disk = SimDisk::new();
    let (mut log, _) = SimLog::open(&disk, "life").unwrap();
    let mut acknowledged: Vec<Event> = Vec::new();
    let (mut torn, mut kept, mut lost) = (0, 0, 0);
    for round in 0..600 {
        let count = 1 + traffic.draw(6) as usize;
        let before = traffic.states.clone();
        let batch = traffic.batch(count);
        let fault = traffic.draw(6);
        match fault {
            0 => disk.fail_syncs(1),
            1 => disk.fail_writes(1),
            2 => disk.set_room(Some(disk.len() + 10)),
            _ => {}
        }
        let result = log.append(&batch);
        disk.set_room(None);
        if fault == 2 {
            assert!(matches!(result, Err(LogError::Full { .. })), "{result:?}");
            assert_eq!(
                log.append(&batch),
                Ok(acknowledged.len() as u64 + count as u64),
                "there is room again"
            );
            acknowledged.extend(batch);
            continue;
        }
        if result.is_ok() {
            acknowledged.extend(batch);
            if traffic.draw(10) > 0 {
                continue;
            }
        } else {
            assert!(matches!(log.append(&batch), Err(LogError::Poisoned { .. })), "round {round}");
        }
        // The power fails, or the process alone ends.
        if traffic.draw(3) > 0 {
            disk.crash(traffic.draw(u64::MAX));
        }
        let (again, opened) = SimLog::open(&disk, "other").unwrap();
        assert_eq!(again.epoch(), "life");
        let found: Vec<Event> = again.read_from(1, usize::MAX).unwrap().into_iter().map(|(_, e)| e).collect();
        assert_eq!(found[..acknowledged.len()], acknowledged, "round {round}");
        // A batch that nobody was told of is there whole, or not at all.
        let rest = found.len() - acknowledged.len();
        torn += usize::from(!opened.repaired.is_empty());
        if rest > 0 {
            assert_eq!(rest, count, "round {round}");
            kept += 1;
            acknowledged = found;
        } else if fault < 2 {
            lost += 1;
            // What the disk does not have never happened.
            let draws = traffic.draw(u64::MAX);
            let now = traffic.now;
            traffic = Traffic::new(draws, 8);
            traffic.now = now;
            traffic.resume(before);
        }
        log = again;
    }
    assert!(torn > 10 && kept > 5 && lost > 10, "torn {torn}, kept {kept}, lost {lost}");
}
