//! Seats: what an advisor holds, in one atomic word, so that law 2 is one comparison of one exchange.

use super::word::{GENERATION, GENERATIONS, LIVE, Word};
use crate::advisor::{Load, Presence};
use crate::score::{HARD_LEAK_MS, LOAD_LEVELS, Leaky, Past, RECENT_LEAK_MS, Tick};
use crate::sync::{AtomicU32, AtomicU64, Ordering, publish_then_look};
use conversation::Millis;

/// One advisor's seat. The word is written by every thread, by exchange only; the rest feeds the score, where a
/// lost update between two threads would cost a shade of fairness and nothing else. Two seats fit one line of memory:
/// a decision reads many of them, and of all who are there it seldom is two neighbours that two threads write.
#[derive(Debug, Default)]
#[repr(align(32))]
pub(crate) struct Seat {
    /// Points, capacity, presence, generation ([`Word`]): read by every thread that looks for a seat.
    word: AtomicU64,
    /// When the last conversation began or ended and, in the upper half, when one was last offered ([`Tick`]): written by
    /// whoever offers, gives or ends one. Halves of one word, as the next, so that a decision reads both at once.
    moments: AtomicU64,
    /// Conversations of late and, in the upper half, hard ones ([`Leaky`]): written by whoever gives one.
    leaks: AtomicU64,
    /// Offers missed in a row: written and read by whoever answers one; set back by whoever gives one or sets the status.
    missed: AtomicU32,
    /// How much they are needed elsewhere: written by whoever looks at scarcity, read by decisions.
    needed: AtomicU32,
}

#[cfg(not(loom))]
const _: () = assert!(size_of::<Seat>() == 32);

/// Lower and upper half.
#[inline(always)]
fn halves(word: u64) -> (u32, u32) {
    (word as u32, (word >> 32) as u32)
}

#[inline(always)]
fn whole(lower: u32, upper: u32) -> u64 {
    u64::from(lower) | u64::from(upper) << 32
}

impl Seat {
    #[inline]
    pub fn word(&self) -> Word {
        Word(self.word.load(Ordering::Acquire))
    }

    #[inline]
    pub fn past(&self) -> Past {
        let (idle_since, given_at) = halves(self.moments.load(Ordering::Relaxed));
        let (recent, hard) = halves(self.leaks.load(Ordering::Relaxed));
        Past {
            idle_since: Tick(idle_since),
            given_at: Tick(given_at),
            recent: Leaky(Tick(recent)),
            hard: Leaky(Tick(hard)),
            needed: f32::from_bits(self.needed.load(Ordering::Relaxed)),
        }
    }

    pub fn begun(&self, frustration: f32, now: Millis) {
        self.ended(now);
        self.missed.store(0, Ordering::Relaxed);
        let more = |of, amount, leak_ms| Leaky(Tick(of)).plus(amount, now, leak_ms).0.0;
        let (recent, hard) = halves(self.leaks.load(Ordering::Relaxed));
        let recent = more(recent, 1.0, RECENT_LEAK_MS);
        let hard = if frustration > 0.0 { more(hard, frustration, HARD_LEAK_MS) } else { hard };
        self.leaks.store(whole(recent, hard), Ordering::Relaxed);
    }

    pub fn ended(&self, now: Millis) {
        let (_, given_at) = halves(self.moments.load(Ordering::Relaxed));
        self.moments.store(whole(Tick::at(now).0, given_at), Ordering::Relaxed);
    }

    pub fn set_needed(&self, needed: f32) {
        self.needed.store(needed.to_bits(), Ordering::Relaxed);
    }

    pub fn given(&self, now: Millis) {
        let (idle_since, _) = halves(self.moments.load(Ordering::Relaxed));
        self.moments.store(whole(idle_since, Tick::at(now).0), Ordering::Relaxed);
    }

    /// One more offer missed in a row; whether that makes `most`.
    pub fn missed(&self, most: u8) -> bool {
        let missed = self.missed.fetch_add(1, Ordering::Relaxed) + 1;
        most > 0 && missed >= u32::from(most)
    }

    pub fn attentive(&self) {
        self.missed.store(0, Ordering::Relaxed);
    }
}

/// Buckets of load in the index.
pub(crate) const LEVELS: usize = if cfg!(loom) { 2 } else { LOAD_LEVELS };

/// The index of 64 seats: who is free at which load, in one cache line; and who is present, free or not.
///
/// A function of the seats' words, written after them: whoever changes a word writes the index and then looks whether
/// the word is still the one it wrote for. So the last change is always the one that the index shows, and in between it
/// only shows a seat at a level that it had a moment ago.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Shelf {
    /// Who is free, by level: written by whoever changed a seat's word, read by decisions and figures.
    levels: [AtomicU64; LEVELS],
    /// Who is there: written likewise, read by figures and estimates.
    present: AtomicU64,
}

