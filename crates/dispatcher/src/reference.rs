//! The dispatcher as slow and obvious as it can be: one plain structure, looked through from end to end.
//!
//! It says what is right. The real one is held against it, operation by operation, and measured against it.

use crate::advisor::{Advisor, Load, Presence};
use crate::decision::{ClaimError, Decision, Full, Gone, Refusal, Refused};
use crate::limits::AVOIDED;
use crate::policy::{Policy, place, seen_away};
use crate::request::Request;
use crate::score::{
    self, Case, HARD_LEAK_MS, KINDS, LOAD_LEVELS, Leaky, Past, Points, RECENT_LEAK_MS, SCARCITY_MS, Tick,
};
use crate::search::{Search, steps_after};
use crate::turns::{Turns, turning_points};
use conversation::limits::{ADVISORS, TRACE_CANDIDATES, WAITING};
use conversation::{AdvisorId, ConversationId, Lang, Millis, QueueId, Skill};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// One advisor with all that changes about them.
#[derive(Clone, Debug)]
struct Seat {
    advisor: Arc<Advisor>,
    life: u64,
    status: Presence,
    connected: bool,
    held: u16,
    reserved: u16,
    missed: u8,
    idle_since: Tick,
    given_at: Tick,
    recent: Leaky,
    hard: Leaky,
    needed: f32,
}

impl Seat {
    fn present(&self) -> bool {
        self.status == Presence::Available && self.connected
    }

    fn points(&self, weight: u16) -> u16 {
        weight.max(1).min(self.advisor.capacity.max(1))
    }

    fn fits(&self, weight: u16) -> bool {
        let used = u32::from(self.held) + u32::from(self.reserved);
        used + u32::from(self.points(weight)) <= u32::from(self.advisor.capacity)
    }
}

/// A request and what happened to it so far.
#[derive(Clone, Debug)]
struct Waiting {
    request: Arc<Request>,
    /// Not to be offered to these before that moment.
    avoided: Vec<(AdvisorId, Millis)>,
    /// The customer is away.
    away: bool,
}

/// Points that are taken from an advisor, in one life of theirs in the house.
#[derive(Clone, Debug)]
struct Taken {
    advisor: AdvisorId,
    life: u64,
    points: u16,
}

/// Where a conversation is.
#[derive(Clone, Debug)]
enum Place {
    Waiting(u64),
    /// With its open offers.
    Offered(Waiting, Vec<Taken>),
    Held(Taken),
}

/// The whole state.
#[derive(Clone, Debug, Default)]
pub struct Reference {
    policy: Arc<Policy>,
    seats: BTreeMap<usize, Seat>,
    by_id: HashMap<AdvisorId, usize>,
    line: BTreeMap<u64, Waiting>,
    places: HashMap<ConversationId, Place>,
    ticket: u64,
    decided_at: Millis,
    lives: u64,
    kinds: Vec<Kind>,
    scarcity_at: Option<Millis>,
}

/// Customers who ask for the same.
#[derive(Clone, Debug)]
struct Kind {
    queue: QueueId,
    lang: Lang,
    skills: Vec<(Skill, u8)>,
    weight: u16,
    new: u32,
    came: f32,
}

impl Reference {
    /// Nobody there, nobody waiting.
    pub fn new(policy: Policy) -> Self {
        Reference { policy: Arc::new(policy), ..Reference::default() }
    }

    /// Waiting requests keep their place.
    pub fn set_policy(&mut self, policy: Policy) {
        self.policy = Arc::new(policy);
    }

    /// The policy in force.
    pub fn policy(&self) -> Arc<Policy> {
        self.policy.clone()
    }

    /// A new advisor, offline, or new facts about a known one.
    ///
    /// # Errors
    /// The limit of advisors.
    pub fn put_advisor(&mut self, advisor: Advisor, now: Millis) -> Result<(), Full> {
        if let Some(at) = self.by_id.get(&advisor.id) {
            if let Some(seat) = self.seats.get_mut(at) {
                seat.advisor = Arc::new(advisor);
            }
            return Ok(());
        }
        if self.seats.len() >= ADVISORS {
            return Err(Full::Advisors);
        }
        let at = (0..).find(|at| !self.seats.contains_key(at)).unwrap_or_default();
        self.lives += 1;
        self.by_id.insert(advisor.id.clone(), at);
        self.seats.insert(
            at,
            Seat {
                advisor: Arc::new(advisor),
                life: self.lives,
                status: Presence::Offline,
                connected: false,
                held: 0,
                reserved: 0,
                missed: 0,
                idle_since: Tick::at(now),
                given_at: Tick::at(now),
                recent: Leaky::empty(now),
                hard: Leaky::empty(now),
                needed: 0.0,
            },
        );
        Ok(())
    }

