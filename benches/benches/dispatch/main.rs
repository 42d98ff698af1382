//! Decisions: the dispatcher against obvious structures under a Mutex and against one actor behind a channel, in one
//! run, interleaved. `cargo bench -p relais-benches --bench dispatch [-- --seconds 0.5 --advisors 1000 --only Mutex]`.
//!
//! A house of A advisors who have 10 of 50 skills each, at levels 1–5, and room for 5 conversations; two fifths of
//! the seats are taken, as on an ordinary day. Each request needs two skills at level 2, so that about a fortieth of
//! the house is eligible. One turn is a whole life: it comes, whatever can be decided is decided (terms and trace on) and
//! accepted, and the oldest conversation ends. Decisions a second are those of `decide` alone, from the fastest 99 in 100; lives a
//! second are whole turns by the clock, whatever else the machine does.
//!
//! The rows marked 'bare' pick the least loaded of those with the skills and reserve a seat, and nothing else: no line,
//! no levels beyond the one asked for, no terms, no trace. They say what the structure itself costs.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark measures with the real clock, on threads of its own, and prints"
)]

mod bare;

use bare::{Scan, Sets, Tree};
use conversation::{AdvisorId, ConversationId, CustomerId, Lang, QueueId, Skill};
use dispatcher::reference::Reference;
use dispatcher::{Advisor, Choice, Decision, Dispatcher, Policy, Presence, Request};
use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

const SKILLS: u64 = 50;
const CAPACITY: u8 = 5;

/// Runs so far: each has conversations of its own.
static RUNS: AtomicU64 = AtomicU64::new(0);

struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 32) * n) >> 32
    }
}

fn advisors(n: usize) -> Vec<Advisor> {
    let mut dice = Dice(7);
    (0..n)
        .map(|at| {
            let mut skills: Vec<(Skill, u8)> = Vec::new();
            while skills.len() < 10 {
                let skill = Skill::new(&format!("skill-{}", dice.below(SKILLS))).unwrap();
                if !skills.iter().any(|(known, _)| *known == skill) {
                    skills.push((skill, 1 + dice.below(5) as u8));
                }
            }
            // Somebody can do everything, so that no request is without an advisor in the smallest house.
            if at % 10 == 0 {
                skills = (0..SKILLS).map(|n| (Skill::new(&format!("skill-{n}")).unwrap(), 3)).collect();
            }
            Advisor {
                id: AdvisorId::new(&format!("advisor-{at}")).unwrap(),
                skills,
                langs: vec![Lang::new("fr").unwrap()],
                capacity: u16::from(CAPACITY),
                queues: None,
            }
        })
        .collect()
}

/// The kinds of requests that come: fifty different pairs of skills.
fn kinds() -> Vec<Request> {
    (0..SKILLS)
        .map(|n| Request {
            conversation: ConversationId(0),
            customer: CustomerId::new("anon-1").unwrap(),
            queue: QueueId::new("care").unwrap(),
            lang: Lang::new("fr").unwrap(),
            skills: vec![
                (Skill::new(&format!("skill-{n}")).unwrap(), 2),
                (Skill::new(&format!("skill-{}", (n + 7) % SKILLS)).unwrap(), 2),
            ],
            weight: 1,
            priority: 0,
            frustration: 0.2,
            since: 0,
            not_before: None,
            head: false,
            affinity: None,
            only: None,
            avoid: vec![],
        })
        .collect()
}

/// What is compared.
trait House: Send + Sync {
    fn enqueue(&self, request: Request, kind: usize, now: u64);
    /// Decides; who was chosen. The time that this takes is what is measured as `decide`.
    fn decide(&self, kind: usize, now: u64) -> Option<Chosen>;
    fn accept(&self, chosen: &Chosen, now: u64);
    fn release(&self, chosen: &Chosen, now: u64);
    /// Out of the line, where there is one.
    fn withdraw(&self, _conversation: ConversationId) {}
    /// Whether there is a line, so that it is asked until there is nothing more to decide.
    fn has_line(&self) -> bool {
        true
    }
}

