//! The laws, by hand: one small house, one thing at a time, through the public interface alone.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use conversation::{AdvisorId, ConversationId, CustomerId, Lang, QueueId, Skill};
use dispatcher::policy::{Overflow, Queue, Step, Terms, WhenClosed};
use dispatcher::{Advisor, Availability, ClaimError, Dispatcher, Full, Policy, Presence, Refusal, Request};

fn id(name: &str) -> AdvisorId {
    AdvisorId::new(name).unwrap()
}

fn queue(name: &str) -> QueueId {
    QueueId::new(name).unwrap()
}

fn skill(name: &str) -> Skill {
    Skill::new(name).unwrap()
}

fn advisor(name: &str, capacity: u16) -> Advisor {
    Advisor {
        id: id(name),
        skills: vec![(skill("billing"), 3)],
        langs: vec![Lang::new("fr").unwrap()],
        capacity,
        queues: None,
    }
}

fn request(conversation: u64, since: u64) -> Request {
    Request {
        conversation: ConversationId(conversation),
        customer: CustomerId::new("anon-1").unwrap(),
        queue: queue("care"),
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

fn house(policy: Policy, advisors: &[(&str, u16)]) -> Dispatcher {
    let house = Dispatcher::new(policy);
    for (name, capacity) in advisors {
        house.put_advisor(advisor(name, *capacity), 0).unwrap();
        house.set_status(&id(name), Presence::Available, 0);
        house.set_connected(&id(name), true, 0);
    }
    house
}

fn chosen(house: &Dispatcher, now: u64) -> Option<(u64, String)> {
    house.decide(now).map(|d| (d.conversation.0, d.advisors[0].to_string()))
}

#[test]
fn presence_is_an_allowlist() {
    let house = Dispatcher::new(Policy::default());
    house.put_advisor(advisor("ines", 1), 0).unwrap();
    house.enqueue(request(1, 10), 10).unwrap();
    assert_eq!(chosen(&house, 10), None);
    house.set_connected(&id("ines"), true, 10);
    assert_eq!(chosen(&house, 10), None, "connected is not available");
    house.set_status(&id("ines"), Presence::Available, 10);
    house.set_connected(&id("ines"), false, 10);
    assert_eq!(chosen(&house, 10), None, "available is not connected");
    house.set_connected(&id("ines"), true, 10);
    assert_eq!(chosen(&house, 10), Some((1, "ines".into())));
}

#[test]
fn seats_are_never_overrun_and_a_freed_one_is_used_at_once() {
    let house = house(Policy::default(), &[("ines", 2)]);
    for n in 1..=3 {
        house.enqueue(request(n, n), n).unwrap();
    }
    assert_eq!(chosen(&house, 10), Some((1, "ines".into())));
    assert_eq!(chosen(&house, 10), Some((2, "ines".into())));
    assert_eq!(chosen(&house, 10), None);
    house.accept(ConversationId(1), &id("ines"), 11).unwrap();
    let load = house.load(&id("ines")).unwrap();
    assert_eq!((load.held, load.reserved), (1, 1));
    assert_eq!(
        house.claim(ConversationId(9), &id("ines"), 1, true, 11),
        Err(ClaimError::NoSeat),
        "a supervisor cannot overrun seats either"
    );
    house.release(ConversationId(1), &id("ines"), 12);
    assert_eq!(chosen(&house, 12), Some((3, "ines".into())));
}

#[test]
fn one_place() {
    let house = house(Policy::default(), &[("ines", 2), ("joel", 2)]);
    house.enqueue(request(1, 1), 1).unwrap();
    assert_eq!(house.enqueue(request(1, 1), 1), Err(Full::Known));
    let first = house.decide(1).unwrap().advisors[0].clone();
    assert!(house.accept(ConversationId(1), &id("nobody"), 2).is_err());
    house.accept(ConversationId(1), &first, 2).unwrap();
    assert!(house.accept(ConversationId(1), &first, 2).is_err(), "an offer is accepted once");
    let other = if first == id("ines") { id("joel") } else { id("ines") };
    assert_eq!(house.claim(ConversationId(1), &other, 1, true, 3), Err(ClaimError::Held));
    assert!(!house.withdraw(ConversationId(1)));
}

#[test]
fn a_declined_offer_is_at_the_head_and_goes_to_somebody_else() {
    let house = house(Policy::default(), &[("ines", 1), ("joel", 1)]);
    house.enqueue(request(1, 1), 1).unwrap();
    let first = house.decide(1).unwrap().advisors[0].clone();
    let mut urgent = request(2, 2);
    urgent.priority = 9;
    let refused = house.refuse(ConversationId(1), &first, Refusal::Declined, 3);
    assert!(refused.requeued && !refused.set_away);
    house.enqueue(urgent, 3).unwrap();
    let again = house.decide(3).unwrap();
    assert_eq!(again.conversation, ConversationId(1), "the head comes before the urgent one");
    assert_ne!(again.advisors[0], first);
    assert_eq!(chosen(&house, 3), Some((2, first.to_string())));
    house.refuse(ConversationId(1), &again.advisors[0], Refusal::Declined, 4);
    assert_eq!(house.decide(4), None, "everybody has said no a moment ago");
    assert!(house.withdraw(ConversationId(2)));
    assert_eq!(house.next_timeout(), Some(60_003), "then the first may be asked again");
    assert_eq!(chosen(&house, 60_003), Some((1, first.to_string())));
}

#[test]
fn whoever_misses_offers_is_set_away() {
    let house = house(Policy::default(), &[("ines", 3)]);
    for n in 1..=3 {
        house.enqueue(request(n, n), n).unwrap();
        house.decide(n).unwrap();
        let refused = house.refuse(ConversationId(n), &id("ines"), Refusal::Expired, 30 + n);
        assert_eq!(refused.set_away, n == 3);
        assert!(house.withdraw(ConversationId(n)));
    }
    assert_eq!(house.load(&id("ines")).unwrap().status, Presence::Away);
}

#[test]
fn a_step_widens_the_search_and_keeps_the_place() {
    let mut policy = Policy::default();
    let care = Queue {
        skills: [(skill("billing"), 5)].into(),
        steps: vec![Step { after_s: 30, lower: 2, ..Step::default() }],
        ..Queue::default()
    };
    policy.queues.insert(queue("care"), care);
    assert_eq!(policy.problems(), []);
    let house = house(policy, &[("ines", 1)]);
    house.enqueue(request(1, 1_000), 1_000).unwrap();
    house.enqueue(request(2, 2_000), 2_000).unwrap();
    assert_eq!(house.decide(2_000), None);
    assert_eq!(house.next_timeout(), Some(31_000));
    let decision = house.decide(31_000).unwrap();
    assert_eq!((decision.conversation, decision.step), (ConversationId(1), 1));
    assert!(decision.candidates[0].score.is_finite());
}

/// The bound that the policy states: under any stream of newcomers of the highest priority, all of them lighter,
/// whoever waits longer than it is next, whatever they weigh.
#[test]
fn nobody_starves() {
    let policy = Policy::default();
    let bound = policy.ageing.bound_ms();
    assert_eq!(bound, 660_000);
    for weight in [1, 2] {
        let house = house(policy.clone(), &[("ines", 2)]);
        let begin = 10_000_000;
        let mut patient = request(1, begin);
        patient.weight = weight;
        let (mut held, mut next, mut now) = (Vec::new(), 2, begin);
        // Both seats are taken before the patient one comes, and end in turn, never together.
        while held.len() < 2 {
            house.claim(ConversationId(next), &id("ines"), 1, false, now).unwrap();
            held.push(next);
            next += 1;
        }
        house.enqueue(patient, begin).unwrap();
        let served = loop {
            now += 10_000;
            let mut urgent = request(next, now);
            (urgent.priority, urgent.frustration) = (9, 1.0);
            house.enqueue(urgent, now).unwrap();
            next += 1;
            house.release(ConversationId(held.remove(0)), &id("ines"), now);
            let decision = house.decide(now).unwrap();
            assert!(house.decide(now).is_none());
            if decision.conversation == ConversationId(1) {
                break now - begin;
            }
            house.accept(decision.conversation, &id("ines"), now).unwrap();
            held.push(decision.conversation.0);
        };
        // One more conversation may be waited for: the one that is under way.
        assert!(served <= bound + 10_000, "weight {weight}: served after {served} ms");
        assert!(served > 120_000, "the urgent ones did come first for a while");
    }
}

#[test]
fn outside_its_hours_a_queue_is_closed_and_a_bad_policy_says_where() {
    let text = r#"{
        "hours": {"office": {"zone": "Europe/Paris", "week": {"mon": ["09:00-18:00"]}, "holidays": "FR"}},
        "queues": {"care": {"hours": "office"}, "sales": {"hours": "offices", "priority": 12,
            "steps": [{"after_s": 10, "add": ["nowhere"]}, {"after_s": 10}]}}
    }"#;
    let policy: Policy = serde_json::from_str(text).unwrap();
    let paths: Vec<String> = policy.problems().into_iter().map(|problem| problem.path).collect();
    let expected = [
        "queues.sales.priority",
        "queues.sales.hours",
        "queues.sales.steps[0].add[0]",
        "queues.sales.steps[1].after_s",
        "queues.sales.steps[1]",
    ];
    assert_eq!(paths, expected);
    let house = house(policy, &[("ines", 1)]);
    // Monday, 2 March 2026, 09:00 and 18:00 in Paris; Easter Monday, 6 April 2026, noon.
    let (nine, six, easter) = (1_772_438_400_000, 1_772_470_800_000, 1_775_469_600_000);
    assert_eq!(house.availability(&queue("care"), nine), Availability::Open);
    assert_eq!(house.availability(&queue("care"), nine - 1), Availability::Closed);
    assert_eq!(house.availability(&queue("care"), six), Availability::Closed);
    assert_eq!(house.availability(&queue("care"), easter), Availability::Closed);
    assert_eq!(house.opens_at(&queue("care"), six), Some(nine + 7 * 86_400_000));
}

#[test]
fn the_first_of_several_to_accept_has_it() {
    let mut policy = Policy::default();
    policy.offers.at_once = 2;
    let house = house(policy, &[("ines", 1), ("joel", 1), ("kim", 1)]);
    house.enqueue(request(1, 0), 0).unwrap();
    let decision = house.decide(0).unwrap();
    assert_eq!(decision.advisors.len(), 2);
    let (late, first) = (&decision.advisors[0], &decision.advisors[1]);
    house.accept(ConversationId(1), first, 5).unwrap();
    assert!(house.accept(ConversationId(1), late, 5).is_err());
    assert_eq!(house.load(late).unwrap().reserved, 0);
    assert_eq!(house.load(first).unwrap().held, 1);
}

/// DESIGN: an angry conversation costs more points than an easy one. It keeps its weight for as long as it waits; after
/// `light_s` it is content with fewer where no more are free, and nowhere else.
#[test]
fn a_heavy_conversation_keeps_its_weight_where_there_is_room_for_it() {
    let heavy = |n, since| Request { weight: 2, ..request(n, since) };
    let roomy = house(Policy::default(), &[("ines", 3)]);
    roomy.enqueue(heavy(1, 0), 0).unwrap();
    assert!(chosen(&roomy, 500_000).is_some(), "long after light_s");
    assert_eq!(roomy.load(&id("ines")).unwrap().reserved, 2, "its whole weight");

    let narrow = house(Policy::default(), &[("ines", 3)]);
    narrow.claim(ConversationId(8), &id("ines"), 2, false, 0).unwrap();
    narrow.enqueue(heavy(1, 0), 0).unwrap();
    assert_eq!(chosen(&narrow, 119_999), None, "one point is free, two are asked for");
    assert!(chosen(&narrow, 120_000).is_some(), "rather than wait while lighter ones pass");
    assert_eq!(narrow.load(&id("ines")).unwrap().reserved, 1, "what there is: law 2");
    narrow.accept(ConversationId(1), &id("ines"), 120_000).unwrap();
    narrow.release(ConversationId(1), &id("ines"), 120_000);
    assert_eq!(narrow.load(&id("ines")).unwrap().held, 2, "and no more is given back than was taken");
}

#[test]
fn after_a_step_another_team_may_take_it() {
    let mut policy = Policy::default();
    let step = Step { after_s: 30, add: vec![queue("sales")], ..Step::default() };
    policy.queues.insert(queue("care"), Queue { steps: vec![step], ..Queue::default() });
    policy.queues.insert(queue("sales"), Queue::default());
    let house = Dispatcher::new(policy);
    house.put_advisor(Advisor { queues: Some(vec![queue("sales")]), ..advisor("zoe", 1) }, 0).unwrap();
    house.set_status(&id("zoe"), Presence::Available, 0);
    house.set_connected(&id("zoe"), true, 0);
    house.enqueue(request(1, 0), 0).unwrap();
    assert_eq!(chosen(&house, 29_999), None);
    assert_eq!(house.next_timeout(), Some(30_000));
    assert_eq!(chosen(&house, 30_000), Some((1, "zoe".into())));
}

/// Each by its own term alone: whoever has had angry customers of late is spared the next one of those, whoever has had
/// many of late the next of any kind. All else being equal, the first seat has it.
#[test]
fn the_hard_ones_and_the_work_are_shared() {
    let shares = |terms: Terms, frustration: f32| {
        let house = house(Policy { terms, ..Policy::default() }, &[("ines", 4), ("zoe", 4)]);
        let give = |n: u64| {
            let now = n * 20_000;
            house.enqueue(Request { frustration, ..request(n, now) }, now).unwrap();
            let (which, who) = chosen(&house, now).unwrap();
            house.accept(ConversationId(which), &id(&who), now).unwrap();
            house.release(ConversationId(which), &id(&who), now + 5_000);
            who
        };
        (0..6).map(give).filter(|who| who == "ines").count()
    };
    assert_eq!(shares(Terms::NONE, 0.9), 6);
    assert_eq!(shares(Terms { hard: 1.0, ..Terms::NONE }, 0.9), 3);
    assert_eq!(shares(Terms { hard: 1.0, ..Terms::NONE }, 0.0), 6, "calm ones are nobody's burden");
    assert_eq!(shares(Terms { fairness: 1.0, ..Terms::NONE }, 0.0), 3);
}

#[test]
fn a_queue_that_is_closed_may_name_another() {
    let mut policy = Policy::default();
    let too_long = |other: &str| Queue {
        overflow: Overflow { waiting: 1, wait_s: 0 },
        when_closed: WhenClosed::Queue(queue(other)),
        ..Queue::default()
    };
    policy.queues.insert(queue("care"), too_long("sales"));
    policy.queues.insert(queue("sales"), too_long("care"));
    let house = house(policy, &[("ines", 1)]);
    assert_eq!(house.entrance(&queue("care"), 0), (queue("care"), Availability::Open));
    house.claim(ConversationId(9), &id("ines"), 1, false, 0).unwrap();
    assert_eq!(house.entrance(&queue("care"), 0), (queue("care"), Availability::Busy));
    house.enqueue(request(1, 0), 0).unwrap();
    assert_eq!(house.entrance(&queue("care"), 0), (queue("sales"), Availability::Busy), "overflow");
    house.enqueue(Request { queue: queue("sales"), ..request(2, 0) }, 0).unwrap();
    let closed = (queue("care"), Availability::Closed);
    assert_eq!(house.entrance(&queue("care"), 0), closed, "each names the other: no circle");
}

/// A callback is offered at its time and not before, waits from then on, and nobody who waits is behind it until then.
#[test]
fn a_callback_keeps_its_place_from_its_own_time_on() {
    let house = house(Policy::default(), &[("ines", 1)]);
    let mut callback = request(1, 60_000);
    callback.not_before = Some(60_000);
    house.enqueue(callback, 0).unwrap();
    assert!(house.decide(0).is_none(), "not before its time");
    assert_eq!(house.figures(&queue("care"), 0).waiting, 0);
    assert_eq!(house.next_timeout(), Some(60_000));
    house.enqueue(request(2, 30_000), 30_000).unwrap();
    assert_eq!(house.position(ConversationId(2), 30_000).unwrap().ahead, 0);
    let taken = house.decide(30_000).unwrap();
    assert_eq!(taken.conversation, ConversationId(2), "a seat does not stand empty for it");
    house.accept(taken.conversation, &taken.advisors[0], 30_000).unwrap();
    // Who comes after its time comes after it.
    house.enqueue(request(3, 61_000), 61_000).unwrap();
    assert!(house.decide(61_000).is_none());
    assert_eq!(house.position(ConversationId(3), 61_000).unwrap().ahead, 1);
    house.release(taken.conversation, &taken.advisors[0], 62_000);
    assert_eq!(house.decide(62_000).unwrap().conversation, ConversationId(1));
}

/// Whoever is away is passed over while anybody waits who is there, and has their old place when they are back; with
/// nobody else waiting they are offered (law 6).
#[test]
fn who_is_away_keeps_a_place_behind_those_who_are_there() {
    let house = house(Policy::default(), &[("ines", 1)]);
    house.claim(ConversationId(9), &id("ines"), 1, false, 0).unwrap();
    for (conversation, since) in [(1, 0), (2, 10_000), (3, 20_000)] {
        house.enqueue(request(conversation, since), 20_000).unwrap();
    }
    let ahead = |conversation| house.position(ConversationId(conversation), 30_000).unwrap().ahead;
    assert!(house.set_away(ConversationId(1), true));
    assert_eq!([1, 2, 3].map(ahead), [2, 0, 1]);
    assert!(house.set_away(ConversationId(1), false));
    assert_eq!([1, 2, 3].map(ahead), [0, 1, 2], "back, and nothing is lost");
    house.set_away(ConversationId(1), true);
    house.set_away(ConversationId(3), true);
    let mut order = Vec::new();
    house.release(ConversationId(9), &id("ines"), 30_000);
    while let Some(decision) = house.decide(30_000) {
        order.push(decision.conversation.0);
        house.accept(decision.conversation, &id("ines"), 30_000).unwrap();
        house.release(decision.conversation, &id("ines"), 30_000);
    }
    assert_eq!(order, [2, 1, 3]);
}
