//! The embedded log: what it accepts, refuses and answers.

use super::*;
use conversation::{Author, EventKind, Lang, Owner, QueueId, SiteId};

fn event(conversation: u64, seq: Seq, cid: Option<&str>, kind: EventKind) -> Event {
    let cid = cid.map(|cid| Cid::new(cid).unwrap());
    Event { conversation: ConversationId(conversation), seq, at: 1_000 * conversation + seq, cid, kind }
}

fn opened(customer: &str) -> EventKind {
    EventKind::Opened {
        site: SiteId::new("demo").unwrap(),
        lang: Lang::new("fr").unwrap(),
        customer: CustomerId::new(customer).unwrap(),
        profile: None,
        page: None,
    }
}

fn says(text: &str) -> EventKind {
    EventKind::Message {
        from: Author::Customer,
        name: None,
        advisor: None,
        text: text.into(),
        choices: vec![],
    }
}

fn closed() -> EventKind {
    EventKind::Owner { owner: Owner::Closed, name: None }
}

#[test]
fn what_was_appended_is_there_after_the_log_was_opened_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, found) = SqliteLog::open(dir.path(), "life-1").unwrap();
    assert_eq!((found.events, found.clean), (0, true));
    let batch = [
        event(1, 1, None, opened("anon-1")),
        event(2, 1, None, opened("anon-2")),
        event(1, 2, Some("c1"), says("Où en est ma commande ?")),
    ];
    assert_eq!(log.append(&batch).unwrap(), 3);
    assert_eq!(log.append(&[event(2, 2, None, closed())]).unwrap(), 4);
    drop(log);
    let (log, found) = SqliteLog::open(dir.path(), "life-2").unwrap();
    assert_eq!((found.events, found.clean, log.epoch()), (4, true, "life-1"));
    assert_eq!(log.read(ConversationId(1), 0).unwrap(), [batch[0].clone(), batch[2].clone()]);
    assert_eq!(log.read(ConversationId(1), 1).unwrap(), [batch[2].clone()]);
    assert_eq!(log.read(ConversationId(9), 0).unwrap(), []);
    let from: Vec<_> = log.read_from(2, 2).unwrap().into_iter().map(|(p, e)| (p, e.conversation.0)).collect();
    assert_eq!(from, [(2, 2), (3, 1)]);
    assert_eq!(log.open_conversations().unwrap(), [ConversationId(1)]);
    assert_eq!(log.seq_of(ConversationId(1), &Cid::new("c1").unwrap()).unwrap(), Some(2));
    assert_eq!(log.seq_of(ConversationId(2), &Cid::new("c1").unwrap()).unwrap(), None);
}

#[test]
fn a_refused_event_takes_its_whole_batch_with_it() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    log.append(&[event(1, 1, None, opened("a")), event(1, 2, Some("c"), says("x"))]).unwrap();
    let id = ConversationId(1);
    let wrong = |expected, got| LogError::WrongSeq { conversation: id, expected, got };
    for seq in [2, 4, 9] {
        let batch = [event(2, 1, None, opened("b")), event(1, seq, None, says("y"))];
        assert_eq!(log.append(&batch), Err(wrong(3, seq)));
    }
    let gap = [event(1, 3, None, says("y")), event(1, 5, None, says("z"))];
    assert_eq!(log.append(&gap), Err(wrong(4, 5)));
    let again = [event(2, 1, None, opened("b")), event(1, 3, Some("c"), says("x"))];
    let cid = Cid::new("c").unwrap();
    assert_eq!(log.append(&again), Err(LogError::RepeatedCid { conversation: id, cid, seq: 2 }));
    let early = LogError::WrongSeq { conversation: ConversationId(3), expected: 1, got: 2 };
    assert_eq!(log.append(&[event(3, 2, None, says("y"))]), Err(early));
    assert!(matches!(log.append(&[event(1, 1, None, opened("a"))]), Err(LogError::WrongSeq { .. })));
    assert_eq!(log.last_position().unwrap(), 2);
    assert_eq!(log.read(ConversationId(2), 0).unwrap(), []);
    assert_eq!(log.append(&[event(1, 3, Some("d"), says("y"))]).unwrap(), 3, "refusals poison nothing");
}

#[test]
fn a_number_that_json_cannot_hold_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    log.append(&[event(1, 1, None, opened("a"))]).unwrap();
    let heard = EventKind::Analyzed {
        of: 1,
        frustration: f32::NAN,
        trend: 0.0,
        signals: vec![],
        model: String::from("m"),
    };
    assert!(matches!(log.append(&[event(1, 2, None, heard)]), Err(LogError::Unwritable { seq: 2, .. })));
}

