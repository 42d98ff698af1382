//! Who could take a conversation at the moment: free seats of a pool, the least loaded first.

use super::Dispatcher;
use super::line::{Line, LineKey};
use super::pool::{MeritAt, Pool};
use super::roster::Roster;
use super::seat::{LEVELS, Seat, Word};
use super::slot::Wishes;
use crate::limits::SHORTLIST;
use crate::score::{Lanes, Merit};
use crate::search::Search;
use conversation::{AdvisorId, Millis};

/// Advisors who could take it, with what their scores come from.
pub(super) struct Shortlist {
    pub len: usize,
    pub seats: [u32; SHORTLIST],
    pub lanes: Lanes<SHORTLIST>,
}

/// What is asked of a seat.
pub(super) struct Asked {
    /// Points that must be free.
    pub least: u16,
    /// The advisor who knows the customer.
    pub knows: Option<usize>,
    /// Any number, another one for every conversation: where the search begins.
    pub turn: u32,
    pub now: Millis,
}

/// Somebody with wishes or refusals of their own.
pub(super) struct Particular<'a> {
    pub line: &'a Line,
    pub wishes: &'a Wishes,
    pub since: Millis,
    pub key: u64,
    pub now: Millis,
}

impl Shortlist {
    pub fn new() -> Shortlist {
        Shortlist { len: 0, seats: [u32::MAX; SHORTLIST], lanes: Lanes::new() }
    }

    /// Puts a seat on the list if it is free for what is asked.
    #[inline]
    fn consider(
        &mut self,
        asked: &Asked,
        at: usize,
        generation: u16,
        seat: &Seat,
        word: Word,
        merit: &Merit,
    ) {
        if word.present() && word.generation() == generation && word.fits(asked.least) {
            self.seats[self.len] = at as u32;
            let standing = seat.standing(word);
            self.lanes.set(self.len, merit, &standing, asked.knows == Some(at), asked.now);
            self.len += 1;
        }
    }

    fn full(&self) -> bool {
        self.len == SHORTLIST
    }
}

/// Seats that the index calls free, not looked at yet: first all are read, then each is considered, so that the
/// processor waits for all of them at once and not for one after the other.
struct Seen {
    len: usize,
    seats: [(u32, MeritAt); SHORTLIST],
}

impl Dispatcher {
    fn consider(&self, roster: &Roster, pool: &Pool, asked: &Asked, seen: &mut Seen, list: &mut Shortlist) {
        let seen = &seen.seats[..std::mem::take(&mut seen.len)];
        let mut words = [Word(0); SHORTLIST];
        for (word, (at, _)) in words.iter_mut().zip(seen) {
            if let Some(seat) = self.seats.get(*at as usize) {
                *word = seat.word();
            }
        }
        for (word, (at, merit)) in words.iter().zip(seen) {
            let at = *at as usize;
            if let (Some(seat), Some(generation)) = (self.seats.get(at), roster.generations.get(at)) {
                list.consider(asked, at, *generation, seat, *word, pool.merit(*merit));
            }
        }
    }

    /// Collects free seats of a pool: the least loaded of a stretch of it, which begins somewhere else each time, then
    /// of the next stretch while there is room on the list. Where everybody who is free has room on it, it has them
    /// all.
    pub(super) fn gather(
        &self,
        roster: &Roster,
        pool: &Pool,
        asked: &Asked,
        avoid: impl Fn(usize) -> bool,
        list: &mut Shortlist,
    ) {
        list.len = 0;
        let mut seen = Seen { len: 0, seats: [(0, MeritAt::default()); SHORTLIST] };
        if let Some(at) = asked.knows.filter(|at| pool.has(*at) && !avoid(*at))
            && let Some(merit) = pool.merit_of(at)
        {
            seen.seats[0] = (at as u32, merit);
            seen.len = 1;
            self.consider(roster, pool, asked, &mut seen, list);
        }
        // The one who knows the customer is on the list already.
        let known = if list.len > 0 { list.seats[0] } else { u32::MAX };
        let words = pool.words.len();
        let turn = asked.turn;
        // Evenly spread over the words (Knuth's multiplicative hashing), without a division.
        let start = ((u64::from(turn.wrapping_mul(0x9e37_79b9)) * words as u64) >> 32) as usize;
        let mut done = 0;
        while done < words {
            let (from, to) = (start + done, start + (done + pool.stretch).min(words));
            done += pool.stretch;
            let (ahead, behind) = match (from < words, to <= words) {
                (true, true) => (&pool.words[from..to], &pool.words[..0]),
                (true, false) => (&pool.words[from..], &pool.words[..to - words]),
                _ => (&pool.words[from - words..to - words], &pool.words[..0]),
            };
            let here = list.len;
            for level in 0..LEVELS {
                // A seat may have come from a lower level since that one was looked through.
                let before = list.len;
                for (word, mask, rank) in ahead.iter().chain(behind) {
                    let mut free = (self.seats.row(level, *word as usize) & mask).rotate_right(turn);
                    while free != 0 {
                        let bit = (free.trailing_zeros() + turn) as usize % 64;
                        free &= free - 1;
                        let at = *word as usize * 64 + bit;
                        let twice = before > here && list.seats[here..before].contains(&(at as u32));
                        if twice || at as u32 == known || avoid(at) {
                            continue;
                        }
                        seen.seats[seen.len] = (at as u32, pool.merit_at(*mask, *rank, bit));
                        seen.len += 1;
                        if list.len + seen.len == SHORTLIST {
                            self.consider(roster, pool, asked, &mut seen, list);
                            if list.full() {
                                return;
                            }
                        }
                    }
                }
                if seen.len > 0 {
                    self.consider(roster, pool, asked, &mut seen, list);
                }
            }
        }
    }

    /// The same for a conversation with wishes or refusals of its own.
    pub(super) fn gather_particular(
        &self,
        roster: &Roster,
        pool: &Pool,
        of: &Particular,
        list: &mut Shortlist,
    ) {
        let (wishes, now) = (of.wishes, of.now);
        let LineKey { queue, weight, .. } = &of.line.key;
        let offers = roster.policy.offers(queue);
        let waited = now.saturating_sub(of.since);
        let seat = |id: &AdvisorId| roster.seat(id).map(|(at, _)| at);
        let mut avoided: Vec<usize> = wishes.avoid.iter().filter_map(seat).collect();
        avoided
            .extend(wishes.avoided.iter().filter(|(_, until)| now < *until).filter_map(|(id, _)| seat(id)));
        let asked = Asked {
            least: roster.policy.ageing.points_after(*weight, waited),
            knows: wishes.affinity.as_ref().and_then(seat),
            turn: of.key as u32,
            now,
        };
        let only =
            wishes.only.as_ref().and_then(seat).filter(|_| waited < u64::from(offers.direct_s) * 1_000);
        let waited_for = asked.knows.filter(|at| {
            waited < u64::from(offers.affinity_s) * 1_000
                && self.seats.get(*at).is_some_and(|seat| seat.word().present())
        });
        let Some(at) = only.or(waited_for) else {
            return self.gather(roster, pool, &asked, |at| avoided.contains(&at), list);
        };
        list.len = 0;
        if let (false, Some(seat), Some(member)) =
            (avoided.contains(&at), self.seats.get(at), roster.member(at))
        {
            let merit = Search::of_line(&roster.policy, &of.line.key, 0).merit(&member.advisor);
            list.consider(&asked, at, member.generation, seat, seat.word(), &merit);
        }
    }
}