    /// Forgets an advisor.
    pub fn remove_advisor(&mut self, id: &AdvisorId) {
        if let Some(at) = self.by_id.remove(id) {
            self.seats.remove(&at);
        }
    }

    fn seat(&mut self, id: &AdvisorId) -> Option<&mut Seat> {
        self.seats.get_mut(self.by_id.get(id)?)
    }

    /// What the person has set.
    pub fn set_status(&mut self, id: &AdvisorId, status: Presence) {
        if let Some(seat) = self.seat(id) {
            seat.status = status;
            seat.missed = 0;
        }
    }

    /// What the sockets say.
    pub fn set_connected(&mut self, id: &AdvisorId, connected: bool) {
        if let Some(seat) = self.seat(id) {
            seat.connected = connected;
        }
    }

    /// Into the line.
    ///
    /// # Errors
    /// The limit of those who wait; the conversation is known already.
    pub fn enqueue(&mut self, request: Request) -> Result<(), Full> {
        if self.places.contains_key(&request.conversation) {
            return Err(Full::Known);
        }
        if self.line.len() >= WAITING {
            return Err(Full::Waiting);
        }
        self.counted(&request);
        let avoided = request.avoid.iter().take(AVOIDED).cloned().collect();
        self.insert(Waiting { request: Arc::new(request), avoided, away: false }, false);
        Ok(())
    }

    fn counted(&mut self, request: &Request) {
        let weight = request.weight.max(1);
        let same = |kind: &&mut Kind| {
            (&kind.queue, &kind.lang, &kind.skills, kind.weight)
                == (&request.queue, &request.lang, &request.skills, weight)
        };
        if let Some(kind) = self.kinds.iter_mut().find(same) {
            kind.new += 1;
        } else if self.kinds.len() < KINDS {
            let (queue, lang, skills) = (&request.queue, &request.lang, &request.skills);
            let (queue, lang, skills) = (queue.clone(), lang.clone(), skills.clone());
            self.kinds.push(Kind { queue, lang, skills, weight, new: 1, came: 0.0 });
        }
    }

    /// From time to time: how much each advisor is needed.
    fn watch_scarcity(&mut self, now: Millis) {
        if self.scarcity_at.is_some_and(|at| now < at + SCARCITY_MS) {
            return;
        }
        self.scarcity_at = Some(now);
        if self.policy.terms.spare == 0.0 {
            return;
        }
        for kind in &mut self.kinds {
            kind.came = score::fade(kind.came, std::mem::take(&mut kind.new));
        }
        let came_all: f32 = self.kinds.iter().map(|kind| kind.came).sum();
        let searches: Vec<Search> = self
            .kinds
            .iter()
            .map(|kind| Search::new(&self.policy, &kind.queue, &kind.lang, &kind.skills, 0))
            .collect();
        let mut scarcities = Vec::new();
        for (kind, search) in self.kinds.iter().zip(&searches) {
            let free = |seat: &Seat| {
                let used = usize::from(seat.held) + usize::from(seat.reserved);
                let capacity = usize::from(seat.advisor.capacity);
                if seat.present() && used < capacity {
                    LOAD_LEVELS - used * LOAD_LEVELS / capacity
                } else {
                    0
                }
            };
            let of = self.seats.values().filter(|seat| search.admits(&seat.advisor));
            let free = of.map(free).sum::<usize>() as u32;
            scarcities.push(score::scarcity(kind.came, came_all, free));
        }
        for seat in self.seats.values_mut() {
            let can = |(k, search): (usize, &Search)| u64::from(search.admits(&seat.advisor)) << k;
            let kinds = searches.iter().enumerate().map(can).sum();
            seat.needed = score::needed(kinds, &scarcities);
        }
    }

