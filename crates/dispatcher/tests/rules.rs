//! The rules of the policy by hand, one at a time, each beside the case in which it does not apply. The reference shares
//! the search and the score with the real dispatcher, so that a wrong rule there is seen only here.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use conversation::{AdvisorId, ConversationId, CustomerId, Lang, QueueId, Skill};
use dispatcher::policy::{Language, Offers, Overflow, Queue, Step, Terms};
use dispatcher::{Advisor, Availability, Dispatcher, Policy, Presence, Refusal, Request};

fn id(name: &str) -> AdvisorId {
    AdvisorId::new(name).unwrap()
}

fn care() -> QueueId {
    QueueId::new("care").unwrap()
}

fn skills(of: &[(&str, u8)]) -> Vec<(Skill, u8)> {
    of.iter().map(|(name, level)| (Skill::new(name).unwrap(), *level)).collect()
}

fn advisor(name: &str, knows: &[(&str, u8)], langs: &[&str]) -> Advisor {
    let langs = langs.iter().map(|lang| Lang::new(lang).unwrap()).collect();
    Advisor { id: id(name), skills: skills(knows), langs, capacity: 4, queues: None }
}

fn ines() -> Advisor {
    advisor("ines", &[("billing", 3)], &["fr"])
}

fn zoe() -> Advisor {
    Advisor { id: id("zoe"), ..ines() }
}

fn request(conversation: u64, since: u64) -> Request {
    Request {
        conversation: ConversationId(conversation),
        customer: CustomerId::new("anon-1").unwrap(),
        queue: care(),
        lang: Lang::new("fr").unwrap(),
        skills: vec![],
        weight: 1,
        priority: 0,
        frustration: 0.0,
        since,
        not_before: None,
        head: false,
        affinity: None,
        only: None,
        avoid: vec![],
    }
}

fn policy(queue: Queue) -> Policy {
    let policy = Policy { queues: [(care(), queue)].into(), terms: Terms::NONE, ..Policy::default() };
    assert_eq!(policy.problems(), []);
    policy
}

fn come(house: &Dispatcher, advisor: Advisor, now: u64) {
    let id = advisor.id.clone();
    house.put_advisor(advisor, now).unwrap();
    house.set_status(&id, Presence::Available, now);
    house.set_connected(&id, true, now);
}

fn both(house: &Dispatcher) {
    come(house, ines(), 0);
    come(house, zoe(), 0);
}

fn house(queue: Queue, advisors: &[Advisor]) -> Dispatcher {
    let house = Dispatcher::new(policy(queue));
    advisors.iter().for_each(|advisor| come(&house, advisor.clone(), 0));
    house
}

fn chosen(house: &Dispatcher, now: u64) -> Option<String> {
    house.decide(now).map(|decision| decision.advisors[0].to_string())
}

/// When, in seconds of wait, the one advisor of the house is first asked; `None`: not within an hour.
fn asked_after(queue: &Queue, request: &Request, advisor: &Advisor) -> Option<u64> {
    let house = house(queue.clone(), std::slice::from_ref(advisor));
    house.enqueue(request.clone(), 0).unwrap();
    let mut now = 0;
    loop {
        if house.decide(now).is_some() {
            assert_eq!(now % 1_000, 0);
            return Some(now / 1_000);
        }
        // The millisecond before each moment that matters is looked at too: nothing comes early.
        let due = house.next_timeout().filter(|due| *due > now && *due <= 3_600_000)?;
        assert!(house.decide(due - 1).is_none(), "early, at {}", due - 1);
        now = due;
    }
}

#[test]
fn the_language_is_required_preferred_or_given_up_after_a_while() {
    let step = Step { after_s: 30, any_language: true, ..Step::default() };
    let french = request(1, 0);
    let required = Queue::default();
    let preferred = Queue { language: Language::Preferred, ..Queue::default() };
    let widened = Queue { steps: vec![step], ..Queue::default() };
    assert_eq!(required.language, Language::Required, "unless the policy says otherwise");
    for (langs, expected) in [
        (&["fr"][..], [Some(0), Some(0), Some(0)]),
        (&["en", "fr"], [Some(0), Some(0), Some(0)]),
        (&["en"], [None, Some(0), Some(30)]),
    ] {
        let speaks = advisor("ines", &[], langs);
        let after = [&required, &preferred, &widened].map(|queue| asked_after(queue, &french, &speaks));
        assert_eq!(after, expected, "{langs:?}");
    }
}