#[test]
fn a_conversation_in_short_follows_its_events() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    let queue = QueueId::new("care").unwrap();
    let heard = |frustration| EventKind::Analyzed {
        of: 2,
        frustration,
        trend: 0.0,
        signals: vec![],
        model: String::from("m"),
    };
    let ines = conversation::AdvisorId::new("ines").unwrap();
    log.append(&[event(1, 1, None, opened("a")), event(1, 2, None, says("  Bonjour\nà tous "))]).unwrap();
    log.append(&[
        event(1, 3, None, heard(0.75)),
        event(1, 4, None, EventKind::Owner { owner: Owner::Queue { queue: queue.clone() }, name: None }),
    ])
    .unwrap();
    log.append(&[
        event(1, 5, None, EventKind::Owner { owner: Owner::Advisor { advisor: ines.clone() }, name: None }),
        event(1, 6, None, says("autre chose")),
        event(1, 7, None, heard(0.25)),
    ])
    .unwrap();
    let reader = log.reader().unwrap();
    let summary = reader.summary(ConversationId(1)).unwrap().unwrap();
    let expected = Summary {
        conversation: ConversationId(1),
        site: SiteId::new("demo").unwrap(),
        customer: CustomerId::new("a").unwrap(),
        opened_at: 1_001,
        last_at: 1_007,
        seq: 7,
        owner: String::from("advisor"),
        queue: Some(queue),
        advisor: Some(ines),
        outcome: None,
        first_words: String::from("Bonjour à tous"),
        peak: 0.75,
    };
    assert_eq!(summary, expected);
    log.append(&[event(2, 1, None, opened("a")), event(3, 1, None, opened("b"))]).unwrap();
    let ids = |found: Vec<Summary>| found.iter().map(|s| s.conversation.0).collect::<Vec<_>>();
    let a = CustomerId::new("a").unwrap();
    assert_eq!(ids(reader.of_customer(&a, u64::MAX, 9).unwrap()), [2, 1]);
    assert_eq!(ids(reader.of_customer(&a, 2_001, 9).unwrap()), [1]);
    assert_eq!(ids(reader.of_customer(&a, u64::MAX, 1).unwrap()), [2]);
    assert_eq!(ids(reader.between(1_001, 3_001, 9).unwrap()), [2, 1]);
}

#[test]
fn a_full_disk_refuses_and_poisons_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    log.append(&[event(1, 1, None, opened("a"))]).unwrap();
    let pages: i64 = log.log.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    let room = |log: &SqliteLog, pages: i64| {
        log.log.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(())).unwrap();
    };
    room(&log, pages + 2);
    let long = [event(1, 2, Some("c"), says(&"x".repeat(90_000)))];
    assert!(matches!(log.append(&long), Err(LogError::Full { .. })));
    assert_eq!(log.append(&[event(1, 2, Some("d"), says("short"))]).unwrap(), 2, "what fits is taken");
    room(&log, pages + 1_000);
    let long = [event(1, 3, Some("c"), says(&"x".repeat(90_000)))];
    assert_eq!(log.append(&long).unwrap(), 3);
    assert_eq!(log.read(ConversationId(1), 2).unwrap(), long);
}

#[test]
fn the_tail_is_bounded_by_the_appending_side_itself() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    let mut most = 0;
    for round in 0..9_u64 {
        let batch: Vec<Event> =
            (0..10_000).map(|n| event(1 + round * 10_000 + n, 1, None, opened("a"))).collect();
        log.append(&batch).unwrap();
        log.shared.look(&mut |tail| most = most.max(tail.events()));
    }
    assert!((TAIL_EVENTS..TAIL_EVENTS + 10_000).contains(&most), "{most}");
    assert_eq!(log.open_conversations().unwrap().len(), 90_000);
    assert_eq!(log.summary(ConversationId(3)).unwrap().map(|summary| summary.seq), Some(1));
}

#[test]
fn nothing_is_remembered_of_a_conversation_that_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let (mut log, _) = SqliteLog::open(dir.path(), "life").unwrap();
    let survey = conversation::Survey { satisfaction: 5, listened: None, comment: None };
    for id in 1..=50 {
        log.append(&[event(id, 1, None, opened("anon-1")), event(id, 2, Some("c1"), says("Bonjour"))])
            .unwrap();
        assert_eq!(log.known.len(), 1);
        log.append(&[event(id, 3, None, closed())]).unwrap();
        assert_eq!(log.known.len(), 0, "it is over");
        // What comes afterwards, each in a batch of its own, is still held to its place and its cid.
        log.append(&[event(id, 4, None, EventKind::SurveyAsked)]).unwrap();
        let again = event(id, 5, Some("c1"), EventKind::SurveyAnswered { survey: survey.clone() });
        assert!(matches!(log.append(&[again]), Err(LogError::RepeatedCid { .. })));
        log.append(&[event(id, 5, Some("c2"), EventKind::SurveyAnswered { survey: survey.clone() })])
            .unwrap();
        assert_eq!(log.known.len(), 0, "and so is what came after it");
    }
    // Memory that is given back is only memory.
    let mut follower = log.follower().unwrap();
    follower.catch_up().unwrap();
    follower.rest().unwrap();
    assert_eq!(log.read(ConversationId(50), 0).unwrap().len(), 5);
    assert_eq!(log.append(&[event(51, 1, None, opened("anon-2"))]), Ok(251));
}