    fn insert(&mut self, waiting: Waiting, head: bool) {
        let request = &waiting.request;
        let credit = self.policy.ageing.credit_ms(request.priority, request.frustration);
        let key = place(waiting.away, head || request.head, request.since, credit, self.ticket);
        self.ticket += 1;
        self.places.insert(request.conversation, Place::Waiting(key));
        self.line.insert(key, waiting);
    }

    /// The customer is away, or back: those who are away come after all who are there.
    pub fn set_away(&mut self, conversation: ConversationId, away: bool) -> bool {
        match self.places.get_mut(&conversation) {
            Some(Place::Waiting(key)) => {
                let Some(mut waiting) = self.line.remove(key) else { return false };
                waiting.away = away;
                *key = seen_away(*key, away);
                self.line.insert(*key, waiting);
            }
            Some(Place::Offered(waiting, _)) => waiting.away = away,
            Some(Place::Held(_)) | None => return false,
        }
        true
    }

    /// Out of the line, or its open offers freed.
    pub fn withdraw(&mut self, conversation: ConversationId) -> bool {
        match self.places.get(&conversation) {
            Some(Place::Waiting(key)) => {
                self.line.remove(key);
            }
            Some(Place::Offered(_, offers)) => {
                for taken in offers.clone() {
                    self.unreserve(&taken);
                }
            }
            Some(Place::Held(_)) | None => return false,
        }
        self.places.remove(&conversation);
        true
    }

    /// The seat that points were taken from, if that advisor still is in the house.
    fn taken_from(&mut self, taken: &Taken) -> Option<&mut Seat> {
        self.seat(&taken.advisor).filter(|seat| seat.life == taken.life)
    }

    fn unreserve(&mut self, taken: &Taken) {
        let points = taken.points;
        if let Some(seat) = self.taken_from(taken) {
            seat.reserved -= points;
        }
    }

    /// The advisors who may have `waiting` now, in no order.
    fn eligible(&self, waiting: &Waiting, now: Millis) -> (usize, Search, Vec<usize>) {
        let request = &waiting.request;
        let step = steps_after(&self.policy, &request.queue, request.since, now);
        let search = Search::new(&self.policy, &request.queue, &request.lang, &request.skills, step);
        let offers = self.policy.offers(&request.queue);
        let waited = now.saturating_sub(request.since);
        let only = request
            .only
            .as_ref()
            .filter(|id| waited < u64::from(offers.direct_s) * 1_000 && self.by_id.contains_key(*id));
        let points = self.policy.ageing.points_after(request.weight, waited);
        let known = request.affinity.as_ref().filter(|id| {
            waited < u64::from(offers.affinity_s) * 1_000
                && !waiting.avoided.iter().any(|(avoided, until)| avoided == *id && now < *until)
                && self.by_id.get(*id).and_then(|at| self.seats.get(at)).is_some_and(Seat::present)
        });
        let its_time = request.not_before.is_none_or(|from| from <= now);
        let eligible = self
            .seats
            .iter()
            .filter(|_| its_time)
            .filter(|(_, seat)| seat.present() && seat.fits(points))
            .filter(|(_, seat)| {
                let id = &seat.advisor.id;
                !waiting.avoided.iter().any(|(avoided, until)| avoided == id && now < *until)
            })
            .filter(|(_, seat)| match (only, known) {
                (Some(only), _) => seat.advisor.id == *only,
                (None, Some(known)) => seat.advisor.id == *known,
                (None, None) => search.admits(&seat.advisor),
            })
            .map(|(at, _)| *at)
            .collect();
        (step, search, eligible)
    }

