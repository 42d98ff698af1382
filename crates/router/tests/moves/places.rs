//! Where a conversation is and how it leaves: seats, lines and offers are free before it goes anywhere else (laws 1, 2
//! and 6), whoever moves it.

use crate::house::{House, LOST_MS, advisor, policy, queue};
use conversation::{EventKind, Owner, ReasonCode};
use dispatcher::policy::{Overflow, WhenClosed};
use router::{ConnectionId, Input};
use wire::frame::advisor::{
    Accept, Assign, CloseConversation, Decline, Destination, Requeue, ReturnToBot, Status, Take, Transfer,
};
use wire::frame::customer::{Callback, LeaveMessage};
use wire::{AdvisorFrame, CustomerFrame, ServerFrame};

fn transfer(conversation: conversation::ConversationId, to: Destination) -> AdvisorFrame {
    AdvisorFrame::Transfer(Transfer { conversation, to, note: None, reference: None })
}

fn offer_of(owner: &Owner) -> conversation::OfferId {
    let Owner::Offered { offers, .. } = owner else { panic!("not offered: {owner:?}") };
    offers[0].offer
}

#[test]
fn a_supervisor_moves_an_offered_conversation_and_the_seat_that_was_kept_is_free() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let zoe = house.signs_in("zoe");
    house.is(zoe, Status::Away);
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    assert_eq!(house.load("ines").reserved, 1);
    house.hears(ines);
    // To zoe alone, who is away: nobody may be kept for it now.
    house.act(zoe, transfer(id, Destination { queue: None, advisor: Some(advisor("zoe")) }));
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    assert_eq!(house.load("ines").reserved, 0);
    assert!(house.hears(ines).iter().any(|frame| matches!(frame, ServerFrame::OfferGone(_))));
    assert_eq!(house.position(id), Some(0));
}

#[test]
fn a_waiting_conversation_that_goes_back_to_the_bot_leaves_its_line() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let zoe = house.signs_in("zoe");
    house.is(zoe, Status::Away);
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    let back = AdvisorFrame::ReturnToBot(ReturnToBot { conversation: id, node: None, reference: None });
    house.act(zoe, back.clone());
    assert_eq!(house.owner(id), Owner::Bot);
    assert_eq!(house.position(id), None);
    // Whoever comes free has nothing to be asked for.
    house.signs_in("ines");
    assert_eq!(house.owner(id), Owner::Bot);
    // The bot has it already.
    house.hears(zoe);
    house.act(zoe, back);
    assert_eq!(house.errors(zoe), ["wrong_state"]);
}

