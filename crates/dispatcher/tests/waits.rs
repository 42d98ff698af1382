//! What whoever waits is told: an honest low, expected and high figure, or none.
#![cfg(not(loom))]
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use conversation::{AdvisorId, ConversationId, CustomerId, Lang, QueueId, Skill};
use dispatcher::{Advisor, Dispatcher, Policy, Presence, Refusal, Request, Wait};

const NOW: u64 = 1_000_000;

fn queue() -> QueueId {
    QueueId::new("care").unwrap()
}

fn id(name: &str) -> AdvisorId {
    AdvisorId::new(name).unwrap()
}

fn comes(house: &Dispatcher, name: &str, capacity: u16, skills: &[&str]) {
    let skills = skills.iter().map(|skill| (Skill::new(skill).unwrap(), 3)).collect();
    let langs = vec![Lang::new("fr").unwrap()];
    house.put_advisor(Advisor { id: id(name), skills, langs, capacity, queues: None }, NOW).unwrap();
    house.set_status(&id(name), Presence::Available, NOW);
    house.set_connected(&id(name), true, NOW);
}

fn request(conversation: u64, skills: &[&str]) -> Request {
    Request {
        conversation: ConversationId(conversation),
        customer: CustomerId::new("anon-1").unwrap(),
        queue: queue(),
        lang: Lang::new("fr").unwrap(),
        skills: skills.iter().map(|skill| (Skill::new(skill).unwrap(), 1)).collect(),
        weight: 1,
        priority: 0,
        frustration: 0.0,
        since: NOW,
        not_before: None,
        head: false,
        affinity: None,
        only: None,
        avoid: vec![],
    }
}

fn told(house: &Dispatcher, conversation: u64, now: u64) -> Option<Wait> {
    house.position(ConversationId(conversation), now).unwrap().wait
}

/// Everybody's seats are taken by conversations that will end some day.
fn busy(house: &Dispatcher, names: &[(&str, u16)]) {
    let seats = names.iter().flat_map(|(name, capacity)| (0..*capacity).map(move |_| *name));
    for (nth, name) in (1_000..).zip(seats) {
        house.claim(ConversationId(nth), &id(name), 1, false, NOW).unwrap();
    }
}

#[test]
fn while_all_seats_are_taken_the_wait_follows_from_how_long_conversations_last() {
    let house = Dispatcher::new(Policy::default());
    comes(&house, "ines", 2, &[]);
    comes(&house, "karim", 2, &[]);
    busy(&house, &[("ines", 2), ("karim", 2)]);
    house.enqueue(request(1, &[]), NOW).unwrap();
    assert_eq!(told(&house, 1, NOW), None, "nothing has been observed yet");
    house.handled(&queue(), 600_000, 0, NOW);
    house.enqueue(request(2, &[]), NOW).unwrap();
    let (first, second) = (told(&house, 1, NOW).unwrap(), told(&house, 2, NOW).unwrap());
    // Four seats, ten minutes each: one is free every two and a half minutes.
    assert_eq!((first.expected_s, second.expected_s), (150, 300));
    for wait in [first, second] {
        assert!(wait.low_s < wait.expected_s && wait.expected_s < wait.high_s, "{wait:?}");
    }
    assert_eq!(house.figures(&queue(), NOW).wait.unwrap().expected_s, 450, "for a third one");
}

#[test]
fn nothing_is_promised_where_nobody_is_there_who_could_do_it() {
    let house = Dispatcher::new(Policy::default());
    comes(&house, "ines", 1, &["tax"]);
    comes(&house, "karim", 1, &[]);
    busy(&house, &[("ines", 1), ("karim", 1)]);
    house.handled(&queue(), 600_000, 0, NOW);
    house.enqueue(request(1, &["tax"]), NOW).unwrap();
    house.enqueue(request(2, &[]), NOW).unwrap();
    assert!(told(&house, 1, NOW).is_some());
    house.set_status(&id("ines"), Presence::Away, NOW);
    assert_eq!(told(&house, 1, NOW), None, "karim cannot do it");
    assert!(told(&house, 2, NOW).is_some());
    house.set_connected(&id("karim"), false, NOW);
    assert_eq!(told(&house, 2, NOW), None);
    assert_eq!(house.figures(&queue(), NOW).wait, None);
    house.set_status(&id("ines"), Presence::Available, NOW);
    assert!(told(&house, 1, NOW).is_some());
}

#[test]
fn who_was_declined_by_everybody_is_told_that_nothing_happens_before_they_may_be_asked_again() {
    let house = Dispatcher::new(Policy::default());
    comes(&house, "ines", 2, &[]);
    comes(&house, "karim", 2, &[]);
    house.handled(&queue(), 40_000, 0, NOW);
    house.enqueue(request(1, &[]), NOW).unwrap();
    for _ in 0..2 {
        let asked = house.decide(NOW).unwrap().advisors;
        assert!(house.refuse(ConversationId(1), &asked[0], Refusal::Declined, NOW).requeued);
    }
    assert!(house.decide(NOW).is_none());
    let pause_s = house.policy().offers(&queue()).avoid_s;
    let wait = told(&house, 1, NOW).unwrap();
    assert!(
        wait.low_s >= pause_s && wait.expected_s > wait.low_s && wait.high_s > wait.expected_s,
        "{wait:?}"
    );
    let later = told(&house, 1, NOW + 10_000).unwrap();
    assert_eq!(later.low_s + 10, wait.low_s, "time passes");
    // Somebody else comes, who has not been asked.
    comes(&house, "zoe", 2, &[]);
    assert!(told(&house, 1, NOW).unwrap().low_s < pause_s);
}

#[test]
fn whoever_is_not_to_be_asked_yet_is_not_counted_on_before() {
    let house = Dispatcher::new(Policy::default());
    comes(&house, "ines", 1, &[]);
    house.handled(&queue(), 60_000, 0, NOW);
    house.enqueue(Request { avoid: vec![(id("ines"), NOW + 900_000)], ..request(1, &[]) }, NOW).unwrap();
    assert!(house.decide(NOW).is_none());
    assert!(told(&house, 1, NOW).unwrap().low_s >= 900);
    assert!(house.decide(NOW + 899_999).is_none());
    assert!(house.decide(NOW + 900_000).is_some());
}

#[test]
fn a_callback_waits_for_its_moment_at_least() {
    let house = Dispatcher::new(Policy::default());
    comes(&house, "ines", 1, &[]);
    house.handled(&queue(), 60_000, 0, NOW);
    let moment = NOW + 3_600_000;
    house.enqueue(Request { since: moment, not_before: Some(moment), ..request(1, &[]) }, NOW).unwrap();
    assert!(house.decide(NOW).is_none());
    assert!(told(&house, 1, NOW).unwrap().low_s >= 3_600);
}
