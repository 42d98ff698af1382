//! One simulated day: a heap of what happens next, and the real dispatcher in the middle.

use crate::dice::Dice;
use crate::scenario::{Arrival, Scenario, Team};
use conversation::{AdvisorId, Channel, ConversationId, CustomerId, QueueId};
use dispatcher::{Advisor, Dispatcher, Policy, Presence, Refusal, Request};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap, HashMap};

/// 2026-03-02T08:00:00Z, a Monday: simulated days begin there.
pub(crate) const BEGIN: u64 = 1_772_438_400_000;

/// What happened to one customer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Fate {
    /// Until an advisor accepted, or they gave up.
    pub wait_ms: u64,
    pub advisor: Option<u32>,
    /// The advisor has every level that was asked for at first.
    pub fits: bool,
}

/// What happened to one advisor.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Work {
    pub served: u32,
    /// Conversation-milliseconds.
    pub held_ms: u64,
    pub present_ms: u64,
}

/// A day that is over.
#[derive(Debug)]
pub(crate) struct Day {
    pub fates: Vec<Fate>,
    pub work: Vec<Work>,
    /// Team of each advisor.
    pub teams: Vec<usize>,
    pub accuracy: BTreeMap<QueueId, dispatcher::Accuracy>,
    pub decisions: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Next {
    /// In this order where the moment is the same: seats are freed before they are asked for.
    Ends(u32),
    Shift(u32, bool),
    Answers(u32, u32),
    GivesUp(u32),
    Arrives(u32),
}

struct Run<'a> {
    scenario: &'a Scenario,
    arrivals: &'a [Arrival],
    house: Dispatcher,
    ids: Vec<AdvisorId>,
    by_id: HashMap<AdvisorId, u32>,
    /// Team of each advisor.
    teams: Vec<usize>,
    heap: BinaryHeap<Reverse<(u64, Next)>>,
    fates: Vec<Option<Fate>>,
    tries: Vec<u8>,
    began: Vec<u64>,
    work: Vec<Work>,
    away: Vec<bool>,
    decisions: u64,
    seed: u64,
}

fn crew(scenario: &Scenario) -> impl Iterator<Item = (usize, &Team, u32)> {
    scenario.teams.iter().enumerate().flat_map(|(t, team)| (0..team.people).map(move |n| (t, team, n)))
}

fn shifts(team: &Team, hours: f64) -> Vec<(u64, u64)> {
    let ms = |h: f64| (h * 3_600_000.0) as u64;
    if team.shifts.is_empty() {
        // Those without a shift stay until the last customer has gone.
        return vec![(0, ms(hours) * 2 + 86_400_000)];
    }
    team.shifts.iter().map(|(from, to)| (ms(*from), ms(*to))).collect()
}

/// Lives through one day under `policy`.
pub(crate) fn live(scenario: &Scenario, arrivals: &[Arrival], policy: &Policy, seed: u64) -> Day {
    let mut run = Run::new(scenario, arrivals, policy, seed);
    while let Some(Reverse((at, next))) = run.heap.pop() {
        // Time alone may matter before that.
        while let Some(due) = run.house.next_timeout().filter(|due| *due < at) {
            run.decide(due);
            if run.house.next_timeout().is_some_and(|again| again <= due) {
                break;
            }
        }
        run.happens(next, at);
        run.decide(at);
    }
    let accuracy = run.scenario.policy.queues.keys();
    Day {
        accuracy: accuracy.map(|queue| (queue.clone(), run.house.accuracy(queue))).collect(),
        fates: run
            .fates
            .iter()
            .zip(arrivals)
            .map(|(fate, arrival)| {
                fate.unwrap_or(Fate { wait_ms: arrival.patience_ms, advisor: None, fits: false })
            })
            .collect(),
        work: run.work,
        teams: run.teams,
        decisions: run.decisions,
    }
}

