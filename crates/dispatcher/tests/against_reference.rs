//! The real dispatcher against the slow and obvious one: the same random operations, the same answers, and the
//! laws after each. `RELAIS_OPERATIONS=5000000` asks for more of them, `RELAIS_SEED=7` for others.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use conversation::{AdvisorId, Candidate, ConversationId, CustomerId, Lang, QueueId, Skill};
use dispatcher::policy::{Ageing, Language, Offers, Queue, Step};
use dispatcher::reference::Reference;
use dispatcher::{Advisor, Decision, Dispatcher, Policy, Presence, Refusal, Request};
use std::collections::{BTreeMap, BTreeSet};

/// SplitMix64 (Steele, Lea & Flood, OOPSLA 2014).
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn below(&mut self, n: u64) -> u64 {
        self.next() % n
    }
    fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }
    fn pick<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        if of.is_empty() { None } else { of.get(self.below(of.len() as u64) as usize) }
    }
}

fn skill(n: u64) -> Skill {
    Skill::new(["billing", "returns", "legal"][n as usize % 3]).unwrap()
}
fn lang(n: u64) -> Lang {
    Lang::new(["fr", "en"][n as usize % 2]).unwrap()
}
fn queue(n: u64) -> QueueId {
    QueueId::new(["care", "sales", "plain"][n as usize % 3]).unwrap()
}
fn id(n: u64) -> AdvisorId {
    AdvisorId::new(&format!("advisor-{n}")).unwrap()
}

/// `ageing`: one for the whole run, since places that were given under one are kept under the next.
fn policy(dice: &mut Dice, ageing: &Ageing) -> Policy {
    let mut policy = Policy { ageing: ageing.clone(), ..Policy::default() };
    let step = |dice: &mut Dice, after_s| Step {
        after_s,
        lower: dice.below(3) as u8,
        drop: if dice.one_in(3) { vec![skill(dice.next())] } else { vec![] },
        add: if dice.one_in(3) { vec![queue(dice.below(2))] } else { vec![] },
        any_language: dice.one_in(3),
        at_once: dice.below(4) as u8,
    };
    for n in 0..2 {
        let mut own = Queue { priority: dice.below(10) as u8, ..Queue::default() };
        for _ in 0..dice.below(3) {
            own.skills.insert(skill(dice.next()), 1 + dice.below(5) as u8);
        }
        if dice.one_in(3) {
            own.language = Language::Preferred;
        }
        own.steps = (0..dice.below(4)).map(|k| step(dice, 5 + 10 * k as u32)).collect();
        own.offers = dice.one_in(2).then(|| Offers {
            at_once: 1 + dice.below(3) as u8,
            avoid_s: dice.below(40) as u32,
            missed_before_away: dice.below(3) as u8,
            direct_s: dice.below(30) as u32,
            affinity_s: if dice.one_in(2) { dice.below(30) as u32 } else { 0 },
            ..Offers::default()
        });
        policy.queues.insert(queue(n), own);
    }
    policy.ageing.light_s = (dice.below(2) * dice.below(60)) as u32;
    policy.terms.turn = dice.below(2) as f32;
    policy.terms.chance = dice.below(2) as f32;
    policy
}

fn advisor(dice: &mut Dice, n: u64) -> Advisor {
    let mut skills: Vec<(Skill, u8)> = Vec::new();
    for n in 0..3 {
        if dice.one_in(2) {
            skills.push((skill(n), 1 + dice.below(5) as u8));
        }
    }
    let mut langs = vec![lang(dice.next())];
    if dice.one_in(2) {
        langs = vec![lang(dice.below(2)), lang(0), lang(1)];
        langs.dedup();
    }
    let queues = dice.one_in(2).then(|| vec![queue(dice.next())]);
    Advisor { id: id(n), skills, langs, capacity: dice.below(5) as u16, queues }
}