/// What was decided.
enum Chosen {
    Choice(Choice),
    Decision(Decision),
    /// The actor's answer, and whatever is kept until it ends.
    Named(ConversationId, AdvisorId),
    /// Where there is nothing but seats.
    Seat(usize),
}

impl Chosen {
    /// Only what has to be kept.
    fn short(self) -> Chosen {
        match self {
            Chosen::Choice(choice) => {
                Chosen::Named(choice.conversation(), choice.advisors().next().unwrap().clone())
            }
            Chosen::Decision(decision) => Chosen::Named(decision.conversation, decision.advisors[0].clone()),
            other => other,
        }
    }

    fn named(&self) -> (ConversationId, &AdvisorId) {
        match self {
            Chosen::Named(conversation, advisor) => (*conversation, advisor),
            _ => panic!("it has no name"),
        }
    }

    fn seat(&self) -> usize {
        match self {
            Chosen::Seat(seat) => *seat,
            _ => panic!("it is no seat"),
        }
    }
}

struct Ours {
    house: Dispatcher,
    /// The trace is put into words at once.
    words: bool,
}

impl House for Ours {
    fn enqueue(&self, request: Request, _kind: usize, now: u64) {
        self.house.enqueue(request, now).unwrap();
    }
    fn decide(&self, _kind: usize, now: u64) -> Option<Chosen> {
        if self.words {
            self.house.decide(now).map(Chosen::Decision)
        } else {
            self.house.choose(now).map(Chosen::Choice)
        }
    }
    fn accept(&self, chosen: &Chosen, now: u64) {
        // Gone where its own thread has withdrawn it meanwhile; its release then does nothing either.
        let (conversation, advisor) = chosen.named();
        let _ = self.house.accept(conversation, advisor, now);
    }
    fn release(&self, chosen: &Chosen, now: u64) {
        let (conversation, advisor) = chosen.named();
        self.house.release(conversation, advisor, now);
    }
    fn withdraw(&self, conversation: ConversationId) {
        self.house.withdraw(conversation);
    }
}

/// The whole of it, line, terms and trace, slow and obvious.
struct Locked(Mutex<Reference>);

impl House for Locked {
    fn enqueue(&self, request: Request, _kind: usize, _now: u64) {
        self.0.lock().unwrap().enqueue(request).unwrap();
    }
    fn decide(&self, _kind: usize, now: u64) -> Option<Chosen> {
        self.0.lock().unwrap().decide(now).map(Chosen::Decision)
    }
    fn accept(&self, chosen: &Chosen, now: u64) {
        let (conversation, advisor) = chosen.named();
        let _ = self.0.lock().unwrap().accept(conversation, advisor, now);
    }
    fn release(&self, chosen: &Chosen, now: u64) {
        let (conversation, advisor) = chosen.named();
        self.0.lock().unwrap().release(conversation, advisor, now);
    }
    fn withdraw(&self, conversation: ConversationId) {
        self.0.lock().unwrap().withdraw(conversation);
    }
}

enum Ask {
    Enqueue(Request),
    Decide(u64, mpsc::SyncSender<Option<Chosen>>),
    Accept(ConversationId, AdvisorId, u64),
    Release(ConversationId, AdvisorId, u64),
    Withdraw(ConversationId),
}

/// One thread owns our dispatcher, and everybody else asks it: the best that an actor can do.
struct Actor(mpsc::Sender<Ask>);

impl Actor {
    fn start(house: Dispatcher) -> Actor {
        let (ask, asked) = mpsc::channel();
        std::thread::spawn(move || {
            for ask in asked {
                match ask {
                    Ask::Enqueue(request) => house.enqueue(request, 0).unwrap(),
                    Ask::Decide(now, answer) => {
                        answer.send(house.choose(now).map(|choice| Chosen::Choice(choice).short())).unwrap();
                    }
                    Ask::Accept(conversation, advisor, now) => {
                        let _ = house.accept(conversation, &advisor, now);
                    }
                    Ask::Release(conversation, advisor, now) => house.release(conversation, &advisor, now),
                    Ask::Withdraw(conversation) => drop(house.withdraw(conversation)),
                }
            }
        });
        Actor(ask)
    }
}