#[test]
fn an_assignment_that_is_refused_changes_nothing() {
    let mut house = House::of(&[("ines", 1), ("jo", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let zoe = house.signs_in("zoe");
    house.is(zoe, Status::Away);
    let (tab, first) = house.visitor();
    house.wants_a_human(tab);
    let offer = offer_of(&house.owner(first));
    house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
    let (tab, second) = house.visitor();
    house.says(tab, "1", "bonjour");
    let before = house.events(second).len();
    let assign = |conversation, name| {
        AdvisorFrame::Assign(Assign { conversation, advisor: advisor(name), reference: None })
    };
    house.hears(zoe);
    house.act(zoe, assign(second, "ines"));
    assert_eq!(house.errors(zoe), ["no_seat"]);
    assert_eq!(house.events(second).len(), before, "a reason for a transfer that was not made");
    assert_eq!(house.owner(second), Owner::Bot);
    // One that is made says why it was.
    house.act(zoe, assign(second, "jo"));
    assert_eq!(house.owner(second), Owner::Advisor { advisor: advisor("jo") });
    let reason = house.events(second).iter().find_map(|event| match &event.kind {
        EventKind::TransferRequested { reason, .. } => Some(reason.code),
        _ => None,
    });
    assert_eq!(reason, Some(ReasonCode::Supervisor));
    // From one advisor to another who has no seat: the first keeps it, with all that belongs to it.
    house.act(zoe, assign(second, "ines"));
    assert_eq!(house.owner(second), Owner::Advisor { advisor: advisor("jo") });
    assert_eq!(house.load("jo").held, 1);
    let jo = house.signs_in("jo");
    let welcome = house.hears(jo).into_iter().find_map(|frame| match frame {
        ServerFrame::AdvisorWelcome(welcome) => Some(welcome),
        _ => None,
    });
    assert_eq!(welcome.unwrap().snapshot.conversations.len(), 1);
}

#[test]
fn who_is_away_is_assigned_nothing() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let (ines, zoe) = (house.signs_in("ines"), house.signs_in("zoe"));
    house.is(ines, Status::Away);
    let (tab, id) = house.visitor();
    house.says(tab, "1", "bonjour");
    house.hears(zoe);
    let assign =
        || AdvisorFrame::Assign(Assign { conversation: id, advisor: advisor("ines"), reference: None });
    house.act(zoe, assign());
    assert_eq!(house.errors(zoe), ["not_there"]);
    assert_eq!(house.owner(id), Owner::Bot);
    house.is(ines, Status::Available);
    house.act(zoe, assign());
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") });
}

#[test]
fn who_hands_a_conversation_on_is_not_the_next_to_be_asked() {
    let mut house = House::of(&[("ines", 1), ("jo", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    let offer = offer_of(&house.owner(id));
    house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
    let jo = house.signs_in("jo");
    house.hears(jo);
    house.act(ines, transfer(id, Destination { queue: Some(queue("orders")), advisor: None }));
    let asked = house.hears(jo).iter().any(|frame| matches!(frame, ServerFrame::Offer(_)));
    assert!(asked, "{:?}", house.owner(id));
}

#[test]
fn who_is_assigned_a_conversation_and_does_not_come_loses_it() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let zoe = house.signs_in("zoe");
    let (tab, id) = house.visitor();
    house.says(tab, "1", "bonjour");
    house.act(
        zoe,
        AdvisorFrame::Assign(Assign { conversation: id, advisor: advisor("ines"), reference: None }),
    );
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") });
    house.wait(LOST_MS - 1);
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") });
    house.wait(1);
    assert_eq!(offer_of(&house.owner(id)).conversation, id, "zoe is asked");
}

#[test]
fn an_advisor_who_came_back_has_all_the_time_again() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    let offer = offer_of(&house.owner(id));
    house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
    house.gone(ines);
    house.wait(LOST_MS - 5_000);
    let ines = house.signs_in("ines");
    house.wait(1_000);
    house.gone(ines);
    house.wait(LOST_MS - 1);
    assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") }, "the first absence is over");
    house.wait(1);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
}

#[test]
fn a_restart_takes_nothing_from_an_advisor_even_where_anger_has_risen() {
    let mut house = House::of(&[("ines", 2), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let mut ids = Vec::new();
    for _ in 0..2 {
        let (tab, id) = house.visitor();
        house.wants_a_human(tab);
        let offer = offer_of(&house.owner(id));
        house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
        // Would be two points, had it come like this.
        house.says(
            tab,
            "1",
            "C'EST INADMISSIBLE !!! Ça fait trois fois que je vous écris, vous êtes nuls !!!",
        );
        house.says(tab, "2", "C'EST UNE HONTE, incompétents, ça fait trois fois, je suis furieux !!!");
        ids.push(id);
    }
    house.restart();
    for id in ids {
        assert_eq!(house.owner(id), Owner::Advisor { advisor: advisor("ines") });
    }
    assert_eq!(house.load("ines").held, 2);
}

#[test]
fn who_stood_at_the_head_stands_there_after_a_restart() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, first) = house.visitor();
    house.wants_a_human(tab);
    let offer = offer_of(&house.owner(first));
    house.wait(5_000);
    house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
    // Waits longer than the one whose advisor is lost.
    let (tab, second) = house.visitor();
    house.wants_a_human(tab);
    house.wait(10_000);
    house.gone(ines);
    house.wait(LOST_MS);
    assert_eq!((house.position(first), house.position(second)), (Some(0), Some(1)));
    house.restart();
    assert_eq!((house.position(first), house.position(second)), (Some(0), Some(1)));
}

#[test]
fn who_is_meant_for_one_advisor_is_meant_for_them_after_a_restart_and_after_a_decline() {
    let mut house = House::of(&[("ines", 1), ("jo", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    let offer = offer_of(&house.owner(id));
    house.act(ines, AdvisorFrame::Accept(Accept { offer, reference: None }));
    house.act(ines, transfer(id, Destination { queue: None, advisor: Some(advisor("jo")) }));
    house.restart();
    house.signs_in("ines");
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "it is for jo");
    let jo = house.signs_in("jo");
    let offer = offer_of(&house.owner(id));
    house.restart();
    house.signs_in("ines");
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "it is for jo still");
    house.hears(jo);
    let jo = house.signs_in("jo");
    assert_ne!(offer_of(&house.owner(id)), offer, "the old offer is nobody's");
    let decline = Decline { offer, reason: "busy".into(), note: None, reference: None };
    house.act(jo, AdvisorFrame::Decline(decline));
    assert_eq!(house.errors(jo), ["offer_gone"]);
}

#[test]
fn every_way_out_of_a_line_leaves_nothing_behind() {
    let mut house = House::of(&[("ines", 1), ("zoe", 3)]);
    let zoe = house.signs_in("zoe");
    house.is(zoe, Status::Away);
    let (reference, node) = (None, None);
    for nth in 0..5 {
        let (tab, id) = house.visitor();
        house.wants_a_human(tab);
        let ines = house.signs_in("ines");
        assert_eq!(house.load("ines").reserved, 1);
        let conversation = id;
        let reference = reference.clone();
        house.act(
            zoe,
            match nth {
                0 => AdvisorFrame::Take(Take { conversation, reference }),
                1 => AdvisorFrame::Requeue(Requeue { conversation, queue: Some(queue("orders")), reference }),
                2 => AdvisorFrame::ReturnToBot(ReturnToBot { conversation, node: node.clone(), reference }),
                3 => AdvisorFrame::Assign(Assign { conversation, advisor: advisor("zoe"), reference }),
                _ => {
                    let outcome = "resolved".into();
                    AdvisorFrame::CloseConversation(CloseConversation { conversation, outcome, reference })
                }
            },
        );
        let kept = matches!(house.owner(id), Owner::Offered { .. });
        assert_eq!(house.load("ines").reserved, u16::from(kept), "way {nth}");
        if nth == 1 {
            assert_eq!(house.owner(id).queue(), Some(&queue("orders")));
            house.act(zoe, AdvisorFrame::Take(Take { conversation: id, reference: None }));
        }
        house.gone(ines);
    }
    assert_eq!(house.load("zoe").held, 3);
}

#[test]
fn who_was_asked_beside_the_one_who_accepts_is_asked_for_the_next_at_once() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let zoe = house.signs_in("zoe");
    house.signs_in("ines");
    house.is(zoe, Status::Away);
    let (tab, first) = house.visitor();
    house.says(tab, "1", "bonjour");
    house.is(zoe, Status::Available);
    let to = Destination { queue: Some(queue("crowd")), advisor: None };
    house.act(zoe, transfer(first, to));
    let Owner::Offered { offers, .. } = house.owner(first) else { panic!("both are asked") };
    assert_eq!(offers.len(), 2);
    let (tab, second) = house.visitor();
    house.wants_a_human(tab);
    assert!(matches!(house.owner(second), Owner::Queue { .. }), "nobody is free");
    let offer = offers.iter().find(|open| open.advisor == advisor("zoe")).map(|open| open.offer).unwrap();
    house.act(zoe, AdvisorFrame::Accept(Accept { offer, reference: None }));
    let Owner::Offered { offers, .. } = house.owner(second) else { panic!("law 6: ines is free") };
    assert_eq!(offers[0].advisor, advisor("ines"));
}

#[test]
fn a_queue_that_is_too_long_hands_newcomers_to_the_one_it_names() {
    let mut queues = policy();
    let care = queues.get_mut(&queue("care")).unwrap();
    care.overflow = Overflow { waiting: 1, wait_s: 0 };
    care.when_closed = WhenClosed::Queue(queue("orders"));
    let mut house = House::under(&[("ines", 1), ("zoe", 1)], queues);
    house.signs_in("ines");
    let waits = |house: &mut House| {
        let (tab, id) = house.visitor();
        house.wants_a_human(tab);
        house.owner(id)
    };
    // The first is offered, the second waits; that is as many as may.
    assert!(matches!(waits(&mut house), Owner::Offered { .. }));
    assert_eq!(waits(&mut house), Owner::Queue { queue: queue("care") });
    assert_eq!(waits(&mut house), Owner::Queue { queue: queue("orders") });
}

#[test]
fn who_misses_three_offers_in_a_row_is_set_away_and_told_so() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    house.hears(ines);
    let away = |house: &mut House| {
        house.hears(ines).iter().any(|frame| {
            matches!(frame, ServerFrame::Presence(p) if p.advisor == advisor("ines") && p.status == Status::Away)
        })
    };
    for missed in 1..=3 {
        assert!(matches!(house.owner(id), Owner::Offered { .. }), "offer {missed}");
        house.wait(20_000);
        // Missed: at the head of its line, and not offered again to the same person at once.
        assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
        assert_eq!(house.position(id), Some(0));
        assert_eq!(house.load("ines").status == dispatcher::Presence::Away, missed == 3);
        // Told with the next refresh.
        house.wait(60_000);
        assert_eq!(away(&mut house), missed == 3, "after {missed} missed");
    }
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "nobody asks somebody who is away");
    // They are there again: they are asked at once.
    house.is(ines, Status::Available);
    assert!(matches!(house.owner(id), Owner::Offered { .. }));
}

#[test]
fn who_was_away_for_a_moment_is_asked_again_at_once() {
    let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
    let ines = house.signs_in("ines");
    let (tab, id) = house.visitor();
    house.wants_a_human(tab);
    let offer = offer_of(&house.owner(id));
    house.is(ines, Status::Away);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    house.wait(1_000);
    house.is(ines, Status::Available);
    assert_ne!(offer_of(&house.owner(id)), offer, "law 6: nobody else is there");
}

#[test]
fn whoever_refuses_is_not_asked_again_at_once_whatever_happens_in_between() {
    let call = |house: &mut House, tab| {
        let cid = conversation::Cid::new("c").unwrap();
        let callback = Callback { cid, number: "06 12 34 56 78".into(), from: None, text: None };
        house.tell(Input::CustomerFrame { connection: tab, frame: CustomerFrame::Callback(callback) });
    };
    let message = |house: &mut House, tab| {
        let cid = conversation::Cid::new("m").unwrap();
        let left = LeaveMessage { cid, address: "moi@exemple.fr".into(), text: None };
        house.tell(Input::CustomerFrame { connection: tab, frame: CustomerFrame::LeaveMessage(left) });
    };
    type Happens = dyn Fn(&mut House, ConnectionId);
    let between: [&Happens; 3] = [&call, &message, &|house: &mut House, _| {
        house.restart();
        house.signs_in("ines");
    }];
    for (nth, happens) in between.into_iter().enumerate() {
        let mut house = House::of(&[("ines", 1), ("zoe", 1)]);
        let ines = house.signs_in("ines");
        let (tab, id) = house.visitor();
        house.wants_a_human(tab);
        let offer = offer_of(&house.owner(id));
        house.act(
            ines,
            AdvisorFrame::Decline(Decline { offer, reason: "busy".into(), note: None, reference: None }),
        );
        happens(&mut house, tab);
        assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") }, "way {nth}");
        house.wait(60_000);
        assert!(matches!(house.owner(id), Owner::Offered { .. }), "way {nth}: nobody else came");
    }
}
