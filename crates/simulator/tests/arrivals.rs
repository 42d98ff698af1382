//! Who comes, where it is not drawn: from a table, and from a log.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use conversation::{
    AdvisorId, ClosedBy, ConversationId, CustomerId, Event, EventKind, Lang, Owner, QueueId, Reason,
    ReasonCode, SiteId,
};
use simulator::{Scenario, run_ours};

const HOUSE: &str = r#"
name = "two people"
hours = 1
[[teams]]
name = "all"
people = 2
langs = ["fr"]
capacity = 1
"#;

#[test]
fn a_table_says_who_comes() {
    let mut scenario = Scenario::parse(HOUSE).unwrap();
    let table = "at_s,queue,lang,handle_s,patience_s,frustration\n\
                 7200,care,fr,60,300,0.2\n0,care,fr,600,300,0\n10,care,fr,600,300,0.9\n20,care,fr,600,30,0\n";
    scenario.read_arrivals(table).unwrap();
    assert_eq!(scenario.given.iter().map(|a| a.at_ms).collect::<Vec<_>>(), [0, 10_000, 20_000, 7_200_000]);
    let outcome = run_ours(&scenario, 1);
    // Two seats: the third has thirty seconds of patience, the fourth comes when they are free again.
    assert_eq!((outcome.all.customers, outcome.decisions), (4, 3));
    assert!((outcome.all.abandoned - 0.25).abs() < 1e-9);

    let wrong = |table: &str| scenario.clone().read_arrivals(table).unwrap_err().0;
    assert!(wrong("at_s,queue\n1,care,fr,60\n").contains("line 2: 6 columns"), "and where");
    assert!(wrong("1,care,fr,soon,60,0\n").contains("line 1: handle_s: 'soon'"));
    assert!(wrong("at_s,queue,lang,handle_s,patience_s,frustration\n").contains("nobody comes"));
}

#[test]
fn a_log_says_who_came() {
    let mut seq = 0;
    let mut event = |conversation: u64, at_s: u64, kind: EventKind| {
        seq += 1;
        Event {
            conversation: ConversationId(conversation),
            seq,
            at: 1_000_000 + at_s * 1_000,
            cid: None,
            kind,
        }
    };
    let queue = || QueueId::new("care").unwrap();
    let opened = || EventKind::Opened {
        site: SiteId::new("shop").unwrap(),
        lang: Lang::new("fr").unwrap(),
        customer: CustomerId::new("anon-1").unwrap(),
        profile: None,
        page: None,
    };
    let asked = || EventKind::TransferRequested {
        reason: Reason {
            code: ReasonCode::ExplicitRequest,
            trigger_seq: None,
            score: 0.0,
            threshold: 1.0,
            signals: vec![],
            policy: String::new(),
            note: None,
            quote: None,
            cid: None,
        },
        queue: queue(),
        by: None,
        to: None,
    };
    let owner = |owner: Owner| EventKind::Owner { owner, name: None };
    let ines = || Owner::Advisor { advisor: AdvisorId::new("ines").unwrap() };
    let closed = || EventKind::Closed { by: ClosedBy::Customer, outcome: None, advisor: None };
    let events = vec![
        event(1, 100, opened()),
        event(2, 110, opened()),
        event(1, 120, asked()),
        event(2, 130, asked()),
        event(1, 125, owner(ines())),
        event(2, 170, closed()),
        event(2, 170, owner(Owner::Closed)),
        event(3, 171, opened()),
        event(1, 425, closed()),
        event(1, 425, owner(Owner::Closed)),
    ];
    let mut scenario = Scenario::parse(HOUSE).unwrap();
    scenario.take_arrivals(events, 240.0).unwrap();
    let came: Vec<_> = scenario.given.iter().map(|a| (a.at_ms, a.handle_ms, a.patience_ms)).collect();
    // Served after five seconds for three hundred; gave up after forty, and would have taken as long as the others.
    assert_eq!(came, [(0, 300_000, 240_000), (10_000, 300_000, 40_000)]);
    assert_eq!(run_ours(&scenario, 1).all.customers, 2);
    assert!(scenario.take_arrivals([], 240.0).is_err(), "an empty log is no day to draw customers for");
}