impl House for Actor {
    fn enqueue(&self, request: Request, _kind: usize, _now: u64) {
        self.0.send(Ask::Enqueue(request)).unwrap();
    }
    fn decide(&self, _kind: usize, now: u64) -> Option<Chosen> {
        let (answer, answered) = mpsc::sync_channel(1);
        self.0.send(Ask::Decide(now, answer)).unwrap();
        answered.recv().unwrap()
    }
    fn accept(&self, chosen: &Chosen, now: u64) {
        let (conversation, advisor) = chosen.named();
        self.0.send(Ask::Accept(conversation, advisor.clone(), now)).unwrap();
    }
    fn release(&self, chosen: &Chosen, now: u64) {
        let (conversation, advisor) = chosen.named();
        self.0.send(Ask::Release(conversation, advisor.clone(), now)).unwrap();
    }
    fn withdraw(&self, conversation: ConversationId) {
        self.0.send(Ask::Withdraw(conversation)).unwrap();
    }
}

/// What one run gave.
#[derive(Clone, Copy, Default)]
struct Measured {
    decisions_s: f64,
    turns_s: f64,
    p50: f64,
    p99: f64,
    p999: f64,
}

fn fill(house: &dyn House, people: usize, kinds: &[Request]) {
    let mut dice = Dice(11);
    for n in 0..people as u64 * 2 {
        let kind = dice.below(SKILLS) as usize;
        let mut request = kinds[kind].clone();
        request.conversation = ConversationId(1 << 63 | n);
        house.enqueue(request, kind, 0);
        match house.decide(kind, 0) {
            Some(chosen) => house.accept(&chosen.short(), 0),
            None => house.withdraw(ConversationId(1 << 63 | n)),
        }
    }
}

fn measure(house: &Arc<dyn House>, threads: u64, seconds: f64) -> Measured {
    let begin = Instant::now();
    let (mut times, mut turns) = (Vec::new(), 0u64);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|thread| {
                let house = house.clone();
                scope.spawn(move || {
                    // Each thread has names of its own, as each connection has: they count their owners.
                    let kinds = kinds();
                    let mut dice = Dice(begin.elapsed().as_nanos() as u64 ^ thread);
                    let mut held: VecDeque<Chosen> = VecDeque::new();
                    let mut times = Vec::with_capacity(1 << 22);
                    let mut turns = 0u64;
                    let mut next = RUNS.fetch_add(1, Ordering::Relaxed) << 32;
                    while begin.elapsed().as_secs_f64() < seconds {
                        for _ in 0..64 {
                            let now = begin.elapsed().as_millis() as u64;
                            let kind = dice.below(SKILLS) as usize;
                            let mut request = kinds[kind].clone();
                            next += 1;
                            request.conversation = ConversationId(next);
                            request.since = now;
                            house.enqueue(request, kind, now);
                            let before = times.len();
                            loop {
                                let from = Instant::now();
                                let chosen = house.decide(kind, now);
                                let time = from.elapsed();
                                let Some(chosen) = chosen else { break };
                                times.push(time);
                                let chosen = chosen.short();
                                house.accept(&chosen, now);
                                held.push_back(chosen);
                                if !house.has_line() {
                                    break;
                                }
                            }
                            if times.len() == before {
                                // Nobody free can do it: it does not wait, or a small house would be measured with
                                // an ever longer line.
                                house.withdraw(ConversationId(next));
                            }
                            while held.len() > 4 {
                                house.release(&held.pop_front().unwrap(), now);
                            }
                            turns += 1;
                        }
                    }
                    for chosen in held {
                        house.release(&chosen, 0);
                    }
                    (times, turns)
                })
            })
            .collect();
        for worker in workers {
            let (some, n) = worker.join().unwrap();
            times.extend(some);
            turns += n;
        }
    });
    let elapsed = begin.elapsed().as_secs_f64();
    let clock = clock_cost();
    times.sort_unstable();
    // The slowest hundredth is the machine's other work; it shows in the percentiles.
    let usual = &times[..times.len() - times.len() / 100];
    let spent: Duration = usual.iter().map(|time| time.saturating_sub(clock)).sum();
    let at = |share: f64| {
        let time = times.get((times.len() as f64 * share) as usize).copied().unwrap_or_default();
        time.saturating_sub(clock).as_nanos() as f64 / 1_000.0
    };
    Measured {
        decisions_s: usual.len() as f64 / spent.as_secs_f64() * threads as f64,
        turns_s: turns as f64 / elapsed,
        p50: at(0.5),
        p99: at(0.99),
        p999: at(0.999),
    }
}

