//! The choice among the candidates: terms, scores, the best, and the trace (law 11).

use super::candidates::Shortlist;
use super::roster::Roster;
use super::slot::Entry;
use crate::decision::Decision;
use crate::limits::SHORTLIST;
use crate::policy::TERMS;
use crate::reference::heat;
use crate::score::{self, Case};
use arc_swap::Guard;
use conversation::limits::{OFFERS_AT_ONCE, TRACE_CANDIDATES};
use conversation::{AdvisorId, ConversationId, Millis};
use std::sync::Arc;

/// A decision with its trace as numbers; [`Choice::explain`] puts it in order and in words.
#[derive(Debug)]
pub struct Choice {
    entry: Arc<Entry>,
    roster: Guard<Arc<Roster>>,
    expires_at: Millis,
    step: usize,
    /// Whom to ask, as places among the candidates.
    chosen: [u8; OFFERS_AT_ONCE],
    asked: usize,
    /// A bit for each candidate who neither is chosen nor was taken by another thread since they were looked at.
    open: u32,
    seats: [u32; SHORTLIST],
    terms: [[f32; SHORTLIST]; TERMS],
    scores: [f32; SHORTLIST],
}

const _: () = assert!(SHORTLIST.is_power_of_two() && SHORTLIST <= 32);

impl Choice {
    /// Computes the terms and scores of everybody on the list; nobody is chosen yet.
    #[inline]
    pub(super) fn weigh(
        roster: Guard<Arc<Roster>>,
        entry: Arc<Entry>,
        step: usize,
        list: &Shortlist,
        now: Millis,
        expires_at: Millis,
    ) -> Choice {
        let request = &entry.request;
        let case = Case { conversation: request.conversation, frustration: heat(request.frustration), now };
        let mut terms = list.lanes.terms(&roster.weights, &case);
        if roster.weights[score::CHANCE] > 0.0 {
            for (term, at) in terms[score::CHANCE].iter_mut().zip(&list.seats[..list.len]) {
                *term = score::drawn(&roster.weights, &case, *at as usize);
            }
        }
        let mut scores = score::scores(&terms);
        scores[list.len..].fill(f32::NEG_INFINITY);
        Choice {
            scores,
            terms,
            entry,
            roster,
            expires_at,
            step,
            chosen: [0; OFFERS_AT_ONCE],
            asked: 0,
            open: ((1u64 << list.len) - 1) as u32,
            seats: list.seats,
        }
    }

    /// The best of those who are left: their place among the candidates, and their seat.
    #[inline]
    pub(super) fn best(&self) -> Option<(usize, usize)> {
        // By halves, so that the processor compares several at once.
        let mut top = self.scores;
        let mut half = SHORTLIST / 2;
        while half > 0 {
            for n in 0..half {
                top[n] = top[n].max(top[n + half]);
            }
            half /= 2;
        }
        let equal = |nth: &usize| self.scores[*nth] == top[0] && self.open & (1 << nth) != 0;
        let nth = (0..SHORTLIST).filter(equal).min_by_key(|nth| self.seats[*nth])?;
        Some((nth, self.seats[nth] as usize))
    }

    /// The higher score first; of equal ones, the lower seat.
    #[inline]
    fn order(&self, a: usize, b: usize) -> std::cmp::Ordering {
        self.scores[b].total_cmp(&self.scores[a]).then(self.seats[a].cmp(&self.seats[b]))
    }

    /// That candidate is to be asked: the how-manieth they are.
    pub(super) fn choose(&mut self, nth: usize) -> usize {
        self.drop_out(nth);
        self.chosen[self.asked] = nth as u8;
        self.asked += 1;
        self.asked - 1
    }

    /// The generation that a candidate's seat had when they were looked at.
    pub(super) fn generation(&self, seat: usize) -> u16 {
        self.roster.generations.get(seat).copied().unwrap_or(u16::MAX)
    }

    /// Another thread was faster: no candidate any more.
    pub(super) fn drop_out(&mut self, nth: usize) {
        self.open &= !(1 << nth);
        self.scores[nth] = f32::NEG_INFINITY;
    }

    pub(super) fn asked(&self) -> usize {
        self.asked
    }

    /// Which conversation.
    pub fn conversation(&self) -> ConversationId {
        self.entry.request.conversation
    }

    fn advisor(&self, nth: usize) -> Option<&AdvisorId> {
        self.roster.ids.get(self.seats[nth] as usize)?.as_ref()
    }

    fn chosen(&self) -> impl Iterator<Item = usize> + '_ {
        self.chosen[..self.asked].iter().map(|nth| usize::from(*nth))
    }

    /// Whom to ask.
    pub fn advisors(&self) -> impl Iterator<Item = &AdvisorId> {
        self.chosen().filter_map(|nth| self.advisor(nth))
    }

    /// The decision with its trace in words, as the log keeps it.
    pub fn explain(&self) -> Decision {
        let mut order: Vec<usize> = crate::sync::ones(u64::from(self.open)).collect();
        order.sort_unstable_by(|a, b| self.order(*a, *b));
        let trace = self.chosen().chain(order).take(TRACE_CANDIDATES);
        Decision {
            conversation: self.conversation(),
            queue: self.entry.request.queue.clone(),
            advisors: self.advisors().cloned().collect(),
            expires_at: self.expires_at,
            candidates: trace
                .filter_map(|nth| {
                    let terms = std::array::from_fn(|term| self.terms[term][nth]);
                    Some(score::candidate(self.advisor(nth)?.clone(), &terms))
                })
                .collect(),
            step: self.step,
        }
    }
}
