//! Customers who come, go and come back: nothing that they said is lost (promise 6), and they are waited for exactly as
//! long as the house says.

use crate::house::{ABANDON_MS, AWAY_MS, House, IDLE_MS, LOST_MS, advisor, queue};
use conversation::{ClosedBy, EventKind, Owner};
use dispatcher::policy::Queue;
use router::Input;
use std::collections::BTreeMap;
use wire::frame::advisor::{Accept, Assign, CloseConversation, ReturnToBot, Status};
use wire::frame::customer::{Callback, LeaveMessage};
use wire::frame::offer::GoneWhy;
use wire::{AdvisorFrame, CustomerFrame, ServerFrame};

fn given_up(house: &House, id: conversation::ConversationId) -> bool {
    house.events(id).iter().any(|e| matches!(e.kind, EventKind::Closed { by: ClosedBy::System, .. }))
}

/// A conversation that is over and has left the memory.
fn of_yesterday(house: &mut House) -> conversation::ConversationId {
    let (tab, id) = house.visitor();
    house.says(tab, "1", "bonjour");
    house.gone(tab);
    house.wait(IDLE_MS + 70_000);
    assert!(given_up(house, id));
    id
}

#[test]
fn what_is_said_right_after_the_hello_waits_for_the_log_and_is_answered() {
    let mut house = House::of(&[("zoe", 1)]);
    let id = of_yesterday(&mut house);
    let tab = house.comes_back(id);
    house.says(tab, "1", "bonjour");
    house.says(tab, "2", "encore moi");
    assert!(house.hears(tab).is_empty(), "the log has not answered");
    house.loads();
    let heard = house.hears(tab);
    assert!(matches!(heard.first(), Some(ServerFrame::CustomerWelcome(_))), "{heard:?}");
    let acked: Vec<_> = heard
        .iter()
        .filter_map(|frame| match frame {
            ServerFrame::Ack(ack) => ack.cid.as_ref().map(|cid| (cid.as_str().to_owned(), ack.seq)),
            _ => None,
        })
        .collect();
    assert_eq!(acked, [("1".to_owned(), Some(2))], "said yesterday: the same event");
    let refused = heard.iter().any(
        |frame| matches!(frame, ServerFrame::Error(error) if error.cid.as_deref() == Some("2") && error.code.as_str() == "closed"),
    );
    assert!(refused, "{heard:?}");
}

#[test]
fn too_much_said_before_the_log_answers_is_refused_and_not_forgotten() {
    let mut house = House::of(&[("zoe", 1)]);
    let id = of_yesterday(&mut house);
    let tab = house.comes_back(id);
    for nth in 0..conversation::limits::LOADING_INPUTS {
        house.says(tab, &format!("m{nth}"), "encore");
    }
    assert_eq!(house.errors(tab), ["slow_down"], "the hello and all but the last message wait");
    house.loads();
    assert_eq!(house.errors(tab).len(), conversation::limits::LOADING_INPUTS - 1);
}

#[test]
fn a_tab_that_goes_while_the_log_is_read_is_gone() {
    let mut house = House::of(&[("zoe", 1)]);
    let (tab, id) = house.visitor();
    house.says(tab, "1", "bonjour");
    house.restart();
    // In memory at once: an open conversation is loaded with the start. Only what nobody has said anything in is not.
    let tab = house.comes_back(id);
    house.gone(tab);
    house.wait(IDLE_MS);
    assert!(given_up(&house, id));
    house.wait(70_000);
    let tab = house.comes_back(id);
    house.gone(tab);
    house.loads();
    let other = house.comes_back(id);
    house.says(other, "2", "toujours là ?");
    house.hears(tab);
    house.gone(other);
    // Nobody looks at it: it leaves the memory, which a tab that is not there would prevent.
    house.wait(70_000);
    let again = house.comes_back(id);
    assert!(house.hears(again).is_empty(), "it must be read from the log again");
}

#[test]
fn whoever_comes_back_is_waited_for_anew() {
    let mut house = House::of(&[("zoe", 1)]);
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    house.gone(tab);
    house.wait(ABANDON_MS - 1_000);
    let tab = house.comes_back(id);
    house.wait(500);
    house.gone(tab);
    house.wait(ABANDON_MS - 1);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "the first absence is over");
    house.wait(1);
    assert!(given_up(&house, id));
}

#[test]
fn the_bots_patience_does_not_end_a_wait_in_line() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let zoe = house.signs_in("zoe");
    let (tab, id) = house.visitor();
    house.says(tab, "1", "bonjour");
    house.gone(tab);
    // The bot's patience would end now; a line has its own.
    house.wait(IDLE_MS - 1_000);
    house.act(
        zoe,
        AdvisorFrame::Assign(Assign { conversation: id, advisor: advisor("ines"), reference: None }),
    );
    house.wait(LOST_MS);
    house.gone(zoe);
    assert!(matches!(house.owner(id), Owner::Queue { .. } | Owner::Offered { .. }), "ines never came");
    house.wait(ABANDON_MS - 1);
    assert!(!given_up(&house, id));
    house.wait(1);
    assert!(given_up(&house, id), "nobody came back, and nothing else ends it");
}

