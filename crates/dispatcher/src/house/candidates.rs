//! Who could take a conversation at the moment: free seats of a pool, the least loaded first.

use super::Dispatcher;
use super::line::{Line, LineKey};
use super::pool::{Pool, PoolEntry};
use super::roster::Roster;
use super::seat::LEVELS;
use super::slot::Wishes;
use crate::limits::SHORTLIST;
use crate::score::Lanes;
use crate::search::Search;
use crate::sync::ones;
use conversation::{AdvisorId, Millis};

/// Advisors who could take it.
#[derive(Clone, Debug)]
pub(super) struct Shortlist {
    pub len: usize,
    pub seats: [u32; SHORTLIST],
    /// All that their terms depend on, each as it was when it was found free.
    pub lanes: Lanes<SHORTLIST>,
    seen: Seen,
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
    pub const NOBODY: Shortlist = Shortlist {
        len: 0,
        seats: [u32::MAX; SHORTLIST],
        lanes: Lanes::NOBODY,
        seen: Seen { len: 0, fitting: 0, seats: [0; 2 * SHORTLIST] },
    };
}

/// Seats that the index calls free. First they are found, then all that their terms depend on is read for all of them,
/// so that the processor waits for all at once and not for one after the other.
#[derive(Clone, Debug)]
struct Seen {
    len: usize,
    /// So many of them have room for what is asked. One point is room that the index knows of.
    fitting: usize,
    /// Room for more than are wanted, so that some can be put down before it is asked how many there are.
    seats: [PoolEntry; 2 * SHORTLIST],
}

/// Bits of a word that are put down without asking whether there are so many.
const AT_ONCE: usize = 4;
const _: () = assert!(AT_ONCE <= SHORTLIST);

impl Seen {
    /// Puts down the seats of one word that are free, at most [`SHORTLIST`] of them and a few.
    #[inline(always)]
    fn put_down(&mut self, mut free: u64, first: PoolEntry, turn: u32) {
        let mut len = self.len;
        free = free.rotate_right(turn);
        // How many are free in a word cannot be guessed, and a wrong guess costs more than these.
        loop {
            for _ in 0..AT_ONCE {
                let bit = (free | 1 << 63).trailing_zeros().wrapping_add(turn) % 64;
                self.seats[len % (2 * SHORTLIST)] = first | u64::from(bit);
                len += usize::from(free != 0);
                free &= free.wrapping_sub(1);
            }
            if free == 0 || len >= SHORTLIST {
                break;
            }
        }
        self.len = len;
    }
}

impl Dispatcher {
    fn has_room(&self, at: usize, least: u16) -> bool {
        self.seats.get(at).is_some_and(|seat| {
            let word = seat.word();
            word.present() && word.fits(least)
        })
    }

    /// Keeps those of `seen` that have room for what is asked.
    fn sift(&self, asked: &Asked, seen: &mut Seen) {
        for nth in seen.fitting..seen.len {
            let entry = seen.seats[nth];
            if self.has_room(entry as u32 as usize, asked.least) {
                seen.seats[seen.fitting] = entry;
                seen.fitting += 1;
            }
        }
        seen.len = seen.fitting;
    }

    /// Collects free seats of a pool: the least loaded of a stretch of it, which begins somewhere else each time, then
    /// of the next stretch while there is room on the list. Where everybody who is free has room on it, it has them
    /// all.
    ///
    /// The roster must not have changed since when the list is read: seats are looked at, not whose they are.
    pub(super) fn gather(&self, pool: &Pool, asked: &Asked, avoided: &[usize], list: &mut Shortlist) {
        let knows = asked.knows.filter(|at| !avoided.contains(at));
        let knower = knows.and_then(|at| pool.entry(at).filter(|_| self.has_room(at, asked.least)));
        let but = Some((avoided, knows)).filter(|_| !avoided.is_empty() || knows.is_some());
        // For one point there is room where the index says so, unless another thread is about to correct it.
        for sift in [asked.least > 1, true] {
            let seen = &mut list.seen;
            (seen.len, seen.fitting, seen.seats[0]) = (0, 0, 0);
            if let Some(entry) = knower {
                (seen.len, seen.fitting, seen.seats[0]) = (1, 1, entry);
            }
            self.walk(pool, asked, but, sift, seen);
            if self.read(pool, list) || list.len == 0 {
                break;
            }
        }
        list.lanes.set_knows(0, knower.is_some());
    }