impl<'a> Run<'a> {
    fn new(scenario: &'a Scenario, arrivals: &'a [Arrival], policy: &Policy, seed: u64) -> Run<'a> {
        let house = Dispatcher::new(policy.clone());
        let mut heap = BinaryHeap::with_capacity(arrivals.len() * 2);
        let mut advisors = Vec::new();
        let mut work = Vec::new();
        for (n, (_, team, nth)) in crew(scenario).enumerate() {
            let Ok(id) = AdvisorId::new(&format!("{}-{}", plain(&team.name), nth + 1)) else { continue };
            advisors.push(Advisor {
                id,
                skills: team.skills.iter().map(|(s, l)| (s.clone(), *l)).collect(),
                langs: team.langs.clone(),
                capacity: team.capacity,
                queues: team.queues.clone(),
            });
            let mut present_ms = 0;
            for (from, to) in shifts(team, scenario.hours) {
                heap.push(Reverse((BEGIN + from, Next::Shift(n as u32, true))));
                heap.push(Reverse((BEGIN + to, Next::Shift(n as u32, false))));
                present_ms += to.min((scenario.hours * 3_600_000.0) as u64).saturating_sub(from);
            }
            work.push(Work { present_ms, ..Work::default() });
        }
        let ids: Vec<AdvisorId> = advisors.iter().map(|advisor| advisor.id.clone()).collect();
        // More advisors than the limit are refused by `Scenario::parse` already.
        let _ = house.put_advisors(advisors, BEGIN);
        for id in &ids {
            house.set_connected(id, true, BEGIN);
        }
        if let Some(first) = arrivals.first() {
            heap.push(Reverse((BEGIN + first.at_ms, Next::Arrives(0))));
        }
        Run {
            scenario,
            arrivals,
            teams: crew(scenario).map(|(t, ..)| t).collect(),
            by_id: ids.iter().cloned().zip(0..).collect(),
            away: vec![false; ids.len()],
            ids,
            house,
            heap,
            fates: vec![None; arrivals.len()],
            tries: vec![0; arrivals.len()],
            began: vec![0; arrivals.len()],
            work,
            decisions: 0,
            seed,
        }
    }

    fn happens(&mut self, next: Next, now: u64) {
        match next {
            Next::Arrives(n) => self.arrives(n, now),
            Next::GivesUp(n) => {
                if self.fates[n as usize].is_none() && self.house.withdraw(conversation(n)) {
                    let wait_ms = now - BEGIN - self.arrivals[n as usize].at_ms;
                    self.fates[n as usize] = Some(Fate { wait_ms, advisor: None, fits: false });
                }
            }
            Next::Answers(n, advisor) => self.answers(n, advisor, now),
            Next::Ends(n) => {
                if let Some(advisor) = self.fates[n as usize].and_then(|fate| fate.advisor) {
                    self.house.release(conversation(n), &self.ids[advisor as usize], now);
                    let lasted = now - self.began[n as usize];
                    self.work[advisor as usize].held_ms += lasted;
                    self.house.handled(&self.arrivals[n as usize].queue, lasted, 0, now);
                }
            }
            Next::Shift(n, begins) => {
                self.away[n as usize] = !begins;
                let status = if begins { Presence::Available } else { Presence::Away };
                self.house.set_status(&self.ids[n as usize], status, now);
            }
        }
    }

    fn arrives(&mut self, n: u32, now: u64) {
        let arrival = &self.arrivals[n as usize];
        if let Some(after) = self.arrivals.get(n as usize + 1) {
            self.heap.push(Reverse((BEGIN + after.at_ms, Next::Arrives(n + 1))));
        }
        let queue = self.scenario.policy.queue(&arrival.queue);
        let Ok(customer) = CustomerId::new("simulated") else { return };
        let request = Request {
            conversation: conversation(n),
            customer,
            queue: arrival.queue.clone(),
            lang: arrival.lang.clone(),
            skills: arrival.skills.clone(),
            weight: queue.weight(Channel::Chat, arrival.frustration),
            priority: queue.priority,
            frustration: arrival.frustration,
            since: now,
            not_before: None,
            head: false,
            affinity: arrival.known.and_then(|at| self.ids.get(at)).cloned(),
            only: None,
            avoid: vec![],
        };
        match self.house.enqueue(request, now) {
            Ok(()) => self.heap.push(Reverse((now + arrival.patience_ms, Next::GivesUp(n)))),
            // The limit of those who wait: turned away at once.
            Err(_) => self.fates[n as usize] = Some(Fate { wait_ms: 0, advisor: None, fits: false }),
        }
    }

    fn answers(&mut self, n: u32, advisor: u32, now: u64) {
        let (at, id) = (n as usize, self.ids[advisor as usize].clone());
        if self.fates[at].is_some() {
            return;
        }
        let answers = &self.scenario.answers;
        let mut dice = Dice::new(self.seed ^ 0x5eed, u64::from(n) << 8 | u64::from(self.tries[at]));
        let luck = dice.share();
        let refusal = if luck < answers.missed {
            Some(Refusal::Expired)
        } else if luck < answers.missed + answers.declined {
            Some(Refusal::Declined)
        } else {
            None
        };
        if let Some(why) = refusal {
            self.tries[at] = self.tries[at].saturating_add(1);
            let refused = self.house.refuse(conversation(n), &id, why, now);
            if refused.set_away && !self.away[advisor as usize] {
                // They notice, and say that they are there again, a minute later.
                self.heap.push(Reverse((now + 60_000, Next::Shift(advisor, true))));
            }
            return;
        }
        if self.house.accept(conversation(n), &id, now).is_ok() {
            let arrival = &self.arrivals[at];
            let team = self.teams.get(advisor as usize).and_then(|t| self.scenario.teams.get(*t));
            let fits = team.is_some_and(|team| fits(self.scenario, arrival, team));
            self.fates[at] =
                Some(Fate { wait_ms: now - BEGIN - arrival.at_ms, advisor: Some(advisor), fits });
            self.began[at] = now;
            self.work[advisor as usize].served += 1;
            self.heap.push(Reverse((now + arrival.handle_ms.max(1), Next::Ends(n))));
        }
    }

    fn decide(&mut self, now: u64) {
        while let Some(choice) = self.house.choose(now) {
            self.decisions += 1;
            let n = (choice.conversation().0 - 1) as u32;
            let answers = &self.scenario.answers;
            let expires_ms = u64::from(self.house.policy().offers.expires_s) * 1_000;
            for advisor in choice.advisors().filter_map(|id| self.by_id.get(id)) {
                let tries = u64::from(self.tries[n as usize]);
                let mut dice = Dice::new(self.seed ^ 0xa15e, u64::from(n) << 8 | tries);
                let missed =
                    Dice::new(self.seed ^ 0x5eed, u64::from(n) << 8 | tries).share() < answers.missed;
                let after = (dice.exponential(answers.after_s) * 1_000.0) as u64;
                let after = if missed { expires_ms } else { after.min(expires_ms.saturating_sub(1)) };
                self.heap.push(Reverse((now + after, Next::Answers(n, *advisor))));
            }
        }
    }
}

fn conversation(n: u32) -> ConversationId {
    ConversationId(u64::from(n) + 1)
}

/// A team's name as the beginning of an id.
fn plain(name: &str) -> String {
    name.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).take(40).collect()
}

/// Whether everything that was asked for at first is there.
fn fits(scenario: &Scenario, arrival: &Arrival, team: &Team) -> bool {
    let queue = scenario.policy.queue(&arrival.queue);
    let asked = queue.skills.iter().map(|(s, l)| (s, *l)).chain(arrival.skills.iter().map(|(s, l)| (s, *l)));
    let mut asked = asked;
    team.langs.contains(&arrival.lang)
        && asked.all(|(skill, level)| team.skills.get(skill).is_some_and(|own| *own >= level))
}