    /// The next match, its seats reserved.
    pub fn decide(&mut self, now: Millis) -> Option<Decision> {
        self.decided_at = self.decided_at.max(now);
        self.watch_scarcity(now);
        let (key, step, search, eligible) = self.line.iter().find_map(|(key, waiting)| {
            let (step, search, eligible) = self.eligible(waiting, now);
            (!eligible.is_empty()).then_some((*key, step, search, eligible))
        })?;
        let waiting = self.line.remove(&key)?;
        let request = waiting.request.clone();
        let case = Case { conversation: request.conversation, frustration: heat(request.frustration), now };
        let weights = self.policy.terms.weights();
        let mut scored: Vec<_> = eligible
            .iter()
            .map(|at| {
                let seat = &self.seats[at];
                let points = Points {
                    taken: u32::from(seat.held) | u32::from(seat.reserved) << 16,
                    capacity: u32::from(seat.advisor.capacity) | Points::PRESENT << 28,
                };
                let past = Past {
                    idle_since: seat.idle_since,
                    given_at: seat.given_at,
                    recent: seat.recent,
                    hard: seat.hard,
                    needed: seat.needed,
                };
                let knows = request.affinity.as_ref() == Some(&seat.advisor.id);
                let merit = search.merit(&seat.advisor);
                let terms = score::terms(&weights, &merit, (points, &past), &case, knows, *at);
                (score::sum(&terms), *at, terms)
            })
            .collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut offers = Vec::new();
        for (_, at, _) in scored.iter().take(search.at_once) {
            if let Some(seat) = self.seats.get_mut(at) {
                let waited = now.saturating_sub(request.since);
                let least = seat.points(self.policy.ageing.points_after(request.weight, waited));
                let free = seat.advisor.capacity.saturating_sub(seat.held + seat.reserved);
                let points = seat.points(request.weight).min(free).max(least);
                seat.reserved += points;
                seat.given_at = Tick::at(now);
                offers.push(Taken { advisor: seat.advisor.id.clone(), life: seat.life, points });
            }
        }
        let advisors = offers.iter().map(|taken| taken.advisor.clone()).collect();
        self.places.insert(request.conversation, Place::Offered(waiting, offers));
        Some(Decision {
            conversation: request.conversation,
            queue: request.queue.clone(),
            advisors,
            expires_at: now + u64::from(self.policy.offers(&request.queue).expires_s) * 1_000,
            candidates: scored
                .iter()
                .take(TRACE_CANDIDATES)
                .map(|(_, at, terms)| score::candidate(self.seats[at].advisor.id.clone(), terms))
                .collect(),
            step,
        })
    }

    /// The offer is taken: the seat is held, other offers are freed.
    ///
    /// # Errors
    /// It is not open.
    pub fn accept(
        &mut self,
        conversation: ConversationId,
        advisor: &AdvisorId,
        now: Millis,
    ) -> Result<(), Gone> {
        let Some(Place::Offered(waiting, offers)) = self.places.get(&conversation) else { return Err(Gone) };
        let (offers, frustration) = (offers.clone(), heat(waiting.request.frustration));
        let taken = offers.iter().find(|taken| taken.advisor == *advisor).ok_or(Gone)?;
        self.taken_from(taken).ok_or(Gone)?;
        for taken in &offers {
            self.unreserve(taken);
        }
        self.hold(conversation, advisor, taken.points, frustration, now);
        Ok(())
    }

    fn hold(&mut self, id: ConversationId, advisor: &AdvisorId, points: u16, hard: f32, now: Millis) {
        let Some(seat) = self.seat(advisor) else { return };
        seat.held += points;
        seat.missed = 0;
        seat.idle_since = Tick::at(now);
        seat.recent = seat.recent.plus(1.0, now, RECENT_LEAK_MS);
        if hard > 0.0 {
            seat.hard = seat.hard.plus(hard, now, HARD_LEAK_MS);
        }
        let taken = Taken { advisor: advisor.clone(), life: seat.life, points };
        self.places.insert(id, Place::Held(taken));
    }

    /// The offer is not taken.
    pub fn refuse(
        &mut self,
        conversation: ConversationId,
        advisor: &AdvisorId,
        why: Refusal,
        now: Millis,
    ) -> Refused {
        let mut refused = Refused::default();
        let Some(Place::Offered(waiting, offers)) = self.places.get_mut(&conversation) else {
            return refused;
        };
        let Some(nth) = offers.iter().position(|taken| taken.advisor == *advisor) else {
            return refused;
        };
        let taken = offers.remove(nth);
        let avoid_ms = why.avoid_ms(self.policy.offers(&waiting.request.queue).avoid_s);
        let most = self.policy.offers(&waiting.request.queue).missed_before_away;
        waiting.avoided.retain(|(id, _)| id != advisor);
        if waiting.avoided.len() == AVOIDED {
            waiting.avoided.remove(0);
        }
        waiting.avoided.push((advisor.clone(), now + avoid_ms));
        let back = offers.is_empty().then(|| waiting.clone());
        self.unreserve(&taken);
        if why == Refusal::Expired
            && let Some(seat) = self.taken_from(&taken)
        {
            seat.missed = seat.missed.saturating_add(1);
            if most > 0 && seat.missed >= most && seat.status == Presence::Available {
                seat.status = Presence::Away;
                seat.missed = 0;
                refused.set_away = true;
            }
        }
        if let Some(waiting) = back {
            self.insert(waiting, true);
            refused.requeued = true;
        }
        refused
    }