fn request(dice: &mut Dice, conversation: u64, now: u64, people: u64) -> Request {
    let since = now - dice.below(30_000).min(now);
    let not_before = dice.one_in(10).then(|| now + dice.below(20_000));
    Request {
        conversation: ConversationId(conversation),
        customer: CustomerId::new("anon-1").unwrap(),
        queue: queue(dice.next()),
        lang: lang(dice.next()),
        skills: if dice.one_in(3) { vec![(skill(dice.next()), 1 + dice.below(3) as u8)] } else { vec![] },
        weight: dice.below(4) as u16,
        priority: dice.below(12) as u8,
        frustration: dice.below(5) as f32 / 4.0,
        since: since.max(not_before.unwrap_or(0)),
        not_before,
        head: dice.one_in(10),
        affinity: dice.one_in(4).then(|| id(dice.below(people))),
        only: dice.one_in(8).then(|| id(dice.below(people))),
        avoid: if dice.one_in(8) { vec![(id(dice.below(people)), now + dice.below(90_000))] } else { vec![] },
    }
}

/// Law 11: the trace explains the choice. Summed anew, the terms give the scores; the chosen are the best.
fn explains(decision: &Decision) {
    let sum = |c: &Candidate| c.terms.iter().map(|term| term.value).sum::<f32>();
    for pair in decision.candidates.windows(2) {
        assert!(pair[0].score >= pair[1].score, "{:?}", decision.candidates);
    }
    for candidate in &decision.candidates {
        assert!((sum(candidate) - candidate.score).abs() < 1e-4, "{candidate:?}");
    }
    let best: Vec<_> = decision.candidates.iter().take(decision.advisors.len()).map(|c| &c.advisor).collect();
    assert_eq!(best, decision.advisors.iter().collect::<Vec<_>>());
}

/// What the test itself knows of the house, to judge decisions by the words of the policy alone.
struct Notes {
    policy: Policy,
    people: BTreeMap<AdvisorId, Advisor>,
    /// Everybody who ever came.
    asked: BTreeMap<ConversationId, Request>,
    away: BTreeSet<ConversationId>,
    /// Who was refused: at the head from then on, and not for those who refused.
    refused: BTreeSet<ConversationId>,
    /// How often somebody was passed over for one who had come later by more than half the bound.
    near: u64,
}

impl Notes {
    /// Whether the advisor has what is asked for after this wait: languages, queues, levels.
    fn suits(&self, asked: &Request, advisor: &Advisor, now: u64) -> bool {
        let of = self.policy.queue(&asked.queue);
        let waited_s = now.saturating_sub(asked.since) / 1_000;
        let passed = || of.steps.iter().filter(|step| u64::from(step.after_s) <= waited_s);
        let lowered: u8 = passed().map(|step| step.lower).sum();
        let any_language = of.language == Language::Preferred || passed().any(|step| step.any_language);
        let mut queues = passed().flat_map(|step| &step.add).chain([&asked.queue]);
        let own = asked.skills.iter().map(|(skill, level)| (skill, level));
        let mut skills = of.skills.iter().chain(own);
        (any_language || advisor.langs.contains(&asked.lang))
            && queues.any(|queue| advisor.queues.as_ref().is_none_or(|theirs| theirs.contains(queue)))
            && skills.all(|(skill, level)| {
                let has = advisor.skills.iter().find(|(name, _)| name == skill).map_or(0, |(_, has)| *has);
                passed().any(|step| step.drop.contains(skill)) || has >= level.saturating_sub(lowered).max(1)
            })
    }

