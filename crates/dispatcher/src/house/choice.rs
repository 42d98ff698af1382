//! The choice among the candidates: terms, scores, the best, and the trace (law 11).

use super::Dispatcher;
use super::candidates::Shortlist;
use super::line::Book;
use super::roster::Roster;
use super::word::Word;
use crate::decision::Decision;
use crate::limits::SHORTLIST;
use crate::policy::TERMS;
use crate::score::{self, Case};
use conversation::limits::{OFFERS_AT_ONCE, TRACE_CANDIDATES};
use conversation::{AdvisorId, ConversationId, Millis};
use std::cell::Cell;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;

/// A decision with its trace as numbers; [`Choice::explain`] puts it in order and in words.
#[derive(Debug)]
pub struct Choice {
    sheet: Sheet,
}

/// The candidates with all that their terms depend on, and who of them is chosen. The terms themselves are computed
/// twice, which is quicker than to keep them: once for the scores, and when the trace is asked for, from the same numbers.
#[derive(Debug)]
pub(super) struct Weighed {
    pub list: Shortlist,
    case: Case,
    pub expires_at: Millis,
    pub step: usize,
    /// The place in the book of the line that it stood in.
    pub line: u32,
    /// Whom to ask, as places among the candidates.
    chosen: [u8; OFFERS_AT_ONCE],
    asked: usize,
    /// [`NO_MORE`] for who is chosen, or was taken by another thread since they were looked at.
    scores: [f32; SHORTLIST],
}

const NO_MORE: f32 = f32::NEG_INFINITY;

const _: () = assert!(SHORTLIST.is_power_of_two() && SHORTLIST <= 32);

/// What a decision is made with, on the heap: it is handed on several times, and large. Each thread keeps the one that
/// it used last, so that nothing is allocated and blanked for the next decision, and so that it need not count itself
/// among the readers of snapshots that are still in force.
#[derive(Debug)]
pub(super) struct Sheet(Option<Box<Page>>);

#[derive(Debug)]
pub(super) struct Page {
    pub weighed: Weighed,
    known: Snapshots,
}

/// The snapshots of one house. They live until the thread next finds a line to look at, or ends; a roster has the pools of
/// its lines with it, some tens of kilobytes a line in a house of ten thousand.
#[derive(Debug)]
pub(super) struct Snapshots {
    house: u64,
    pub roster: Arc<Roster>,
    pub book: Arc<Book>,
}

thread_local! {
    static USED: Cell<Option<Box<Page>>> = const { Cell::new(None) };
}

impl Snapshots {
    fn of(house: &Dispatcher) -> Snapshots {
        Snapshots { house: house.number, roster: house.roster.load_full(), book: house.book.load_full() }
    }
}

impl Page {
    /// What is weighed, and the house's snapshots, loaded anew where there are newer ones.
    #[inline]
    pub fn current(&mut self, house: &Dispatcher) -> (&mut Weighed, &Snapshots) {
        if house.outdated(&self.known.roster) {
            self.known.roster = house.roster.load_full();
        }
        if self.known.book.lines.len() < house.lines() {
            self.known.book = house.book.load_full();
        }
        (&mut self.weighed, &self.known)
    }
}

impl Sheet {
    /// With whatever the last decision left on it: nobody is on the list.
    #[inline]
    pub fn of(house: &Dispatcher) -> Sheet {
        let Some(mut page) = USED.try_with(Cell::take).ok().flatten() else {
            return Sheet(Some(Box::new(Page { weighed: Weighed::NOBODY, known: Snapshots::of(house) })));
        };
        (page.weighed.list.len, page.weighed.asked) = (0, 0);
        if page.known.house != house.number {
            page.known = Snapshots::of(house);
        }
        Sheet(Some(page))
    }
}

impl Drop for Sheet {
    fn drop(&mut self) {
        let used = self.0.take();
        // Where the thread is ending, it is of no more use.
        let _ = USED.try_with(|last| last.set(used));
    }
}

impl Deref for Sheet {
    type Target = Page;
    #[inline]
    fn deref(&self) -> &Page {
        self.0.as_deref().unwrap_or_else(|| unreachable!("it is taken where it is dropped"))
    }
}

impl DerefMut for Sheet {
    #[inline]
    fn deref_mut(&mut self) -> &mut Page {
        self.0.as_deref_mut().unwrap_or_else(|| unreachable!("it is taken where it is dropped"))
    }
}

impl Weighed {
    const NOBODY: Weighed = Weighed {
        list: Shortlist::NOBODY,
        case: Case { conversation: ConversationId(0), frustration: 0.0, now: 0 },
        expires_at: 0,
        step: 0,
        line: 0,
        chosen: [0; OFFERS_AT_ONCE],
        asked: 0,
        scores: [0.0; SHORTLIST],
    };

    /// Computes the scores of everybody on the list; nobody is chosen yet.
    pub fn weigh(&mut self, weights: &[f32; TERMS], case: &Case, least: u16) {
        self.case = *case;
        let len = self.list.len;
        let mut chance = [0.0; SHORTLIST];
        if weights[score::CHANCE] > 0.0 {
            for (term, at) in chance.iter_mut().zip(&self.list.seats[..len]) {
                *term = score::drawn(weights, case, *at as usize);
            }
        }
        self.scores = self.list.lanes.scores(weights, case, least, &chance);
        self.scores[len..].fill(NO_MORE);
        self.asked = 0;
    }

