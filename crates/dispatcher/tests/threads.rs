//! Several shards on one dispatcher, for real: no seat is overrun, no conversation has two places, and when all is
//! quiet nobody waits beside a free seat. `RELAIS_OPERATIONS` asks for more.
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test with threads of its own")]

use conversation::{AdvisorId, ConversationId, CustomerId, Lang, QueueId, Skill};
use dispatcher::{Advisor, Dispatcher, Policy, Presence, Refusal, Request};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

const SHARDS: u64 = 4;
const PEOPLE: u64 = 12;

/// Decisions on their way to the shard that owns the conversation.
type Mail = Mutex<Vec<(ConversationId, Vec<AdvisorId>)>>;

fn id(n: u64) -> AdvisorId {
    AdvisorId::new(&format!("advisor-{n}")).unwrap()
}

fn skill(n: u64) -> Skill {
    Skill::new(&format!("skill-{}", n % 3)).unwrap()
}

fn request(conversation: u64, now: u64) -> Request {
    Request {
        conversation: ConversationId(conversation),
        customer: CustomerId::new("anon-1").unwrap(),
        queue: QueueId::new("care").unwrap(),
        lang: Lang::new("fr").unwrap(),
        skills: vec![(skill(conversation / SHARDS), 2)],
        weight: if conversation.is_multiple_of(5) { 2 } else { 1 },
        priority: (conversation % 10) as u8,
        frustration: 0.0,
        since: now,
        not_before: None,
        head: false,
        affinity: None,
        only: None,
        avoid: vec![],
    }
}

#[test]
fn shards_share_one_dispatcher() {
    let operations: u64 =
        std::env::var("RELAIS_OPERATIONS").ok().and_then(|v| v.parse().ok()).unwrap_or(200_000);
    // Nothing depends on the time alone, so that what can be decided at the end can be decided at any moment.
    let mut policy = Policy::default();
    policy.ageing.light_s = 0;
    policy.offers.avoid_s = 0;
    let house = Dispatcher::new(policy);
    for n in 0..PEOPLE {
        let skills = vec![(skill(n), 4), (skill(n + 1), 2)];
        let langs = vec![Lang::new("fr").unwrap()];
        house.put_advisor(Advisor { id: id(n), skills, langs, capacity: 3, queues: None }, 0).unwrap();
        house.set_status(&id(n), Presence::Available, 0);
        house.set_connected(&id(n), true, 0);
    }
    // Decisions go to the shard that owns the conversation, as the router passes them on.
    let mail: Vec<Mail> = (0..SHARDS).map(|_| Mutex::default()).collect();
    let (clock, decided) = (AtomicU64::new(1_000_000), AtomicU64::new(0));
    let left: Vec<ConversationId> = std::thread::scope(|scope| {
        let shards: Vec<_> = (0..SHARDS)
            .map(|shard| {
                let (house, mail, clock, decided) = (&house, &mail, &clock, &decided);
                scope.spawn(move || {
                    let mut held: Vec<(ConversationId, AdvisorId)> = Vec::new();
                    let mut waiting: Vec<ConversationId> = Vec::new();
                    let mut dice = shard + 1;
                    for n in 0..operations / SHARDS {
                        dice = dice
                            .wrapping_mul(6_364_136_223_846_793_005)
                            .wrapping_add(1_442_695_040_888_963_407);
                        let now = clock.fetch_add(7, Ordering::Relaxed);
                        match (dice >> 33) % 8 {
                            0..=2 if waiting.len() < 40 => {
                                let conversation = n * SHARDS + shard;
                                house.enqueue(request(conversation, now), now).unwrap();
                                waiting.push(ConversationId(conversation));
                            }
                            3 if !waiting.is_empty() => {
                                let gone = waiting.swap_remove((dice >> 40) as usize % waiting.len());
                                assert!(house.withdraw(gone), "it waits or is offered");
                            }
                            4..=5 if !held.is_empty() => {
                                let (which, by) = held.swap_remove((dice >> 40) as usize % held.len());
                                house.release(which, &by, now);
                            }
                            6 => {
                                let who = id((dice >> 40) % PEOPLE);
                                let status =
                                    if dice >> 50 & 3 == 0 { Presence::Away } else { Presence::Available };
                                house.set_status(&who, status, now);
                            }
                            _ => {}
                        }
                        while let Some(decision) = house.decide(now) {
                            decided.fetch_add(1, Ordering::Relaxed);
                            let owner = decision.conversation.0 % SHARDS;
                            mail[owner as usize]
                                .lock()
                                .unwrap()
                                .push((decision.conversation, decision.advisors));
                        }
                        for (which, to) in std::mem::take(&mut *mail[shard as usize].lock().unwrap()) {
                            // It may have been withdrawn since; otherwise the offer is open.
                            let mine = waiting.iter().position(|other| *other == which);
                            let answer = dice >> 45 & 7;
                            if answer == 0 {
                                let refused = house.refuse(which, &to[0], Refusal::Declined, now);
                                assert_eq!(refused.requeued, mine.is_some());
                            } else {
                                let accepted = house.accept(which, &to[0], now);
                                assert_eq!(accepted.is_ok(), mine.is_some(), "one place");
                                if let Some(at) = mine {
                                    waiting.swap_remove(at);
                                    held.push((which, to[0].clone()));
                                }
                            }
                        }
                        let load = house.load(&id(dice % PEOPLE)).unwrap();
                        assert!(load.held + load.reserved <= load.capacity, "law 2: {load:?}");
                    }
                    for (which, by) in held {
                        house.release(which, &by, clock.load(Ordering::Relaxed));
                    }
                    while house.decide(clock.load(Ordering::Relaxed)).is_some() {}
                    waiting
                })
            })
            .collect();
        shards.into_iter().flat_map(|shard| shard.join().unwrap()).collect()
    });
    // Quiet: all held seats are free, the rest is offered or can be decided now, as far as there are seats.
    let later = clock.load(Ordering::Relaxed) + 3_600_000;
    // Half of those who wait or are offered leave, many seats are free, and it is asked until there is nothing more:
    // even if all lines are looked at again, there is nothing more.
    let (gone, open): (Vec<_>, Vec<_>) =
        left.into_iter().partition(|conversation| (conversation.0 / SHARDS).is_multiple_of(2));
    for conversation in gone {
        assert!(house.withdraw(conversation));
    }
    let open = open.len() as u64;
    while house.decide(later).is_some() {}
    for n in 0..PEOPLE {
        house.set_connected(&id(n), true, later);
    }
    assert!(house.decide(later).is_none(), "law 6: somebody waits beside a free seat");
    for n in 0..PEOPLE {
        house.set_status(&id(n), Presence::Available, later);
    }
    let mut more = 0;
    while house.decide(later).is_some() {
        more += 1;
    }
    let (mut held, mut reserved) = (0, 0);
    for n in 0..PEOPLE {
        let load = house.load(&id(n)).unwrap();
        assert!(load.held + load.reserved <= load.capacity);
        held += load.held;
        reserved += load.reserved;
    }
    let figures = house.figures(&QueueId::new("care").unwrap(), later);
    assert_eq!(held, 0, "what was held was given back");
    assert!(reserved > 0 || open == 0);
    assert!(u64::from(figures.waiting) <= open);
    assert!(figures.waiting == 0 || figures.available == 0 || more > 0 || reserved > 0);
    // Few where the machine leaves one shard alone for long: the others' conversations have every seat then.
    assert!(decided.load(Ordering::Relaxed) > 0, "something happened");
}
