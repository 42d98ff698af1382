//! The choice among the candidates: terms, scores, the best, and the trace (law 11).

use super::candidates::Shortlist;
use super::line::Book;
use super::roster::Roster;
use super::seat::Seats;
use crate::decision::Decision;
use crate::limits::SHORTLIST;
use crate::policy::TERMS;
use crate::score::{self, Case, Lanes};
use arc_swap::Guard;
use conversation::limits::{OFFERS_AT_ONCE, TRACE_CANDIDATES};
use conversation::{AdvisorId, ConversationId, Millis};
use std::sync::Arc;

/// A decision with its trace as numbers; [`Choice::explain`] puts it in order and in words.
#[derive(Debug)]
pub struct Choice {
    weighed: Box<Weighed>,
    roster: Guard<Arc<Roster>>,
    book: Guard<Arc<Book>>,
}

/// The candidates with their terms, and who of them is chosen.
#[derive(Debug)]
pub(super) struct Weighed {
    conversation: ConversationId,
    pub expires_at: Millis,
    pub step: usize,
    /// The place in the book of the line that it stood in.
    pub line: u32,
    /// A bit for each candidate who neither is chosen nor was taken by another thread since they were looked at.
    open: u32,
    /// Whom to ask, as places among the candidates.
    chosen: [u8; OFFERS_AT_ONCE],
    asked: usize,
    seats: [u32; SHORTLIST],
    scores: [f32; SHORTLIST],
    terms: [[f32; SHORTLIST]; TERMS],
}

const _: () = assert!(SHORTLIST.is_power_of_two() && SHORTLIST <= 32);

impl Weighed {
    /// Computes the terms and scores of everybody on the list; nobody is chosen yet. Boxed: it is handed on several
    /// times, and large.
    pub fn new(seats: &Seats, weights: &[f32; TERMS], case: &Case, list: &Shortlist) -> Box<Weighed> {
        let mut weighed = Box::new(Weighed {
            conversation: case.conversation,
            expires_at: 0,
            step: 0,
            line: 0,
            open: ((1u64 << list.len) - 1) as u32,
            chosen: [0; OFFERS_AT_ONCE],
            asked: 0,
            seats: list.seats,
            scores: [0.0; SHORTLIST],
            terms: [[0.0; SHORTLIST]; TERMS],
        });
        let mut lanes = Lanes::<SHORTLIST>::new();
        let knows = list.knows.map_or(u32::MAX, |at| at as u32);
        for nth in 0..SHORTLIST {
            let at = list.seats[nth];
            // Beyond the list's end there may be somebody, and nobody reads what comes out.
            if let Some(seat) = seats.get(at as usize) {
                let standing = seat.standing(list.words[nth]);
                lanes.set(nth, &list.merits[nth], &standing, at == knows, case.now);
            }
        }
        lanes.terms(weights, case, &mut weighed.terms);
        if weights[score::CHANCE] > 0.0 {
            for (term, at) in weighed.terms[score::CHANCE].iter_mut().zip(&list.seats[..list.len]) {
                *term = score::drawn(weights, case, *at as usize);
            }
        }
        weighed.scores = score::scores(&weighed.terms);
        weighed.scores[list.len..].fill(f32::NEG_INFINITY);
        weighed
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
        // As bits, without a branch: where the best is cannot be guessed.
        let mut equal = 0;
        for (nth, score) in self.scores.iter().enumerate() {
            equal |= u32::from(*score == top[0]) << nth;
        }
        equal &= self.open;
        let nth = match equal & equal.wrapping_sub(1) {
            0 if equal == 0 => return None,
            0 => equal.trailing_zeros() as usize,
            _ => crate::sync::ones(u64::from(equal)).min_by_key(|nth| self.seats[*nth])?,
        };
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

    /// Another thread was faster: no candidate any more.
    pub(super) fn drop_out(&mut self, nth: usize) {
        self.open &= !(1 << nth);
        self.scores[nth] = f32::NEG_INFINITY;
    }

    pub(super) fn asked(&self) -> usize {
        self.asked
    }

    fn chosen(&self) -> impl Iterator<Item = usize> + '_ {
        self.chosen[..self.asked].iter().map(|nth| usize::from(*nth))
    }
}

impl Choice {
    pub(super) fn new(weighed: Box<Weighed>, roster: Guard<Arc<Roster>>, book: Guard<Arc<Book>>) -> Choice {
        Choice { weighed, roster, book }
    }

    /// Which conversation.
    pub fn conversation(&self) -> ConversationId {
        self.weighed.conversation
    }

    fn advisor(&self, nth: usize) -> Option<&AdvisorId> {
        self.roster.ids.get(self.weighed.seats[nth] as usize)?.as_ref()
    }

    /// Whom to ask.
    pub fn advisors(&self) -> impl Iterator<Item = &AdvisorId> {
        self.weighed.chosen().filter_map(|nth| self.advisor(nth))
    }

    /// The decision with its trace in words, as the log keeps it.
    pub fn explain(&self) -> Decision {
        let weighed = &*self.weighed;
        // Places among the candidates, the chosen first, then the others by insertion: they are few.
        let mut order = [0; SHORTLIST];
        let mut len = 0;
        for nth in weighed.chosen() {
            order[len] = nth;
            len += 1;
        }
        let first = len;
        for nth in crate::sync::ones(u64::from(weighed.open)) {
            let mut at = len;
            while at > first && weighed.order(nth, order[at - 1]).is_lt() {
                order[at] = order[at - 1];
                at -= 1;
            }
            order[at] = nth;
            len += 1;
        }
        let trace = &order[..len.min(TRACE_CANDIDATES)];
        let mut candidates = Vec::with_capacity(trace.len());
        candidates.extend(trace.iter().filter_map(|nth| {
            let terms = std::array::from_fn(|term| weighed.terms[term][*nth]);
            Some(score::candidate(self.advisor(*nth)?.clone(), &terms))
        }));
        // A line is never taken out of the book.
        let line = &self.book.lines[weighed.line as usize];
        Decision {
            conversation: weighed.conversation,
            queue: line.key.queue.clone(),
            advisors: self.advisors().cloned().collect(),
            expires_at: weighed.expires_at,
            candidates,
            step: weighed.step,
        }
    }
}