#[test]
fn a_message_left_in_the_place_of_a_callback_waits_for_no_moment() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let (connection, id) = house.visitor();
    house.wants_a_human(connection);
    let from = Some(house.now + 3_600_000);
    let cid = |cid: &str| conversation::Cid::new(cid).unwrap();
    let callback = Callback { cid: cid("c"), number: "06 12 34 56 78".into(), from, text: None };
    house.tell(Input::CustomerFrame { connection, frame: CustomerFrame::Callback(callback) });
    house.signs_in("ines");
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "it is not its time");
    let message = LeaveMessage { cid: cid("m"), address: "moi@exemple.fr".into(), text: None };
    house.tell(Input::CustomerFrame { connection, frame: CustomerFrame::LeaveMessage(message) });
    assert!(matches!(house.owner(id), Owner::Offered { .. }), "{:?}", house.owner(id));
}

#[test]
fn a_callback_asked_for_while_an_offer_is_open_takes_the_offer_back_and_waits_for_its_moment() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (connection, id) = house.visitor();
    house.wants_a_human(connection);
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("ines is asked") };
    house.hears(ines);
    let from = house.now + 3_600_000;
    let callback = Callback {
        cid: conversation::Cid::new("c").unwrap(),
        number: "06 12 34 56 78".into(),
        from: Some(from),
        text: None,
    };
    house.tell(Input::CustomerFrame { connection, frame: CustomerFrame::Callback(callback) });
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "it is not its time");
    let gone = |frame: ServerFrame| match frame {
        ServerFrame::OfferGone(gone) => Some((gone.offer, gone.why)),
        _ => None,
    };
    let gone: Vec<_> = house.hears(ines).into_iter().filter_map(gone).collect();
    assert_eq!(gone, [(offers[0].offer, GoneWhy::Withdrawn)], "ines is told");
    assert_eq!(house.load("ines").reserved, 0);
    // Too late to accept what is offered no more.
    house.act(ines, AdvisorFrame::Accept(Accept { offer: offers[0].offer, reference: None }));
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    house.gone(connection);
    house.wait(3_599_999);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    house.wait(1);
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("its moment has come") };
    // Nobody takes it: it goes on waiting, and is not forgotten by the next restart either.
    house.wait(offers[0].expires_at - house.now);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    house.restart();
    house.signs_in("ines");
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "ines has just missed it");
    house.wait(60_000);
    assert!(matches!(house.owner(id), Owner::Offered { .. }), "{:?}", house.owner(id));
}

#[test]
fn who_is_away_is_passed_over_for_those_who_are_there_and_has_the_old_place_when_they_are_back() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let visitors: Vec<_> = (0..3)
        .map(|_| {
            let (tab, id) = house.visitor();
            house.wants_a_human(tab);
            house.wait(1_000);
            (tab, id)
        })
        .collect();
    let [(first_tab, first), (_, second), (third_tab, third)] = visitors[..] else { panic!("three came") };
    house.gone(first_tab);
    house.wait(AWAY_MS - 1);
    assert_eq!([first, second, third].map(|id| house.position(id)), [Some(0), Some(1), Some(2)], "a reload");
    house.wait(1);
    assert_eq!([first, second, third].map(|id| house.position(id)), [Some(2), Some(0), Some(1)]);
    house.comes_back(first);
    assert_eq!([first, second, third].map(|id| house.position(id)), [Some(0), Some(1), Some(2)]);
    // Whoever leaves an address is waited for by nobody, and keeps their place.
    let message = LeaveMessage {
        cid: conversation::Cid::new("m").unwrap(),
        address: "moi@exemple.fr".into(),
        text: None,
    };
    let frame = CustomerFrame::LeaveMessage(message);
    house.tell(Input::CustomerFrame { connection: third_tab, frame });
    house.gone(third_tab);
    house.wait(AWAY_MS);
    assert_eq!([first, second, third].map(|id| house.position(id)), [Some(0), Some(1), Some(2)]);
}

#[test]
fn who_is_away_is_offered_where_nobody_else_waits() {
    let mut house = House::of(&[("ines", 1), ("karim", 1), ("zoe", 1)]);
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    house.gone(tab);
    house.wait(AWAY_MS);
    house.signs_in("ines");
    let Owner::Offered { offers, .. } = house.owner(id) else {
        panic!("law 6: nobody waits beside a free seat")
    };
    // Not taken: still behind whoever is there.
    let (tab, other) = house.visitor();
    house.wants_a_human(tab);
    house.wait(offers[0].expires_at - house.now);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    house.signs_in("karim");
    assert!(matches!(house.owner(other), Owner::Offered { .. }), "who is there comes first");
}

