//! A wait that was told is held against the wait that it was: once, by its queue and priority, and only where an advisor
//! ended it.

use crate::house::{House, advisor, policy, queue};
use conversation::{Cid, ConversationId, OfferId, Owner};
use dispatcher::policy::Queue;
use router::{ConnectionId, Input, Observation};
use wire::frame::advisor::{Accept, CloseConversation, ReturnToBot, Take};
use wire::frame::customer::Act;
use wire::{AdvisorFrame, CustomerFrame, ServerFrame};

/// Ines alone serves `care`, whose requests have priority 4; Zoe looks on. Ines has a conversation, and has had one of
/// a hundred seconds before, so that a wait can be foreseen.
fn busy() -> (House, ConnectionId, ConnectionId, ConversationId) {
    let mut queues = policy();
    queues.insert(queue("care"), Queue { priority: 4, ..Queue::default() });
    let mut house = House::under(&[("ines", 1), ("zoe", 1)], queues);
    house.serves("zoe", &[]);
    let (ines, zoe) = (house.signs_in("ines"), house.signs_in("zoe"));
    let had = asks(&mut house).1;
    accepts(&mut house, ines, had);
    house.wait(100_000);
    closes(&mut house, ines, had);
    let has = asks(&mut house).1;
    accepts(&mut house, ines, has);
    (house, ines, zoe, has)
}

fn asks(house: &mut House) -> (ConnectionId, ConversationId) {
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    (tab, id)
}

fn accepts(house: &mut House, ines: ConnectionId, id: ConversationId) {
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("not offered: {:?}", house.owner(id)) };
    let offer: OfferId = offers[0].offer;
    house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") });
}

fn closes(house: &mut House, ines: ConnectionId, conversation: ConversationId) {
    let outcome = "resolved".into();
    house.act(
        ines,
        AdvisorFrame::CloseConversation(CloseConversation { conversation, outcome, reference: None }),
    );
}

/// The waits that the customer hears, in seconds: low, expected, high.
fn told(house: &mut House, tab: ConnectionId) -> Vec<[f32; 3]> {
    let wait = |frame| match frame {
        ServerFrame::Position(position) => position.wait_s.map(|wait| [wait.low, wait.expected, wait.high]),
        _ => None,
    };
    house.hears(tab).into_iter().filter_map(wait).collect()
}

/// What was counted of waits since the last time.
fn judged(house: &mut House) -> Vec<(String, u8, [f32; 3], f32)> {
    let judged = |observation| match observation {
        Observation::EstimateError { queue, priority, told, was_s } => {
            let told = [told.low_s, told.expected_s, told.high_s].map(|s| s as f32);
            Some((queue.to_string(), priority, told, was_s))
        }
        _ => None,
    };
    std::mem::take(&mut house.observed).into_iter().filter_map(judged).collect()
}

#[test]
fn the_first_that_was_told_is_held_against_the_wait_that_it_was() {
    let (mut house, ines, _, has) = busy();
    assert_eq!(judged(&mut house), [], "nobody had to wait");
    let (tab, id) = asks(&mut house);
    house.wait(40_000);
    closes(&mut house, ines, has);
    house.wait(5_000);
    accepts(&mut house, ines, id);
    let told = told(&mut house, tab);
    assert!(told[0][0] < told[0][2], "{told:?}");
    let [(queue, priority, first, was_s)] = &judged(&mut house)[..] else { panic!("one wait") };
    assert_eq!((queue.as_str(), *priority, *first), ("care", 4, told[0]));
    assert!((44.0..=45.0).contains(was_s), "{was_s}");
}

#[test]
fn whoever_leaves_the_line_is_no_proof_and_waits_anew_when_they_are_back() {
    let (mut house, ines, zoe, has) = busy();
    let (tab, id) = asks(&mut house);
    house.wait(20_000);
    assert!(!told(&mut house, tab).is_empty());
    let back = ReturnToBot { conversation: id, node: None, reference: None };
    house.act(zoe, AdvisorFrame::ReturnToBot(back));
    assert_eq!(house.owner(id), Owner::Bot);
    house.wait(100_000);
    let frame = CustomerFrame::Human(Act { cid: Cid::new("again").unwrap() });
    house.tell(Input::CustomerFrame { connection: tab, frame });
    house.wait(10_000);
    let again = told(&mut house, tab);
    assert!(!again.is_empty(), "told anew");
    assert_eq!(judged(&mut house), []);
    // Who picks it from the line ends the wait as well.
    closes(&mut house, ines, has);
    house.act(zoe, AdvisorFrame::Take(Take { conversation: id, reference: None }));
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("zoe") });
    let [(_, _, first, was_s)] = &judged(&mut house)[..] else { panic!("one wait") };
    assert_eq!(*first, again[0]);
    assert!((9.0..=10.0).contains(was_s), "{was_s}");
}
