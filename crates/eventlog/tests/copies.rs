//! Copies while the log is appended to, folders restored from them, formats, and what is handed out.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod traffic;

use conversation::{
    AdvisorId, Author, Cid, ConversationId, CustomerId, Event, EventKind, Lang, Signal, SiteId,
};
use eventlog::accounts::{Account, Accounts, Role, secret};
use eventlog::sqlite::restore;
use eventlog::{EventLog, History, LogError, SqliteLog, SqliteReader, export};
use proptest::prelude::*;
use traffic::Traffic;

#[test]
fn a_copy_made_under_load_is_one_moment_and_restores_as_a_new_life() {
    let dir = tempfile::tempdir().unwrap();
    let (data, copy, restored) =
        (dir.path().join("data"), dir.path().join("copy"), dir.path().join("restored"));
    let (mut log, _) = SqliteLog::open(&data, "life").unwrap();
    let accounts = Accounts::open(&data).unwrap();
    let ines = Account::new(AdvisorId::new("ines").unwrap(), "Inès", Role::Supervisor);
    accounts.add(&ines).unwrap();
    secret(&data, "customers", [9; 32]).unwrap();
    let mut traffic = Traffic::new(3, 20);
    log.append(&traffic.batch(2_000)).unwrap();
    let reader = log.reader().unwrap();
    // The copy is made on this thread while another appends whole tens.
    let (copied, log) = std::thread::scope(|scope| {
        let appending = scope.spawn(move || {
            for _ in 0..100 {
                log.append(&traffic.batch(10)).unwrap();
            }
            log
        });
        let copied = reader.backup(&copy).unwrap();
        (copied, appending.join().unwrap())
    });
    assert!((2_000..=3_000).contains(&copied) && copied % 10 == 0, "{copied}");
    assert!(matches!(reader.backup(&copy), Err(LogError::Folder { .. })), "a copy is never written over");
    assert_eq!(restore(&copy, &restored, "life-2").unwrap(), copied);
    assert!(restore(&copy, &restored, "life-3").unwrap_err().to_string().contains("already"));
    let (again, opened) = SqliteLog::open(&restored, "unused").unwrap();
    assert_eq!((again.epoch(), opened.events, opened.clean), ("life-2", copied, true));
    assert_eq!(again.read_from(1, 5_000).unwrap(), log.read_from(1, copied as usize).unwrap());
    assert!(again.reader().unwrap().verify().unwrap().is_sound());
    assert_eq!(Accounts::open(&restored).unwrap().list().unwrap(), [ines]);
    assert_eq!(secret(&restored, "customers", [1; 32]).unwrap(), [9; 32]);
}

#[test]
fn the_first_formats_file_opens_and_a_newer_one_is_refused_with_a_sentence() {
    let dir = tempfile::tempdir().unwrap();
    let fixture = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/log-format-1.sqlite");
    std::fs::copy(fixture, dir.path().join("log.db")).unwrap();
    let (log, opened) = SqliteLog::open(dir.path(), "other").unwrap();
    assert_eq!((log.epoch(), opened.events), ("fixture", 120));
    let found: Vec<Event> = log.read_from(1, 999).unwrap().into_iter().map(|(_, event)| event).collect();
    assert_eq!(found, Traffic::new(1, 6).batch(120), "every event reads as it was written");
    assert!(log.reader().unwrap().verify().unwrap().is_sound());
    drop(log);
    let raw = rusqlite::Connection::open(dir.path().join("log.db")).unwrap();
    raw.pragma_update(None, "user_version", 2).unwrap();
    drop(raw);
    let path = dir.path().join("log.db");
    let newer = LogError::Newer { path, found: 2, known: 1 };
    assert_eq!(SqliteLog::open(dir.path(), "other").unwrap_err(), newer);
    assert_eq!(SqliteReader::open(dir.path()).unwrap_err(), newer);
    assert!(newer.to_string().contains("has format 2, this version of Relais knows formats up to 1"));
}

/// Writes the fixture of format 1: only ever once, by hand.
#[test]
#[ignore = "the file is written once; it must never change"]
fn write_the_first_formats_file() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "fixture").unwrap();
    log.append(&Traffic::new(1, 6).batch(120)).unwrap();
    drop(log);
    let to = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/log-format-1.sqlite");
    std::fs::copy(dir.path().join("log.db"), to).unwrap();
}

#[test]
fn a_file_that_is_no_log_is_refused_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("log.db");
    for (bytes, why) in
        [(b"not a database at all".to_vec(), "not an SQLite file"), (other(), "no version of ours")]
    {
        std::fs::write(&path, &bytes).unwrap();
        let refused = SqliteLog::open(dir.path(), "life").unwrap_err().to_string();
        assert!(refused.contains("log.db") && refused.contains(why), "{refused}");
    }
    let file = dir.path().join("a file");
    std::fs::write(&file, "x").unwrap();
    assert!(SqliteLog::open(&file, "life").unwrap_err().to_string().contains("a file"));
}

/// Somebody else's file.
fn other() -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("other");
    let raw = rusqlite::Connection::open(&path).unwrap();
    raw.execute_batch("CREATE TABLE theirs (x)").unwrap();
    drop(raw);
    std::fs::read(path).unwrap()
}