#[test]
fn an_offer_says_whether_its_customer_is_there() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    house.gone(tab);
    let ines = house.signs_in("ines");
    let told = |frame: ServerFrame| match frame {
        ServerFrame::Offer(offer) => Some(offer.connected),
        ServerFrame::Connected(frame) => Some(frame.connected),
        _ => None,
    };
    house.comes_back(id);
    let heard: Vec<bool> = house.hears(ines).into_iter().filter_map(told).collect();
    assert_eq!(heard, [false, true], "the offer says that nobody is there, and then that they are back");
}

#[test]
fn a_callback_for_now_is_the_offer_that_is_open() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    house.signs_in("ines");
    let (connection, id) = house.visitor();
    house.wants_a_human(connection);
    let offered = house.owner(id);
    let cid = conversation::Cid::new("c").unwrap();
    let callback = Callback { cid, number: "06 12 34 56 78".into(), from: None, text: None };
    house.tell(Input::CustomerFrame { connection, frame: CustomerFrame::Callback(callback) });
    assert_eq!(house.owner(id), offered);
}

#[test]
fn whoever_has_a_conversation_sees_its_customer_go_and_come_back() {
    let mut house = House::of(&[("ines", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    let other = house.comes_back(id);
    house.wants_a_human(tab);
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("ines is asked") };
    house.act(ines, AdvisorFrame::Accept(Accept { offer: offers[0].offer, reference: None }));
    house.hears(ines);
    let told = |house: &mut House| -> Vec<bool> {
        let frames = house.hears(ines).into_iter();
        frames
            .filter_map(|f| if let ServerFrame::Connected(f) = f { Some(f.connected) } else { None })
            .collect()
    };
    house.gone(tab);
    assert!(told(&mut house).is_empty(), "one tab is still there");
    house.gone(other);
    assert_eq!(told(&mut house), [false]);
    house.comes_back(id);
    assert_eq!(told(&mut house), [true]);
}

#[test]
fn a_conversation_that_an_advisor_gives_back_is_not_kept_for_ever() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("ines is asked") };
    house.act(ines, AdvisorFrame::Accept(Accept { offer: offers[0].offer, reference: None }));
    house.gone(tab);
    house.wait(IDLE_MS * 2);
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") }, "an advisor decides themselves");
    house.act(ines, AdvisorFrame::ReturnToBot(ReturnToBot { conversation: id, node: None, reference: None }));
    house.wait(IDLE_MS - 1);
    assert_eq!(house.owner(id), Owner::Bot);
    house.wait(1);
    assert!(given_up(&house, id));
}

#[test]
fn a_crowd_that_has_left_leaves_nothing_in_memory() {
    let mut house = House::of(&[("zoe", 1), ("claire", 1)]);
    let zoe = house.signs_in("zoe");
    house.is(zoe, Status::Available);
    let mut tabs = Vec::new();
    for nth in 0..200 {
        let (tab, id) = house.visitor();
        tabs.push(tab);
        // Some never say a word, some talk to the bot, some wait for a person, one at a time has one.
        match nth % 4 {
            0 => {}
            1 => house.says(tab, "1", "bonjour"),
            2 => house.wants_a_human(tab),
            _ => {
                house.gone(tab);
                tabs.push(house.comes_back(id));
            }
        }
        if let Owner::Offered { offers, .. } = house.owner_if_any(id).unwrap_or(Owner::Bot) {
            house.act(zoe, AdvisorFrame::Accept(Accept { offer: offers[0].offer, reference: None }));
        }
    }
    assert_eq!(house.held(), 200);
    for tab in tabs {
        house.gone(tab);
    }
    house.gone(zoe);
    house.wait(IDLE_MS + ABANDON_MS + LOST_MS + 120_000);
    assert_eq!(house.held(), 0);
    // Who comes back finds everything in the log.
    assert!(given_up(&house, conversation::ConversationId(1_003)));
}

#[test]
fn a_callback_takes_the_points_that_its_queue_gives_it() {
    let care = Queue { callback_weight: 3, message_weight: 2, ..Queue::default() };
    let mut house = House::under(&[("ines", 3)], BTreeMap::from([(queue("care"), care)]));
    let ines = house.signs_in("ines");
    let held = |house: &mut House, frame: CustomerFrame| {
        let (connection, id) = house.visitor();
        house.tell(Input::CustomerFrame { connection, frame });
        let Owner::Offered { offers, .. } = house.owner(id) else { panic!("ines is asked") };
        house.act(ines, AdvisorFrame::Accept(Accept { offer: offers[0].offer, reference: None }));
        let held = house.load("ines").held;
        let close = CloseConversation { conversation: id, outcome: "resolved".into(), reference: None };
        house.act(ines, AdvisorFrame::CloseConversation(close));
        held
    };
    let cid = |cid: &str| conversation::Cid::new(cid).unwrap();
    let callback = Callback { cid: cid("c"), number: "06 12 34 56 78".into(), from: None, text: None };
    assert_eq!(held(&mut house, CustomerFrame::Callback(callback)), 3);
    let message = LeaveMessage { cid: cid("m"), address: "moi@exemple.fr".into(), text: None };
    assert_eq!(held(&mut house, CustomerFrame::LeaveMessage(message)), 2);
}