impl Shelf {
    /// Who is free at a level.
    #[inline]
    pub fn row(&self, level: usize) -> u64 {
        self.levels[level].load(Ordering::Acquire)
    }

    fn put(row: &AtomicU64, bit: u64, wanted: bool) {
        let there = row.load(Ordering::Acquire) & bit != 0;
        if wanted && !there {
            row.fetch_or(bit, Ordering::SeqCst);
        } else if !wanted && there {
            row.fetch_and(!bit, Ordering::SeqCst);
        }
    }
}

/// The level at which a seat is free, if it is, and whether its advisor is present.
type Rows = (Option<usize>, bool);

/// All seats, and an index of who is free at which load.
#[derive(Debug)]
pub(crate) struct Seats {
    /// All at once, close together: a decision reads many.
    seats: Box<[Seat]>,
    index: Box<[Shelf]>,
    /// Levels at which anybody was ever free: with one capacity for all there are gaps between them. Written before the
    /// index, where it is new, by whoever changed a word; read by decisions.
    levels: AtomicU64,
}

impl Seats {
    pub fn new(limit: usize) -> Seats {
        let index = (0..limit.div_ceil(64)).map(|_| Shelf::default()).collect();
        let seats = (0..limit).map(|_| Seat::default()).collect();
        Seats { seats, index, levels: AtomicU64::new(0) }
    }

    pub fn limit(&self) -> usize {
        self.seats.len()
    }

    #[inline]
    pub fn get(&self, at: usize) -> Option<&Seat> {
        self.seats.get(at)
    }

    /// Seats of 64 advisors that are free at a level.
    #[inline]
    pub fn row(&self, level: usize, word: usize) -> u64 {
        self.index.get(word).map_or(0, |shelf| shelf.row(level))
    }

    /// The index, and which of its levels there are, a bit each.
    #[inline]
    pub fn index(&self) -> (&[Shelf], u64) {
        (&self.index, self.levels.load(Ordering::Acquire))
    }

    /// Seats of 64 advisors who are present.
    pub fn present(&self, word: usize) -> u64 {
        self.index[word].present.load(Ordering::Acquire)
    }

    /// The rows of the index that a word belongs to.
    fn rows(word: Word) -> Rows {
        // 32 bits: their division is the quicker one.
        let (used, capacity) = (word.used(), u32::from(word.capacity()));
        let free = word.present() && used < capacity;
        (free.then(|| (used * LEVELS as u32 / capacity) as usize), word.present())
    }

    /// Adds the seat to the rows that its word belongs to, and takes it from those that it belonged to before.
    fn reindex(&self, at: usize, seat: &Seat, mut from: Rows, (mut after, mut to): (Word, Rows)) {
        let (shelf, bit) = (&self.index[at / 64], 1 << (at % 64));
        // Each further turn is paid for by another thread's finished change of this very seat.
        loop {
            if from.0 != to.0 {
                to.0.inspect(|level| {
                    Shelf::put(&self.levels, 1 << level, true);
                    Shelf::put(&shelf.levels[*level], bit, true);
                });
                from.0.inspect(|level| Shelf::put(&shelf.levels[*level], bit, false));
            }
            if from.1 != to.1 {
                Shelf::put(&shelf.present, bit, to.1);
            }
            publish_then_look();
            let now = seat.word();
            if now == after {
                return;
            }
            (from, after) = (to, now);
            to = Self::rows(now);
            if from == to {
                return;
            }
        }
    }

    /// The one way in which a seat changes: `change` says what it becomes, or why not.
    fn change<E>(&self, at: usize, change: impl Fn(Word) -> Result<Word, E>) -> Option<Result<Word, E>> {
        let seat = self.seats.get(at)?;
        let mut before = seat.word();
        loop {
            let after = match change(before) {
                Ok(after) => after,
                Err(why) => return Some(Err(why)),
            };
            match self.pass(at, seat, before, after) {
                Ok(()) => return Some(Ok(after)),
                Err(now) => before = now,
            }
        }
    }

    /// One exchange, and the index after it; `Err` with what another thread has made of the word.
    fn pass(&self, at: usize, seat: &Seat, before: Word, after: Word) -> Result<(), Word> {
        seat.word
            .compare_exchange_weak(before.0, after.0, Ordering::SeqCst, Ordering::Acquire)
            .map_err(Word)?;
        debug_assert!(
            after.used() <= u32::from(after.capacity()) || after.used() <= before.used(),
            "law 2: {after:?} holds more than it can"
        );
        let (from, to) = (Self::rows(before), Self::rows(after));
        if from != to {
            self.reindex(at, seat, from, (after, to));
        }
        Ok(())
    }

    /// The generation that a new advisor at this place gets.
    pub fn generation(&self, at: usize) -> u16 {
        self.seats.get(at).map_or(0, |seat| seat.word().generation())
    }