    /// Those who are asked may be, and the bound on starvation holds: nobody who is there and could have had the seat
    /// has waited longer by it than the one who has it. The head of the line, those meant for somebody, and those whom
    /// somebody has refused follow rules of their own.
    fn judge(&mut self, decision: &Decision, waiting: &[ConversationId], now: u64) {
        let decided = &self.asked[&decision.conversation];
        let (bound, refused) = (self.policy.ageing.bound_ms(), &self.refused);
        let seats: Vec<&Advisor> = decision.advisors.iter().map(|id| &self.people[id]).collect();
        for seat in &seats {
            let named = [&decided.only, &decided.affinity].contains(&&Some(seat.id.clone()));
            assert!(named || self.suits(decided, seat, now), "{seat:?} is asked for {decided:?}");
            let avoided = decided.avoid.iter().any(|(who, until)| *who == seat.id && now < *until);
            let again = refused.contains(&decision.conversation);
            assert!(again || !avoided, "{seat:?} is asked for {decided:?}");
        }
        if decided.head || refused.contains(&decision.conversation) {
            return;
        }
        for other in waiting.iter().filter(|which| **which != decision.conversation) {
            let asked = &self.asked[other];
            let wishes =
                asked.head || asked.only.is_some() || asked.affinity.is_some() || !asked.avoid.is_empty();
            if wishes || refused.contains(other) || self.away.contains(other) || asked.since > decided.since {
                continue;
            }
            if !seats.iter().any(|seat| self.suits(asked, seat, now)) {
                continue;
            }
            self.near += u64::from(decided.since - asked.since > bound / 2);
            assert!(decided.since - asked.since <= bound, "{asked:?} is passed over for {decided:?}");
        }
    }
}