/// What two readings of the clock cost: taken off.
fn clock_cost() -> Duration {
    let mut costs: Vec<Duration> = (0..10_001).map(|_| Instant::now().elapsed()).collect();
    costs.sort_unstable();
    costs[costs.len() / 2]
}

fn ours(people: &[Advisor]) -> Dispatcher {
    let house = Dispatcher::new(Policy::default());
    house.put_advisors(people.to_vec(), 0).unwrap();
    for advisor in people {
        house.set_status(&advisor.id, Presence::Available, 0);
        house.set_connected(&advisor.id, true, 0);
    }
    house
}

fn reference(people: &[Advisor]) -> Reference {
    let mut house = Reference::new(Policy::default());
    for advisor in people {
        house.put_advisor(advisor.clone(), 0).unwrap();
        house.set_status(&advisor.id, Presence::Available);
        house.set_connected(&advisor.id, true);
    }
    house
}

fn main() {
    let args: Vec<String> = std::env::args().collect();
    let value = |name: &str| args.iter().position(|arg| arg == name).and_then(|at| args.get(at + 1)).cloned();
    let seconds: f64 = value("--seconds").and_then(|text| text.parse().ok()).unwrap_or(0.6);
    let alone: Option<u64> = value("--threads").and_then(|text| text.parse().ok());
    let sizes = match value("--advisors").and_then(|text| text.parse().ok()) {
        Some(size) => vec![size],
        None => vec![10, 100, 1_000, 10_000],
    };
    println!("advisors  structure              threads  decisions/s  lives/s      p50 µs   p99 µs  p99.9 µs");
    for size in sizes {
        let people = advisors(size);
        let mut houses: Vec<(&str, Arc<dyn House>)> = vec![
            ("dispatcher", Arc::new(Ours { house: ours(&people), words: false })),
            ("  trace in words", Arc::new(Ours { house: ours(&people), words: true })),
            ("actor, channel", Arc::new(Actor::start(ours(&people)))),
            ("Mutex, the same", Arc::new(Locked(Mutex::new(reference(&people))))),
            ("bare: Mutex, scan", Arc::new(Scan::new(&people))),
            ("bare: Mutex, BTreeSet", Arc::new(Tree::new(&people))),
            ("bare: bitsets", Arc::new(Sets::new(&people))),
        ];
        let only = value("--only");
        houses.retain(|(name, _)| {
            only.as_ref().is_none_or(|only| only.split(',').any(|part| name.contains(part)))
        });
        for (name, house) in &houses {
            // The obvious structure needs minutes for a large house's first conversations: it starts empty there.
            if !(*name == "Mutex, the same" && size >= 1_000) {
                fill(&**house, size, &kinds());
            }
        }
        for threads in [1, 2].into_iter().filter(|n| alone.is_none_or(|alone| alone == *n)) {
            let mut best = vec![Measured::default(); houses.len()];
            // Three interleaved rounds; the best of each, since others use the machine as well.
            for _ in 0..3 {
                for ((_, house), best) in houses.iter().zip(&mut best) {
                    let measured = measure(house, threads, seconds);
                    if measured.decisions_s > best.decisions_s {
                        *best = measured;
                    }
                }
            }
            for ((name, _), m) in houses.iter().zip(&best) {
                println!(
                    "{size:8}  {name:22} {threads:7}  {:11.0}  {:11.0}  {:7.2}  {:7.2}  {:8.2}",
                    m.decisions_s, m.turns_s, m.p50, m.p99, m.p999
                );
            }
        }
    }
}