/// The queue asks for billing 3 and legal 4, the request for returns 2. After 30 s legal is dropped, after 60 s returns is,
/// after 90 s what is left is lowered by four: to 1, and what was dropped does not come back.
#[test]
fn a_step_drops_the_skills_that_it_names_and_lowers_the_others() {
    let drop = |after_s, name| Step { after_s, drop: vec![Skill::new(name).unwrap()], ..Step::default() };
    let lower = Step { after_s: 90, lower: 4, ..Step::default() };
    let queue = Queue {
        skills: skills(&[("billing", 3), ("legal", 4)]).into_iter().collect(),
        steps: vec![drop(30, "legal"), drop(60, "returns"), lower],
        ..Queue::default()
    };
    let asks = Request { skills: skills(&[("returns", 2)]), ..request(1, 0) };
    for (knows, expected) in [
        (&[("billing", 3), ("legal", 4), ("returns", 2)][..], Some(0)),
        (&[("billing", 3), ("legal", 3), ("returns", 2)], Some(30)),
        (&[("billing", 3), ("returns", 2)], Some(30)),
        (&[("billing", 3), ("legal", 4), ("returns", 1)], Some(60)),
        (&[("billing", 3)], Some(60)),
        (&[("billing", 1)], Some(90)),
        (&[("legal", 5), ("returns", 5)], None),
    ] {
        assert_eq!(asked_after(&queue, &asks, &advisor("ines", knows, &["fr"])), expected, "{knows:?}");
    }
}

/// One seat, taken; a conversation lasts a hundred seconds, so that whoever comes as the nth waits for n hundred.
#[test]
fn a_queue_overflows_by_the_wait_that_is_expected() {
    for (wait_s, waiting, expected) in [
        (0, 9, Availability::Busy),
        (101, 0, Availability::Busy),
        (100, 0, Availability::Closed),
        (201, 1, Availability::Busy),
        (200, 1, Availability::Closed),
    ] {
        let overflow = Overflow { wait_s, waiting: 0 };
        let house = house(Queue { overflow, ..Queue::default() }, &[Advisor { capacity: 1, ..ines() }]);
        house.handled(&care(), 100_000, 0, 0);
        assert_eq!(house.availability(&care(), 0), Availability::Open, "nobody waits while a seat is free");
        house.claim(ConversationId(100), &id("ines"), 1, false, 0).unwrap();
        (1..=waiting).for_each(|n| house.enqueue(request(n, 0), 0).unwrap());
        assert_eq!(house.availability(&care(), 0), expected, "{waiting} wait, limit {wait_s} s");
    }
}

#[test]
fn a_conversation_is_held_for_the_advisor_who_knows_the_customer_and_no_longer() {
    let held = |affinity_s, status, frees_at: Option<u64>| {
        let offers = Offers { affinity_s, ..Offers::default() };
        let busy = Advisor { capacity: 1, ..zoe() };
        let house = house(Queue { offers: Some(offers), ..Queue::default() }, &[ines(), busy]);
        house.claim(ConversationId(9), &id("zoe"), 1, false, 0).unwrap();
        house.set_status(&id("zoe"), status, 0);
        house.enqueue(Request { affinity: Some(id("zoe")), ..request(1, 0) }, 0).unwrap();
        (0..=60_000).step_by(500).find_map(|now| {
            if frees_at == Some(now) {
                house.release(ConversationId(9), &id("zoe"), now);
            }
            chosen(&house, now).map(|who| (now, who))
        })
    };
    let at = |now, who: &str| Some((now, who.to_owned()));
    assert_eq!(held(30, Presence::Available, None), at(30_000, "ines"), "no longer than it says");
    assert_eq!(held(30, Presence::Available, Some(10_000)), at(10_000, "zoe"), "for her, as soon as she can");
    assert_eq!(held(30, Presence::Away, None), at(0, "ines"), "not for somebody who is not there");
    assert_eq!(held(0, Presence::Available, None), at(0, "ines"), "not where the policy does not say so");
}

/// Zoé knows the customer and has said no: while she is not to be asked again, nobody waits for her.
#[test]
fn a_conversation_is_not_held_for_whoever_has_refused_it() {
    let offers = Offers { affinity_s: 300, avoid_s: 60, ..Offers::default() };
    let house = house(Queue { offers: Some(offers), ..Queue::default() }, &[ines(), zoe()]);
    house.enqueue(Request { affinity: Some(id("zoe")), ..request(1, 0) }, 0).unwrap();
    assert_eq!(chosen(&house, 0), Some("zoe".into()));
    assert!(house.refuse(ConversationId(1), &id("zoe"), Refusal::Declined, 1_000).requeued);
    assert_eq!(chosen(&house, 1_000), Some("ines".into()));
}