    /// A named advisor gets it.
    ///
    /// # Errors
    /// [`ClaimError`]; nothing has changed then.
    pub fn claim(
        &mut self,
        conversation: ConversationId,
        advisor: &AdvisorId,
        weight: u16,
        force: bool,
        now: Millis,
    ) -> Result<(), ClaimError> {
        let mut frustration = 0.0;
        let mut reserved = 0;
        match self.places.get(&conversation) {
            Some(Place::Held(taken)) => {
                let taken = taken.clone();
                let theirs = taken.advisor == *advisor && self.taken_from(&taken).is_some();
                return if theirs { Ok(()) } else { Err(ClaimError::Held) };
            }
            Some(Place::Waiting(key)) => {
                frustration = self.line.get(key).map_or(0.0, |w| heat(w.request.frustration));
            }
            Some(Place::Offered(waiting, offers)) => {
                frustration = heat(waiting.request.frustration);
                let offers = offers.clone();
                let own = offers.iter().find(|taken| taken.advisor == *advisor);
                reserved = own.filter(|own| self.taken_from(own).is_some()).map_or(0, |own| own.points);
            }
            None => {}
        }
        let seat = self.seat(advisor).ok_or(ClaimError::Unknown)?;
        if !force && !seat.present() {
            return Err(ClaimError::Absent);
        }
        let points = seat.points(weight);
        let used = u32::from(seat.held) + u32::from(seat.reserved) - u32::from(reserved);
        if used + u32::from(points) > u32::from(seat.advisor.capacity) {
            return Err(ClaimError::NoSeat);
        }
        self.withdraw(conversation);
        self.hold(conversation, advisor, points, frustration, now);
        Ok(())
    }

    /// The held seat is free again.
    pub fn release(&mut self, conversation: ConversationId, advisor: &AdvisorId, now: Millis) {
        let Some(Place::Held(taken)) = self.places.get(&conversation) else { return };
        let taken = taken.clone();
        if taken.advisor != *advisor {
            return;
        }
        self.places.remove(&conversation);
        if let Some(seat) = self.taken_from(&taken) {
            seat.held -= taken.points;
            seat.idle_since = Tick::at(now);
        }
    }

    /// The next moment after the last decision at which time alone changes who may have what.
    pub fn next_timeout(&self) -> Option<Millis> {
        self.line
            .values()
            .flat_map(|w| {
                let request = &w.request;
                let turns = Turns {
                    since: request.since,
                    weight: request.weight,
                    not_before: request.not_before,
                    only: request.only.is_some(),
                    affinity: request.affinity.is_some(),
                    avoided: &w.avoided,
                };
                turning_points(&self.policy, &request.queue, &turns)
            })
            .filter(|at| *at > self.decided_at)
            .min()
    }

    /// Conversations of the same queue that come before it, while it waits.
    pub fn ahead(&self, conversation: ConversationId) -> Option<u32> {
        match self.places.get(&conversation)? {
            Place::Waiting(key) => {
                let queue = &self.line.get(key)?.request.queue;
                Some(self.line.range(..key).filter(|(_, w)| w.request.queue == *queue).count() as u32)
            }
            Place::Offered(..) => Some(0),
            Place::Held(_) => None,
        }
    }

    /// What an advisor carries.
    pub fn load(&self, id: &AdvisorId) -> Option<Load> {
        let seat = self.seats.get(self.by_id.get(id)?)?;
        Some(Load {
            held: seat.held,
            reserved: seat.reserved,
            capacity: seat.advisor.capacity,
            status: seat.status,
            connected: seat.connected,
        })
    }
}

/// A frustration that is a number from 0 to 1.
pub(crate) fn heat(frustration: f32) -> f32 {
    if frustration.is_finite() { frustration.clamp(0.0, 1.0) } else { 0.0 }
}
