//! Who could take a conversation at the moment: free seats of a pool, the least loaded first.

use super::Dispatcher;
use super::line::{Line, LineKey};
use super::pool::Pool;
use super::roster::Roster;
use super::seat::{LEVELS, Word};
use super::slot::Wishes;
use crate::limits::SHORTLIST;
use crate::score::Merit;
use crate::search::Search;
use conversation::{AdvisorId, Millis};

/// Advisors who could take it.
#[derive(Clone)]
pub(super) struct Shortlist {
    pub len: usize,
    /// A bit for the last digits of each seat's number: most who are not on it are known by that.
    digits: [u64; 4],
    pub seats: [u32; SHORTLIST],
    /// Each as it was when it was found free.
    pub words: [Word; SHORTLIST],
    pub merits: [Merit; SHORTLIST],
    /// The advisor who knows the customer.
    pub knows: Option<usize>,
}

/// What is asked of a seat.
pub(super) struct Asked {
    /// Points that must be free.
    pub least: u16,
    /// The advisor who knows the customer.
    pub knows: Option<usize>,
    /// Any number, another one for every conversation: where the search begins.
    pub turn: u32,
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
        Shortlist {
            len: 0,
            digits: [0; 4],
            seats: [u32::MAX; SHORTLIST],
            words: [Word(0); SHORTLIST],
            merits: [Merit { fit: 0.0, language: 0.0 }; SHORTLIST],
            knows: None,
        }
    }

    /// Puts a seat on the list if there is room and it is free for what is asked.
    #[inline]
    fn consider(&mut self, asked: &Asked, at: usize, generation: u16, word: Word, merit: &Merit) {
        if word.present()
            && word.generation() == generation
            && word.fits(asked.least)
            && let Some(seat) = self.seats.get_mut(self.len)
        {
            *seat = at as u32;
            self.words[self.len] = word;
            self.merits[self.len] = *merit;
            self.digits[at / 64 % 4] |= 1 << (at % 64);
            self.len += 1;
        }
    }

    fn clear(&mut self, asked: &Asked) {
        self.len = 0;
        self.knows = asked.knows;
        self.digits = [0; 4];
    }

    fn has(&self, at: u32) -> bool {
        let digits = self.digits[at as usize / 64 % 4] & 1 << (at % 64) != 0;
        digits && self.seats[..self.len].contains(&at)
    }

    fn full(&self) -> bool {
        self.len == SHORTLIST
    }
}

/// Seats that the index calls free, not looked at yet: first all are read, then each is considered, so that the
/// processor waits for all of them at once and not for one after the other.
struct Seen {
    len: usize,
    /// Seat, and which of the pool's words it is in. Room for a few more than are wanted, so that some can be put down
    /// before it is asked how many there are.
    seats: [(u32, u32); SHORTLIST + AT_ONCE],
}

/// Bits of a word that are put down without asking whether there are so many.
const AT_ONCE: usize = 4;

impl Dispatcher {
    fn consider(&self, roster: &Roster, pool: &Pool, asked: &Asked, seen: &mut Seen, list: &mut Shortlist) {
        let wanted = SHORTLIST - list.len;
        let seen = &seen.seats[..std::mem::take(&mut seen.len).min(wanted)];
        let mut words = [Word(0); SHORTLIST];
        for (word, (at, _)) in words.iter_mut().zip(seen) {
            if let Some(seat) = self.seats.get(*at as usize) {
                *word = seat.word();
            }
        }
        for (word, (at, nth)) in words.iter().zip(seen) {
            // The one who knows the customer is on the list first, and a seat may have passed to another load while
            // the index was read.
            if list.has(*at) {
                continue;
            }
            let (at, nth) = (*at as usize, *nth as usize);
            if let Some(generation) = roster.generations.get(at) {
                list.consider(asked, at, *generation, *word, pool.merit(nth, at % 64));
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
        avoided: &[usize],
        list: &mut Shortlist,
    ) {
        list.clear(asked);
        let mut seen = Seen { len: 0, seats: [(0, 0); SHORTLIST + AT_ONCE] };
        if let Some(at) = asked.knows.filter(|at| !avoided.contains(at))
            && let Some(nth) = pool.word_of(at)
        {
            seen.seats[0] = (at as u32, nth);
            seen.len = 1;
            self.consider(roster, pool, asked, &mut seen, list);
        }
        let words = pool.words.len();
        let turn = asked.turn;
        // Evenly spread over the words (Knuth's multiplicative hashing), without a division.
        let start = ((u64::from(turn.wrapping_mul(0x9e37_79b9)) * words as u64) >> 32) as usize;
        let mut done = 0;
        while done < words {
            let end = (done + pool.stretch).min(words);
            let (from, to) = (start + done, start + end);
            let (ahead, behind) = match (from < words, to <= words) {
                (true, true) => (from..to, 0..0),
                (true, false) => (from..words, 0..to - words),
                _ => (from - words..to - words, 0..0),
            };
            for level in 0..LEVELS {
                for part in [&ahead, &behind] {
                    for (nth, (word, mask, _)) in part.clone().zip(&pool.words[part.clone()]) {
                        let mut free = self.seats.row(level, *word as usize) & mask;
                        if free == 0 {
                            continue;
                        }
                        for at in avoided.iter().filter(|at| **at / 64 == *word as usize) {
                            free &= !(1 << (at % 64));
                        }
                        free = free.rotate_right(turn);
                        // How many are free in a word cannot be guessed, and a wrong guess costs more than these.
                        loop {
                            for _ in 0..AT_ONCE {
                                let bit = free.trailing_zeros().wrapping_add(turn) % 64;
                                seen.seats[seen.len] = (word * 64 + bit, nth as u32);
                                seen.len += usize::from(free != 0);
                                free &= free.wrapping_sub(1);
                            }
                            if list.len + seen.len >= SHORTLIST {
                                self.consider(roster, pool, asked, &mut seen, list);
                                if list.full() {
                                    return;
                                }
                            }
                            if free == 0 {
                                break;
                            }
                        }
                    }
                }
            }
            self.consider(roster, pool, asked, &mut seen, list);
            if list.full() {
                return;
            }
            done = end;
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
        };
        let only =
            wishes.only.as_ref().and_then(seat).filter(|_| waited < u64::from(offers.direct_s) * 1_000);
        let waited_for = asked.knows.filter(|at| {
            waited < u64::from(offers.affinity_s) * 1_000
                && self.seats.get(*at).is_some_and(|seat| seat.word().present())
        });
        let Some(at) = only.or(waited_for) else {
            return self.gather(roster, pool, &asked, &avoided, list);
        };
        list.clear(&asked);
        if let (false, Some(seat), Some(member)) =
            (avoided.contains(&at), self.seats.get(at), roster.member(at))
        {
            let merit = Search::of_line(&roster.policy, &of.line.key, 0).merit(&member.advisor);
            list.consider(&asked, at, member.generation, seat.word(), &merit);
        }
    }
}
