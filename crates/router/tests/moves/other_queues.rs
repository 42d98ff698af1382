//! The configuration has a queue no more in which somebody waits: they wait on where they are served (law 9).

use crate::house::{House, advisor, queue};
use conversation::{ConversationId, EventKind, Owner, ReasonCode};
use router::ConnectionId;
use wire::frame::advisor::{Decline, Requeue};
use wire::{AdvisorFrame, ServerFrame};

/// Ines serves `care` alone, tom `orders` alone; a supervisor moves a conversation to `orders`, where it waits.
fn waits_in_orders(house: &mut House) -> (ConnectionId, ConversationId) {
    house.serves("ines", &["care"]);
    house.serves("tom", &["orders"]);
    let zoe = house.signs_in("zoe");
    house.serves("zoe", &[]);
    let (tab, conversation) = house.visitor();
    house.wants_a_human(tab);
    let queue = Some(queue("orders"));
    house.act(zoe, AdvisorFrame::Requeue(Requeue { conversation, queue, reference: None }));
    (tab, conversation)
}

fn people() -> [(&'static str, u16); 3] {
    [("ines", 1), ("tom", 1), ("zoe", 1)]
}

/// The code of the last transfer.
fn moved(house: &House, id: ConversationId) -> ReasonCode {
    let code = |kind: &EventKind| match kind {
        EventKind::TransferRequested { reason, .. } => Some(reason.code),
        _ => None,
    };
    house.events(id).iter().rev().find_map(|event| code(&event.kind)).unwrap()
}

#[test]
fn whoever_waits_in_a_queue_that_is_gone_waits_on_in_the_default_one() {
    let mut house = House::of(&people());
    let (_tab, id) = waits_in_orders(&mut house);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("orders") });
    house.wait(10_000);
    let later = {
        let (tab, later) = house.visitor();
        house.wants_a_human(tab);
        later
    };
    house.is_without("orders", true);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    assert_eq!(moved(&house, id), ReasonCode::QueueGone);
    assert_eq!((house.position(id), house.position(later)), (Some(0), Some(1)), "the wait so far counts");
    house.signs_in("ines");
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("ines is free") };
    assert_eq!(offers[0].advisor, advisor("ines"));
}

#[test]
fn the_same_holds_where_the_queue_went_while_the_server_did_not_run() {
    let mut house = House::of(&people());
    let (_tab, id) = waits_in_orders(&mut house);
    house.is_without("orders", false);
    house.restart();
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    house.signs_in("ines");
    assert!(matches!(house.owner(id), Owner::Offered { .. }));
}

#[test]
fn an_offer_of_a_queue_that_is_gone_is_taken_back_and_its_seat_is_free() {
    let mut house = House::of(&people());
    let tom = house.signs_in("tom");
    let (_tab, id) = waits_in_orders(&mut house);
    let Owner::Offered { offers, .. } = house.owner(id) else { panic!("tom is free") };
    house.hears(tom);
    house.is_without("orders", true);
    assert_eq!(house.owner(id), Owner::Queue { queue: queue("care") });
    let gone =
        |frame: &ServerFrame| matches!(frame, ServerFrame::OfferGone(gone) if gone.offer == offers[0].offer);
    assert!(house.hears(tom).iter().any(gone), "tom is told");
    assert_eq!(house.load("tom").reserved, 0);
    let decline = Decline { offer: offers[0].offer, reason: "busy".into(), note: None, reference: None };
    house.act(tom, AdvisorFrame::Decline(decline));
    assert_eq!(house.errors(tom), ["offer_gone"]);
}
