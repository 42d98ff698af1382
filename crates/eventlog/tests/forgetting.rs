//! Forgetting a person reaches every file, and what stays is a sound log.
#![allow(clippy::unwrap_used, reason = "a test says what went wrong by panicking")]

mod traffic;

use conversation::{CustomerId, EventKind};
use eventlog::sqlite::restore;
use eventlog::{EventLog, History, SqliteLog, export};
use std::path::{Path, PathBuf};
use traffic::Traffic;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { all.extend(files(&path)) } else { all.push(path) }
    }
    all
}

/// Files in which the bytes stand, without regard to case.
fn holding(folder: &Path, text: &str) -> Vec<PathBuf> {
    let text = text.to_lowercase();
    let holds = |path: &PathBuf| {
        let bytes = std::fs::read(path).unwrap().to_ascii_lowercase();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files(folder).into_iter().filter(holds).collect()
}

const SECRET: &str = "Xyzzyplugh";

/// A log in which one customer says, is called and leaves the secret, among others.
fn filled(folder: &Path) -> (SqliteLog, CustomerId, Traffic) {
    let (mut log, _) = SqliteLog::open(folder, "life").unwrap();
    let mut traffic = Traffic::new(11, 12);
    let mut batch = traffic.batch(800);
    let them = CustomerId::new(&format!("id-{SECRET}@example.org")).unwrap();
    let (mut theirs, mut begun) = (Vec::new(), 0);
    for event in &mut batch {
        begun += usize::from(event.seq == 1);
        if let EventKind::Opened { customer, profile, page, .. } = &mut event.kind
            && begun % 5 == 2
        {
            *customer = them.clone();
            *profile = Some(serde_json::json!({ "name": SECRET }));
            *page = Some(serde_json::json!({ "url": format!("https://shop.example/?q={SECRET}") }));
            theirs.push(event.conversation);
        }
        if theirs.contains(&event.conversation) {
            match &mut event.kind {
                // Long enough for pages of overflow.
                EventKind::Message { text, .. } => *text = format!("{SECRET} ").repeat(900),
                EventKind::Note { text, .. } => *text = format!("appeler {SECRET}"),
                EventKind::BotMoved { memory } => *memory = serde_json::json!({ "name": SECRET }),
                EventKind::TransferRequested { reason, .. } => {
                    (reason.quote, reason.note) = (Some(SECRET.into()), Some(SECRET.into()));
                }
                EventKind::SurveyAnswered { survey } => survey.comment = Some(SECRET.into()),
                _ => {}
            }
        }
    }
    for batch in batch.chunks(50) {
        log.append(batch).unwrap();
    }
    assert!(theirs.len() > 1, "several conversations are theirs");
    (log, them, traffic)
}

#[test]
fn an_erased_person_is_in_no_file_and_the_log_is_sound() {
    let dir = traffic::folder();
    let (folder, copy) = (dir.path().join("data"), dir.path().join("copy"));
    let (mut log, them, mut traffic) = filled(&folder);
    let mut follower = log.follower().unwrap();
    follower.catch_up().unwrap();
    let reader = log.reader().unwrap();
    reader.backup(&copy).unwrap();
    let moved = dir.path().join("moved away");
    reader.backup(&dir.path().join("second")).unwrap();
    std::fs::rename(dir.path().join("second"), &moved).unwrap();
    assert!(!log.search(SECRET, 1).unwrap().is_empty() && !holding(&folder, SECRET).is_empty());
    assert!(!holding(&copy, SECRET).is_empty());
    let before: Vec<_> = log.of_customer(&them, u64::MAX, 99).unwrap();
    let mut person = Vec::new();
    assert!(export::person(&log, &them, &mut person).unwrap() > 0);
    assert!(String::from_utf8(person).unwrap().contains(SECRET));

    let forgotten = log.erase(&them).unwrap();
    assert_eq!(forgotten.conversations, before.len());
    assert_eq!(forgotten.copies, [copy.canonicalize().unwrap()]);
    assert_eq!(forgotten.unreached.len(), 1, "a copy that was moved is named");
    assert_eq!(holding(&folder, SECRET), Vec::<PathBuf>::new());
    assert_eq!(holding(&copy, SECRET), Vec::<PathBuf>::new());
    assert_eq!(log.search(SECRET, 9).unwrap(), []);
    assert_eq!(log.of_customer(&them, u64::MAX, 9).unwrap(), []);
    for summary in &before {
        let now = reader.summary(summary.conversation).unwrap().unwrap();
        assert_eq!((now.seq, now.peak, &now.owner), (summary.seq, summary.peak, &summary.owner));
        assert_eq!((now.customer.as_str(), now.first_words.as_str()), ("gone", ""));
    }
    let verified = reader.verify().unwrap();
    assert!(verified.is_sound(), "{:?}", verified.problems);
    let again = log.erase(&them).unwrap();
    assert_eq!((again.conversations, again.events), (0, 0));

    // It goes on, and nothing is built anew by the next start.
    log.append(&traffic.batch(50)).unwrap();
    follower.catch_up().unwrap();
    drop((reader, follower, log));
    let (log, opened) = SqliteLog::open(&folder, "other").unwrap();
    assert_eq!(opened.repaired, Vec::<String>::new());
    assert!(log.reader().unwrap().verify().unwrap().is_sound());
    let restored = dir.path().join("restored");
    restore(&copy, &restored, "life-2").unwrap();
    assert_eq!(holding(&restored, SECRET), Vec::<PathBuf>::new());
}

#[test]
fn who_is_erased_in_a_restored_folder_is_erased_in_the_copies_that_it_comes_from() {
    let dir = traffic::folder();
    let path = |name: &str| dir.path().join(name);
    let (log, them, _) = filled(&path("data"));
    let reader = log.reader().unwrap();
    reader.backup(&path("first")).unwrap();
    reader.backup(&path("second")).unwrap();
    drop((reader, log));
    restore(&path("second"), &path("restored"), "life-2").unwrap();
    let (mut log, _) = SqliteLog::open(&path("restored"), "unused").unwrap();
    let forgotten = log.erase(&them).unwrap();
    assert!(forgotten.conversations > 0 && forgotten.unreached.is_empty());
    for folder in ["restored", "first", "second"] {
        assert_eq!(holding(&path(folder), SECRET), Vec::<PathBuf>::new());
    }
}

#[test]
fn a_kill_in_the_middle_of_forgetting_leaves_nothing_derived_that_knows() {
    let dir = traffic::folder();
    let (log, them, _) = filled(dir.path());
    log.follower().unwrap().catch_up().unwrap();
    drop(log);
    let (index, search) = (dir.path().join("index.db"), dir.path().join("search.db"));
    let derived = [std::fs::read(&index).unwrap(), std::fs::read(&search).unwrap()];
    let (mut log, _) = SqliteLog::open(dir.path(), "other").unwrap();
    log.erase(&them).unwrap();
    drop(log);
    // As a kill right after the log's own commit leaves it: the derived files are those of before.
    std::fs::write(&index, &derived[0]).unwrap();
    std::fs::write(&search, &derived[1]).unwrap();
    let raw = rusqlite::Connection::open(dir.path().join("log.db")).unwrap();
    raw.execute("UPDATE meta SET value = 1 WHERE name = 'forgetting'", []).unwrap();
    drop(raw);
    let (log, _) = SqliteLog::open(dir.path(), "other").unwrap();
    log.follower().unwrap().catch_up().unwrap();
    assert_eq!(log.of_customer(&them, u64::MAX, 9).unwrap(), []);
    drop(log);
    assert_eq!(holding(dir.path(), SECRET), Vec::<PathBuf>::new());
}

#[test]
fn what_is_old_and_closed_is_forgotten_and_nothing_else() {
    let dir = traffic::folder();
    let (mut log, _, traffic) = filled(dir.path());
    let all = log.between(0, u64::MAX, usize::MAX).unwrap();
    let mut ends: Vec<u64> = all.iter().filter(|one| one.is_closed()).map(|one| one.last_at).collect();
    ends.sort_unstable();
    let middle = ends[ends.len() / 2];
    let forgotten = log.forget_before(middle).unwrap();
    assert!(forgotten.conversations > 2);
    assert_eq!(log.forget_before(middle).unwrap().conversations, 0, "once");
    for before in all {
        let now = log.summary(before.conversation).unwrap().unwrap();
        let old = before.is_closed() && before.last_at < middle && before.opened_at < middle;
        assert_eq!(now.customer.as_str() == "gone", old);
        assert_eq!(now.is_closed(), before.is_closed());
    }
    assert!(log.reader().unwrap().verify().unwrap().is_sound());
    let mut lines = Vec::new();
    let count = export::conversations(&log, &export::Which::All, &mut lines).unwrap();
    assert!(count < traffic.states.len(), "the forgotten have nothing to teach");
}

#[test]
fn what_is_old_is_forgotten_beside_the_one_who_appends() {
    let dir = traffic::folder();
    let (mut log, them, mut traffic) = filled(dir.path());
    let mut follower = log.follower().unwrap();
    follower.catch_up().unwrap();
    let before = traffic.now + 1;
    let closed = |log: &SqliteLog| {
        let all = log.between(0, u64::MAX, usize::MAX).unwrap();
        all.into_iter().filter(|one| one.is_closed()).map(|one| one.customer.to_string()).collect::<Vec<_>>()
    };
    let old = closed(&log).len();
    assert!(old > 5 && !holding(dir.path(), SECRET).is_empty());
    // One appends all the time, and is never refused.
    let (forgotten, log) = std::thread::scope(|scope| {
        let appending = scope.spawn(move || {
            for _ in 0..60 {
                log.append(&traffic.batch(5)).unwrap();
            }
            log
        });
        let mut forgotten = 0;
        loop {
            let step = follower.forget_before(before).unwrap();
            if step.conversations == 0 {
                break;
            }
            forgotten += step.conversations;
        }
        (forgotten, appending.join().unwrap())
    });
    assert!(forgotten >= old, "{forgotten} of {old}");
    follower.catch_up().unwrap();
    for one in log.of_customer(&them, u64::MAX, 99).unwrap() {
        assert!(!one.is_closed() || one.last_at >= before, "{one:?}");
    }
    let verified = log.reader().unwrap().verify().unwrap();
    assert!(verified.is_sound(), "{:?}", verified.problems);
    // Who is not forgotten is only in what is still open.
    let open: Vec<_> = log.of_customer(&them, u64::MAX, 99).unwrap();
    assert_eq!(holding(dir.path(), SECRET).is_empty(), open.is_empty());
    drop((follower, log));
    let (log, opened) = SqliteLog::open(dir.path(), "other").unwrap();
    assert_eq!(opened.repaired, Vec::<String>::new(), "nothing is to be built anew");
    assert!(log.reader().unwrap().verify().unwrap().is_sound());
}