    /// Reads all that the terms of those who were found depend on. Whether there is a free point among them.
    fn read(&self, pool: &Pool, list: &mut Shortlist) -> bool {
        let Shortlist { seen, .. } = list;
        let len = seen.len.min(SHORTLIST);
        list.len = len;
        let (entries, _) = seen.seats.split_at(SHORTLIST);
        // The words of all seats first, then all merits, which are elsewhere, then what is beside the words: so that the
        // processor waits for all of them at once.
        for (nth, entry) in entries.iter().enumerate().take(len) {
            let at = *entry as u32;
            list.seats[nth] = at;
            if let Some(seat) = self.seats.get(at as usize) {
                list.lanes.set_points(nth, seat.word().all_points());
            }
        }
        for (nth, entry) in entries.iter().enumerate().take(len) {
            if let Some(merit) = pool.merit(*entry) {
                list.lanes.set_merit(nth, merit);
            }
        }
        for (nth, entry) in entries.iter().enumerate().take(len) {
            if let Some(seat) = self.seats.get(*entry as u32 as usize) {
                list.lanes.set_past(nth, &seat.past());
            }
        }
        list.lanes.any_free(len)
    }

    /// The search of [`Dispatcher::gather`], apart so that it has all registers for itself; `but` are those who are not to be asked, and the one who was first.
    #[inline(never)]
    fn walk(
        &self,
        pool: &Pool,
        asked: &Asked,
        but: Option<(&[usize], Option<usize>)>,
        sift: bool,
        seen: &mut Seen,
    ) {
        let words = pool.words.len();
        let (index, levels) = self.seats.index();
        // Evenly spread over the words (Knuth's multiplicative hashing), without a division.
        let start = ((u64::from(asked.turn.wrapping_mul(0x9e37_79b9)) * words as u64) >> 32) as usize;
        let mut done = 0;
        while done < words {
            let end = (done + pool.stretch).min(words);
            let (from, to) = (start + done, start + end);
            let of = |part: std::ops::Range<usize>| (part.start, pool.words.get(part).unwrap_or_default());
            let parts = match (from < words, to <= words) {
                (true, true) => [of(from..to), (0, &[][..])],
                (true, false) => [of(from..words), of(0..to - words)],
                _ => [of(from - words..to - words), (0, &[][..])],
            };
            for level in ones(levels) {
                for (from, part) in parts {
                    for (nth, word) in part.iter().enumerate() {
                        let Some(shelf) = index.get(word.at as usize) else { continue };
                        let mut free = shelf.row(level % LEVELS) & word.members;
                        if free == 0 {
                            continue;
                        }
                        if let Some((avoided, knows)) = but {
                            for at in avoided.iter().chain(&knows).filter(|at| **at / 64 == word.at as usize)
                            {
                                free &= !(1 << (at % 64));
                            }
                        }
                        seen.put_down(free, word.first(from + nth), asked.turn);
                        if seen.len >= SHORTLIST {
                            if sift {
                                self.sift(asked, seen);
                            }
                            if seen.len >= SHORTLIST {
                                return;
                            }
                        }
                    }
                }
            }
            if sift {
                self.sift(asked, seen);
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
        let avoided = wishes.avoided.iter().filter(|(_, until)| now < *until);
        let avoided: Vec<usize> = avoided.filter_map(|(id, _)| seat(id)).collect();
        let asked = Asked {
            least: roster.policy.ageing.points_after(*weight, waited),
            knows: wishes.affinity.as_ref().and_then(seat),
            turn: of.key as u32,
        };
        let only =
            wishes.only.as_ref().and_then(seat).filter(|_| waited < u64::from(offers.direct_s) * 1_000);
        let waited_for = asked.knows.filter(|at| {
            waited < u64::from(offers.affinity_s) * 1_000
                // Whoever is not to be asked is not waited for.
                && !avoided.contains(at)
                && self.seats.get(*at).is_some_and(|seat| seat.word().present())
        });
        let Some(at) = only.or(waited_for) else {
            return self.gather(pool, &asked, &avoided, list);
        };
        let theirs = !avoided.contains(&at) && self.has_room(at, asked.least);
        list.len = 0;
        if let (true, Some(seat), Some(member)) = (theirs, self.seats.get(at), roster.member(at)) {
            let merit = Search::of_line(&roster.policy, &of.line.key, 0).merit(&member.advisor);
            (list.len, list.seats[0]) = (1, at as u32);
            list.lanes.set_merit(0, &merit);
            list.lanes.set_points(0, seat.word().all_points());
            list.lanes.set_past(0, &seat.past());
            list.lanes.set_knows(0, asked.knows == Some(at));
        }
    }
}