    /// A new advisor sits down, offline.
    pub fn open(&self, at: usize, capacity: u16, now: Millis) {
        let Some(seat) = self.seats.get(at) else { return };
        let tick = Tick::at(now).0;
        for moments in [&seat.moments, &seat.leaks] {
            moments.store(whole(tick, tick), Ordering::Relaxed);
        }
        seat.missed.store(0, Ordering::Relaxed);
        seat.set_needed(0.0);
        let fresh = |word: Word| {
            let kept = u64::from(word.generation()) << GENERATION;
            Ok::<_, ()>(Word(kept | LIVE).with_capacity(capacity))
        };
        self.change(at, fresh);
    }

    /// The advisor is no more; what they held counts nowhere.
    pub fn shut(&self, at: usize, generation: u16) {
        self.change(at, |word| {
            let next = u64::from((word.generation() + 1) % GENERATIONS) << GENERATION;
            if word.generation() == generation { Ok(Word(next)) } else { Err(()) }
        });
    }

    pub fn set_capacity(&self, at: usize, generation: u16, capacity: u16) {
        self.of(at, generation, |word| Ok::<_, ()>(word.with_capacity(capacity)));
    }

    pub fn set_status(&self, at: usize, generation: u16, status: Presence) {
        self.of(at, generation, |word| Ok::<_, ()>(word.with_status(status)));
    }

    pub fn set_connected(&self, at: usize, generation: u16, connected: bool) {
        self.of(at, generation, |word| Ok::<_, ()>(word.with_connected(connected)));
    }

    fn of<E>(
        &self,
        at: usize,
        generation: u16,
        change: impl Fn(Word) -> Result<Word, E>,
    ) -> Option<Result<Word, Option<E>>> {
        self.change(at, |word| {
            if word.live() && word.generation() == generation {
                change(word).map_err(Some)
            } else {
                Err(None)
            }
        })
    }

    /// Reserves points for an offer: those of its weight, or as many as are free if it is content with `least`.
    /// `None` where the seat is taken or they are not there any more.
    pub fn reserve(&self, at: usize, generation: u16, weight: u16, least: u16) -> Option<u16> {
        let seat = self.seats.get(at)?;
        let mut before = seat.word();
        // A turn is lost only to another thread's finished change of this very seat.
        loop {
            let theirs = before.live() && before.generation() == generation;
            if !theirs || !before.present() || !before.fits(least) {
                return None;
            }
            let points = before.points_now(weight, least);
            let after = before.with_points(before.held(), before.reserved() + points);
            match self.pass(at, seat, before, after) {
                Ok(()) => return Some(points),
                Err(now) => before = now,
            }
        }
    }

    /// Gives reserved points back.
    pub fn unreserve(&self, at: usize, generation: u16, points: u16) {
        self.of(at, generation, |word| {
            debug_assert!(word.reserved() >= points, "more is given back than was reserved");
            Ok::<_, ()>(word.with_points(word.held(), word.reserved().saturating_sub(points)))
        });
    }

    /// The offer was accepted: what was reserved is held. `false` where the advisor is no more.
    pub fn keep(&self, at: usize, generation: u16, points: u16) -> bool {
        let kept = self.of(at, generation, |word| {
            let reserved = word.reserved().saturating_sub(points);
            Ok::<_, ()>(word.with_points(word.held() + points, reserved))
        });
        matches!(kept, Some(Ok(_)))
    }

    /// Holds the points at once, `reserved` of them being reserved already; `Err(true)`: no seat, `Err(false)`:
    /// not there.
    pub fn hold(
        &self,
        at: usize,
        generation: u16,
        weight: u16,
        reserved: u16,
        force: bool,
    ) -> Result<u16, bool> {
        let held = self.of(at, generation, |word| {
            let points = word.points(weight);
            if !force && !word.present() {
                return Err(false);
            }
            if word.used() - u32::from(reserved) + u32::from(points) > u32::from(word.capacity()) {
                return Err(true);
            }
            Ok(word.with_points(word.held() + points, word.reserved() - reserved))
        });
        match held {
            Some(Ok(word)) => Ok(word.points(weight)),
            Some(Err(why)) => Err(why.unwrap_or(false)),
            None => Err(false),
        }
    }

    /// Gives held points back.
    pub fn release(&self, at: usize, generation: u16, points: u16) {
        self.of(at, generation, |word| {
            debug_assert!(word.held() >= points, "more is given back than was held");
            Ok::<_, ()>(word.with_points(word.held().saturating_sub(points), word.reserved()))
        });
    }

    pub fn load(&self, at: usize) -> Option<Load> {
        let word = self.seats.get(at)?.word();
        word.live().then(|| Load {
            held: word.held(),
            reserved: word.reserved(),
            capacity: word.capacity(),
            status: word.status(),
            connected: word.connected(),
        })
    }
}
