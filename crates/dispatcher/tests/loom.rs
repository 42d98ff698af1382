//! Every interleaving, by loom: `RUSTFLAGS="--cfg loom" cargo test -p dispatcher --release --test loom`.
//!
//! The whole dispatcher takes part, with room for a few. loom explores every order of its atomic operations up to
//! a number of preemptions, and every value that a load may return under the memory model; immutable snapshots
//! (`arc_swap`) are not instrumented and count as one step each, and tables are allocated beforehand.
#![cfg(loom)]
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use conversation::{AdvisorId, ConversationId, CustomerId, Lang, QueueId};
use dispatcher::{Advisor, Dispatcher, Policy, Presence, Refusal, Request, Room};
use loom::sync::Arc;
use loom::thread;

const NOW: u64 = 1_000;

fn ines() -> AdvisorId {
    AdvisorId::new("ines").unwrap()
}

fn request(conversation: u64) -> Request {
    Request {
        conversation: ConversationId(conversation),
        customer: CustomerId::new("anon-1").unwrap(),
        queue: QueueId::new("care").unwrap(),
        lang: Lang::new("fr").unwrap(),
        skills: vec![],
        weight: 1,
        priority: 0,
        frustration: 0.0,
        since: 0,
        not_before: None,
        head: false,
        affinity: None,
        only: None,
        avoid: vec![],
    }
}

fn house(capacity: u16) -> Dispatcher {
    let room = Room { advisors: 1, waiting: 2, lines: 2, directory: 4, tables: 1 };
    let house = Dispatcher::with_room(Policy::default(), room);
    let langs = vec![Lang::new("fr").unwrap()];
    house.put_advisor(Advisor { id: ines(), skills: vec![], langs, capacity, queues: None }, 0).unwrap();
    house.set_status(&ines(), Presence::Available, 0);
    house.set_connected(&ines(), true, 0);
    // The line is opened beforehand: loom does not see that a snapshot's content is published together with it.
    house.enqueue(request(7), 0).unwrap();
    assert!(house.withdraw(ConversationId(7)));
    assert!(drain(&house).is_empty(), "and is no longer marked");
    house
}

fn explore(preemptions: usize, model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 100_000;
    builder.check(model);
}

/// All that a thread decides until there is nothing more, as a shard does.
fn drain(house: &Dispatcher) -> Vec<u64> {
    std::iter::from_fn(|| house.choose(NOW)).map(|choice| choice.conversation().0).collect()
}

fn lawful(house: &Dispatcher, held_and_reserved: u16) {
    let load = house.load(&ines()).unwrap();
    assert!(load.held + load.reserved <= load.capacity, "law 2: {load:?}");
    assert_eq!(load.held + load.reserved, held_and_reserved);
}

/// Two shards, one seat: it is given once, and one conversation goes on waiting.
#[test]
fn one_seat_is_not_given_twice() {
    explore(2, || {
        let house = Arc::new(house(1));
        let other = house.clone();
        let shard = thread::spawn(move || {
            other.enqueue(request(1), NOW).unwrap();
            drain(&other)
        });
        house.enqueue(request(2), NOW).unwrap();
        let mut decided = drain(&house);
        decided.extend(shard.join().unwrap());
        assert_eq!(decided.len(), 1, "law 6: a free seat, and nobody got it");
        lawful(&house, 1);
        assert!(house.choose(NOW).is_none());
    });
}

/// The lost wake-up: one shard frees the seat while another queues a conversation. One of them sees both.
#[test]
fn a_seat_that_is_freed_while_somebody_queues_is_not_overlooked() {
    explore(2, || {
        let house = Arc::new(house(1));
        house.claim(ConversationId(9), &ines(), 1, false, 0).unwrap();
        let other = house.clone();
        let shard = thread::spawn(move || {
            other.release(ConversationId(9), &ines(), NOW);
            drain(&other)
        });
        house.enqueue(request(1), NOW).unwrap();
        let mut decided = drain(&house);
        decided.extend(shard.join().unwrap());
        assert_eq!(decided, [1], "law 6: nobody waits beside a free seat");
        lawful(&house, 1);
    });
}

/// Presence: the advisor becomes available while somebody queues.
#[test]
fn an_advisor_who_comes_while_somebody_queues_is_not_overlooked() {
    explore(2, || {
        let house = Arc::new(house(1));
        house.set_status(&ines(), Presence::Away, 0);
        let other = house.clone();
        let shard = thread::spawn(move || {
            other.set_status(&ines(), Presence::Available, NOW);
            drain(&other)
        });
        house.enqueue(request(1), NOW).unwrap();
        let mut decided = drain(&house);
        decided.extend(shard.join().unwrap());
        assert_eq!(decided, [1]);
        lawful(&house, 1);
    });
}

/// The double claim: two shards decide about the same conversation, with seats for both.
#[test]
fn a_conversation_is_not_given_twice() {
    explore(2, || {
        let house = Arc::new(house(2));
        house.enqueue(request(1), NOW).unwrap();
        let other = house.clone();
        let shard = thread::spawn(move || drain(&other));
        let mut decided = drain(&house);
        decided.extend(shard.join().unwrap());
        assert_eq!(decided, [1]);
        lawful(&house, 1);
    });
}

/// The customer leaves while another shard decides: either way the seat is free afterwards, and the slot too.
#[test]
fn a_customer_who_leaves_while_it_is_decided_leaves_nothing_behind() {
    explore(2, || {
        let house = Arc::new(house(1));
        house.enqueue(request(1), NOW).unwrap();
        let other = house.clone();
        let shard = thread::spawn(move || drain(&other).len());
        assert!(house.withdraw(ConversationId(1)));
        shard.join().unwrap();
        lawful(&house, 0);
        house.enqueue(request(2), NOW).unwrap();
        house.enqueue(request(3), NOW).unwrap();
        assert_eq!(drain(&house).len(), 1, "both slots and the seat can be used again");
    });
}

/// The customer goes away while another shard decides: it is offered once all the same, since nobody else waits.
#[test]
fn a_customer_who_goes_away_while_it_is_decided_is_neither_lost_nor_offered_twice() {
    explore(2, || {
        let house = Arc::new(house(2));
        house.enqueue(request(1), NOW).unwrap();
        let other = house.clone();
        let shard = thread::spawn(move || drain(&other));
        assert!(house.set_away(ConversationId(1), true));
        let mut decided = drain(&house);
        decided.extend(shard.join().unwrap());
        assert_eq!(decided, [1]);
        lawful(&house, 1);
    });
}

/// The seat of an offer that is refused goes to whoever waits, while another shard queues.
#[test]
fn a_refused_offer_frees_the_seat_for_another() {
    explore(2, || {
        let house = Arc::new(house(1));
        house.enqueue(request(1), NOW).unwrap();
        assert_eq!(drain(&house), [1]);
        let other = house.clone();
        let shard = thread::spawn(move || {
            other.enqueue(request(2), NOW).unwrap();
            drain(&other)
        });
        assert!(house.refuse(ConversationId(1), &ines(), Refusal::Declined, NOW).requeued);
        let mut decided = drain(&house);
        decided.extend(shard.join().unwrap());
        assert_eq!(decided, [2], "the one who refused is not asked again at once");
        lawful(&house, 1);
    });
}