/// Returns how often the bound on starvation was near.
fn run(seed: u64, operations: u64) -> u64 {
    let mut dice = Dice(seed);
    let people = 2 + dice.below(9);
    let [priority_s, frustration_s] = [dice.below(4) as u32, dice.below(10) as u32];
    let ageing = Ageing { priority_s, frustration_s, ..Ageing::default() };
    let first = policy(&mut dice, &ageing);
    let mut notes = Notes {
        policy: first.clone(),
        people: BTreeMap::new(),
        asked: BTreeMap::new(),
        away: BTreeSet::new(),
        refused: BTreeSet::new(),
        near: 0,
    };
    let real = Dispatcher::new(first.clone());
    let mut plain = Reference::new(first);
    let mut now = 100_000;
    let mut waiting: Vec<ConversationId> = Vec::new();
    let mut offered: Vec<(ConversationId, Vec<AdvisorId>)> = Vec::new();
    let mut held: Vec<(ConversationId, AdvisorId)> = Vec::new();
    let mut next = 1;
    for operation in 0..operations {
        let said = format!("seed {seed}, operation {operation}");
        let who = id(dice.below(people));
        match dice.below(26) {
            0 => {
                let nth = dice.below(people);
                let new = advisor(&mut dice, nth);
                notes.people.insert(new.id.clone(), new.clone());
                assert_eq!(real.put_advisor(new.clone(), now), plain.put_advisor(new, now), "{said}");
            }
            1 if dice.one_in(4) => {
                // The router's way: what they had is returned or given up, then they go.
                real.remove_advisor(&who);
                plain.remove_advisor(&who);
            }
            2 if dice.one_in(8) => {
                let new = policy(&mut dice, &ageing);
                notes.policy = new.clone();
                real.set_policy(new.clone());
                plain.set_policy(new);
            }
            3..=6 => {
                let status = *dice.pick(&[Presence::Available, Presence::Available, Presence::Away]).unwrap();
                real.set_status(&who, status, now);
                plain.set_status(&who, status);
            }
            7..=9 => {
                let connected = !dice.one_in(4);
                real.set_connected(&who, connected, now);
                plain.set_connected(&who, connected);
            }
            10..=13 => {
                let new = request(&mut dice, next, now, people);
                next += 1;
                waiting.push(new.conversation);
                notes.asked.insert(new.conversation, new.clone());
                assert_eq!(real.enqueue(new.clone(), now), plain.enqueue(new.clone()), "{said}");
                assert_eq!(real.enqueue(new.clone(), now), plain.enqueue(new), "{said}: twice");
            }
            14 => {
                let all = waiting.len() + offered.len();
                if all > 0 {
                    let nth = dice.below(all as u64) as usize;
                    let gone = if nth < waiting.len() {
                        waiting.swap_remove(nth)
                    } else {
                        offered.swap_remove(nth - waiting.len()).0
                    };
                    assert_eq!(real.withdraw(gone), plain.withdraw(gone), "{said}");
                }
            }
            15..=17 => {
                if let Some((which, to)) = dice.pick(&offered).cloned() {
                    let by = dice.pick(&to).cloned().unwrap();
                    let accepted = real.accept(which, &by, now);
                    assert_eq!(accepted, plain.accept(which, &by, now), "{said}");
                    if accepted.is_ok() {
                        offered.retain(|(other, _)| *other != which);
                        held.push((which, by));
                    }
                }
            }
            18 => {
                if let Some((which, to)) = dice.pick(&offered).cloned() {
                    let by = dice.pick(&to).cloned().unwrap();
                    let why = *dice.pick(&[Refusal::Declined, Refusal::Expired, Refusal::Lost]).unwrap();
                    // An offer to somebody removed is answered for them by the router, one at a time.
                    if real.load(&by).is_some() {
                        let refused = real.refuse(which, &by, why, now);
                        assert_eq!(refused, plain.refuse(which, &by, why, now), "{said}");
                        notes.refused.insert(which);
                        if refused.requeued {
                            offered.retain(|(other, _)| *other != which);
                            waiting.push(which);
                        } else if let Some(open) = offered.iter_mut().find(|(other, _)| *other == which) {
                            open.1.retain(|other| *other != by);
                            if open.1.is_empty() {
                                open.1.push(by);
                            }
                        }
                    }
                }
            }
            19 => {
                let all: Vec<ConversationId> = (waiting.iter().copied())
                    .chain(offered.iter().map(|(which, _)| *which))
                    .chain(held.iter().map(|(which, _)| *which))
                    .chain([ConversationId(next)])
                    .collect();
                next += 1;
                let which = *dice.pick(&all).unwrap();
                let (weight, force) = (dice.below(4) as u16, dice.one_in(2));
                let claimed = real.claim(which, &who, weight, force, now);
                assert_eq!(claimed, plain.claim(which, &who, weight, force, now), "{said}");
                if claimed.is_ok() && !held.iter().any(|(other, _)| *other == which) {
                    waiting.retain(|other| *other != which);
                    offered.retain(|(other, _)| *other != which);
                    held.push((which, who));
                }
            }
            20..=21 => {
                if !held.is_empty() {
                    let (which, by) = held.swap_remove(dice.below(held.len() as u64) as usize);
                    real.release(which, &by, now);
                    plain.release(which, &by, now);
                }
            }
            22..=23 => {
                let all: Vec<ConversationId> =
                    waiting.iter().copied().chain(offered.iter().map(|(which, _)| *which)).collect();
                if let Some(which) = dice.pick(&all).copied() {
                    let away = dice.one_in(2);
                    assert_eq!(real.set_away(which, away), plain.set_away(which, away), "{said}");
                    if away {
                        notes.away.insert(which)
                    } else {
                        notes.away.remove(&which)
                    };
                }
            }
            24 => now += dice.below(20_000),
            _ => {
                // Up to the next moment that matters, as the router does.
                let (soon, due) = (real.next_timeout(), plain.next_timeout());
                if let Some(due) = due {
                    assert!(soon.is_some_and(|soon| soon <= due), "{said}: {soon:?} is after {due}");
                    now = now.max(due);
                }
            }
        }
        loop {
            let decision = real.decide(now);
            let expected = plain.decide(now);
            assert_eq!(decision, expected, "{said}");
            let Some(decision) = decision else { break };
            explains(&decision);
            notes.judge(&decision, &waiting, now);
            waiting.retain(|other| *other != decision.conversation);
            offered.push((decision.conversation, decision.advisors));
        }
        for n in 0..people {
            let load = real.load(&id(n));
            assert_eq!(load, plain.load(&id(n)), "{said}");
        }
        for which in &waiting {
            let position = real.position(*which, now).map(|position| position.ahead);
            assert_eq!(position, plain.ahead(*which), "{said}");
        }
    }
    notes.near
}

#[test]
fn the_real_one_does_what_the_obvious_one_does() {
    let number = |name: &str, or: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(or);
    let operations = number("RELAIS_OPERATIONS", 40_000);
    let seed = number("RELAIS_SEED", 1);
    let each = 400;
    let near: u64 = (0..operations / each).map(|house| run(seed * 1_000_003 + house, each)).sum();
    assert!(near >= operations / 20_000, "only {near} were near the bound: it was hardly tried");
}