    /// The best of those who are left: their place among the candidates, and their seat.
    #[inline]
    pub(super) fn best(&self) -> Option<(usize, usize)> {
        // By halves, so that the processor compares several at once.
        let mut top = self.scores;
        let mut half = SHORTLIST / 2;
        while half > 0 {
            for n in 0..half {
                top[n] = score::more(top[n], top[n + half]);
            }
            half /= 2;
        }
        // As bits, without a branch: where the best is cannot be guessed.
        let mut equal = 0;
        for (nth, score) in self.scores.iter().enumerate() {
            equal |= u32::from(*score == top[0]) << nth;
        }
        let nth = match equal & equal.wrapping_sub(1) {
            _ if top[0] == NO_MORE => return None,
            0 => equal.trailing_zeros() as usize,
            _ => crate::sync::ones(u64::from(equal)).min_by_key(|nth| self.list.seats[*nth])?,
        };
        Some((nth, self.list.seats[nth] as usize))
    }

    /// The generation of the seat of a candidate, as it was when they were found free.
    #[inline]
    pub(super) fn generation(&self, nth: usize) -> u16 {
        Word::generation_of(self.list.lanes.points(nth))
    }

    /// The higher score first; of equal ones, the lower seat.
    #[inline]
    fn order(&self, a: usize, b: usize) -> std::cmp::Ordering {
        self.scores[b].total_cmp(&self.scores[a]).then(self.list.seats[a].cmp(&self.list.seats[b]))
    }

    /// That candidate is to be asked: the how-manieth they are.
    pub(super) fn choose(&mut self, nth: usize) -> usize {
        let seat = self.list.seats[nth];
        // Another thread may have changed a seat while the list was made, so that it is on it twice.
        for (score, of) in self.scores.iter_mut().zip(&self.list.seats) {
            *score = if *of == seat { NO_MORE } else { *score };
        }
        self.chosen[self.asked] = nth as u8;
        self.asked += 1;
        self.asked - 1
    }

    /// Another thread was faster: no candidate any more.
    pub(super) fn drop_out(&mut self, nth: usize) {
        self.scores[nth] = NO_MORE;
    }

    /// The terms of one candidate.
    fn terms(&self, weights: &[f32; TERMS], nth: usize) -> [f32; TERMS] {
        let mut terms = self.list.lanes.terms(nth, weights, &self.case);
        terms[score::CHANCE] = score::drawn(weights, &self.case, self.list.seats[nth] as usize);
        terms
    }

    pub(super) fn asked(&self) -> usize {
        self.asked
    }

    fn chosen(&self) -> impl Iterator<Item = usize> + '_ {
        self.chosen[..self.asked].iter().map(|nth| usize::from(*nth))
    }
}

impl Choice {
    pub(super) fn new(sheet: Sheet) -> Choice {
        Choice { sheet }
    }

    fn roster(&self) -> &Roster {
        &self.sheet.known.roster
    }

    /// Which conversation.
    pub fn conversation(&self) -> ConversationId {
        self.sheet.weighed.case.conversation
    }

    fn advisor(&self, nth: usize) -> Option<&AdvisorId> {
        self.roster().ids.get(self.sheet.weighed.list.seats[nth] as usize)?.as_ref()
    }

    /// Whom to ask.
    pub fn advisors(&self) -> impl Iterator<Item = &AdvisorId> {
        self.sheet.weighed.chosen().filter_map(|nth| self.advisor(nth))
    }

    /// The decision with its trace in words, as the log keeps it.
    pub fn explain(&self) -> Decision {
        let weighed = &self.sheet.weighed;
        // Places among the candidates, the chosen first, then the others by insertion: they are few.
        let mut order = [0; SHORTLIST];
        let mut len = 0;
        for nth in weighed.chosen() {
            order[len] = nth;
            len += 1;
        }
        let first = len;
        for nth in (0..SHORTLIST).filter(|nth| weighed.scores[*nth] > NO_MORE) {
            let mut at = len;
            while at > first && weighed.order(nth, order[at - 1]).is_lt() {
                order[at] = order[at - 1];
                at -= 1;
            }
            order[at] = nth;
            len += 1;
        }
        let weights = self.roster().weights;
        let mut candidates = Vec::with_capacity(len.min(TRACE_CANDIDATES));
        for (before, nth) in order[..len].iter().enumerate() {
            let twice = order[..before].iter().any(|of| weighed.list.seats[*of] == weighed.list.seats[*nth]);
            if let Some(advisor) =
                self.advisor(*nth).filter(|_| !twice && candidates.len() < TRACE_CANDIDATES)
            {
                candidates.push(score::candidate(advisor.clone(), &weighed.terms(&weights, *nth)));
            }
        }
        // A line is never taken out of the book.
        let line = &self.sheet.known.book.lines[weighed.line as usize];
        Decision {
            conversation: weighed.case.conversation,
            queue: line.key.queue.clone(),
            advisors: self.advisors().cloned().collect(),
            expires_at: weighed.expires_at,
            candidates,
            step: weighed.step,
        }
    }
}