/// Two who are equal but for one thing. Without terms the first seat has it, who is Inès; by the one term alone it is Zoé.
#[test]
fn each_term_decides_by_itself() {
    type Begin = fn(&Dispatcher) -> Request;
    let cases: [(&str, Terms, Begin); 8] = [
        ("fit: a level more, of what is asked for", Terms { fit: 1.0, ..Terms::NONE }, |house| {
            come(house, advisor("ines", &[("billing", 3), ("legal", 5)], &["fr"]), 0);
            come(house, advisor("zoe", &[("billing", 4)], &["fr"]), 0);
            Request { skills: skills(&[("billing", 2)]), ..request(1, 600_000) }
        }),
        ("load: fewer points taken", Terms { load: 1.0, ..Terms::NONE }, |house| {
            both(house);
            house.claim(ConversationId(8), &id("ines"), 2, false, 0).unwrap();
            house.claim(ConversationId(9), &id("zoe"), 1, false, 0).unwrap();
            request(1, 600_000)
        }),
        ("load: of a larger capacity", Terms { load: 1.0, ..Terms::NONE }, |house| {
            come(house, Advisor { capacity: 2, ..ines() }, 0);
            come(house, zoe(), 0);
            house.claim(ConversationId(8), &id("ines"), 1, false, 0).unwrap();
            house.claim(ConversationId(9), &id("zoe"), 1, false, 0).unwrap();
            request(1, 600_000)
        }),
        ("idle: since longer", Terms { idle: 1.0, ..Terms::NONE }, |house| {
            both(house);
            house.claim(ConversationId(9), &id("ines"), 1, false, 60_000).unwrap();
            house.release(ConversationId(9), &id("ines"), 120_000);
            request(1, 600_000)
        }),
        ("affinity: knows the customer", Terms { affinity: 1.0, ..Terms::NONE }, |house| {
            both(house);
            Request { affinity: Some(id("zoe")), ..request(1, 600_000) }
        }),
        ("language: their best", Terms { language: 1.0, ..Terms::NONE }, |house| {
            come(house, advisor("ines", &[], &["en", "fr"]), 0);
            come(house, advisor("zoe", &[], &["fr", "en"]), 0);
            request(1, 600_000)
        }),
        ("turn: given one longer ago", Terms { turn: 1.0, ..Terms::NONE }, |house| {
            both(house);
            house.enqueue(request(9, 60_000), 60_000).unwrap();
            assert_eq!(chosen(house, 60_000), Some("ines".into()));
            assert!(house.withdraw(ConversationId(9)));
            request(1, 600_000)
        }),
        ("spare: cannot do what others ask for", Terms { spare: 1.0, ..Terms::NONE }, |house| {
            come(house, advisor("ines", &[("billing", 3), ("legal", 3)], &["fr"]), 0);
            come(house, zoe(), 0);
            house.enqueue(Request { skills: skills(&[("legal", 3)]), ..request(9, 0) }, 0).unwrap();
            assert_eq!(chosen(house, 0), Some("ines".into()));
            assert!(house.withdraw(ConversationId(9)));
            Request { skills: skills(&[("billing", 2)]), ..request(1, 600_000) }
        }),
    ];
    for (what, terms, begin) in cases {
        for (terms, expected) in [(Terms::NONE, "ines"), (terms, "zoe")] {
            let house = Dispatcher::new(Policy { terms, ..policy(Queue::default()) });
            let asks = begin(&house);
            house.enqueue(asks, 600_000).unwrap();
            assert_eq!(chosen(&house, 600_000), Some(expected.into()), "{what}");
        }
    }
    // Where the language is only preferred, to speak it second is worth more than not at all.
    let preferred = Queue { language: Language::Preferred, ..Queue::default() };
    let house =
        house(preferred.clone(), &[advisor("ines", &[], &["en"]), advisor("zoe", &[], &["en", "fr"])]);
    house.set_policy(Policy { terms: Terms { language: 1.0, ..Terms::NONE }, ..policy(preferred) });
    house.enqueue(request(1, 0), 0).unwrap();
    assert_eq!(chosen(&house, 0), Some("zoe".into()));
}

/// How long somebody may be let wait for one advisor alone, and that whoever refuses is left in peace for a while.
#[test]
fn a_policy_bounds_the_wait_for_one_advisor_and_spares_who_has_refused() {
    let wrong = |offers: Offers| {
        let policy = Policy { offers: offers.clone(), ..Policy::default() };
        let own = [(care(), Queue { offers: Some(offers), ..Queue::default() })].into();
        let of_queue = Policy { queues: own, ..Policy::default() };
        let paths = |policy: Policy| policy.problems().into_iter().map(|p| p.path).collect::<Vec<_>>();
        let found = paths(policy);
        assert_eq!(
            paths(of_queue),
            found.iter().map(|path| format!("queues.care.{path}")).collect::<Vec<_>>()
        );
        found
    };
    let longest = Offers { direct_s: 3_600, affinity_s: 3_600, avoid_s: 1, ..Offers::default() };
    assert_eq!(wrong(longest.clone()), [""; 0]);
    assert_eq!(wrong(Offers { direct_s: 3_601, ..longest.clone() }), ["offers.direct_s"]);
    assert_eq!(wrong(Offers { affinity_s: 3_601, ..longest.clone() }), ["offers.affinity_s"]);
    assert_eq!(wrong(Offers { avoid_s: 0, ..longest }), ["offers.avoid_s"]);
}