#[test]
fn a_read_only_folder_is_named() {
    use std::os::unix::fs::PermissionsExt;
    let dir = tempfile::tempdir().unwrap();
    let mode = |mode| std::fs::set_permissions(dir.path(), std::fs::Permissions::from_mode(mode)).unwrap();
    mode(0o500);
    // Root may write everywhere; there is nothing to see then.
    if std::fs::write(dir.path().join("probe"), "x").is_err() {
        let refused = SqliteLog::open(dir.path(), "life").unwrap_err().to_string();
        assert!(refused.contains(dir.path().to_str().unwrap()), "{refused}");
    }
    mode(0o700);
}

fn said(seq: u64, from: Author, text: &str) -> Event {
    let kind = EventKind::Message { from, name: None, advisor: None, text: text.into(), choices: vec![] };
    Event { conversation: ConversationId(7), seq, at: 100 + seq, cid: None, kind }
}

#[test]
fn conversations_are_exported_as_the_analyzer_reads_them_with_what_advisors_said() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    let verdict = |seq, of, verdict: &str| {
        let advisor = AdvisorId::new("ines").unwrap();
        let kind = EventKind::Feedback { advisor, of, verdict: verdict.into(), span: None, note: None };
        Event { conversation: ConversationId(7), seq, at: 0, cid: None, kind }
    };
    let opened = EventKind::Opened {
        site: SiteId::new("demo").unwrap(),
        lang: Lang::new("fr").unwrap(),
        customer: CustomerId::new("anon-1").unwrap(),
        profile: None,
        page: None,
    };
    log.append(&[
        Event { conversation: ConversationId(7), seq: 1, at: 100, cid: None, kind: opened },
        said(2, Author::Customer, "Où est ma commande ?"),
        said(3, Author::Bot, "Quel numéro ?"),
        said(4, Author::Customer, "C’est la troisième fois !"),
        said(5, Author::System, "Inès arrive."),
        said(6, Author::Advisor, "Je m’en occupe."),
        said(7, Author::Customer, "Merci…"),
        verdict(8, 4, "not_frustrated"),
        verdict(9, 4, "frustrated"),
        verdict(10, 7, "wrong_reason"),
    ])
    .unwrap();
    for which in [
        export::Which::All,
        export::Which::Conversation(ConversationId(7)),
        export::Which::Customer(CustomerId::new("anon-1").unwrap()),
        export::Which::Between(100, 101),
    ] {
        let mut out = Vec::new();
        assert_eq!(export::conversations(&log, &which, &mut out).unwrap(), 1);
        let line: serde_json::Value = serde_json::from_slice(&out).unwrap();
        let expected = serde_json::json!({"id": "0000000000000007", "customer": "anon-1", "lang": "fr", "turns": [
            {"role": "customer", "text": "Où est ma commande ?", "at_ms": 102},
            {"role": "bot", "text": "Quel numéro ?", "at_ms": 103},
            {"role": "customer", "text": "C’est la troisième fois !", "at_ms": 104, "frustrated": true},
            {"role": "advisor", "text": "Je m’en occupe.", "at_ms": 106},
            {"role": "customer", "text": "Merci…", "at_ms": 107}
        ]});
        assert_eq!(line, expected);
    }
}

/// Law 4: what is read is what was decided, to the last digit and the last character.
#[test]
fn texts_and_numbers_come_back_exactly() {
    let dir = traffic::folder();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    let mut traffic = Traffic::new(1, 100_000);
    let finite = any::<f32>().prop_filter("finite", |score| score.is_finite());
    let cases = (
        any::<String>(),
        "[ -~é\u{1f}]{1,64}",
        prop::collection::vec(finite, 3),
        any::<f64>().prop_filter("finite", |number| number.is_finite()),
    );
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig::with_cases(500));
    let log = std::cell::RefCell::new(&mut log);
    let traffic = std::cell::RefCell::new(&mut traffic);
    let run = |(text, cid, scores, memory): (String, String, Vec<f32>, f64)| {
        let (mut log, mut traffic) = (log.borrow_mut(), traffic.borrow_mut());
        let first = traffic.opened();
        let event = |seq, cid, kind| Event { conversation: first.conversation, seq, at: 1, cid, kind };
        let (name, choices) = (Some(text.clone()), vec![text.clone()]);
        let said =
            EventKind::Message { from: Author::Customer, name, advisor: None, text: text.clone(), choices };
        let signals = vec![Signal { kind: text.clone(), weight: scores[2], start: 0, end: 1 }];
        let (frustration, trend, model) = (scores[0], scores[1], text.clone());
        let heard = EventKind::Analyzed { of: 2, frustration, trend, model, signals };
        let moved = EventKind::BotMoved { memory: serde_json::json!({ "x": memory, "t": text }) };
        let cid = Cid::new(&cid).unwrap();
        let batch = vec![
            first.clone(),
            event(2, Some(cid.clone()), said),
            event(3, None, heard),
            event(4, None, moved),
        ];
        log.append(&batch).unwrap();
        prop_assert_eq!(log.read(first.conversation, 0).unwrap(), batch);
        prop_assert_eq!(log.seq_of(first.conversation, &cid).unwrap(), Some(2));
        Ok(())
    };
    runner.run(&cases, run).unwrap();
}
