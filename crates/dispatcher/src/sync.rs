//! The one door to atomics: the standard ones, or loom's, which try every interleaving.
//!
//! Everything shared is behind these words or behind an immutable snapshot (`arc_swap`). There is no lock: the
//! only `std::sync` type besides is [`OnceLock`], which allocates a part of a table the first time that it is
//! needed, when a request comes in or an advisor is put, never while a decision is taken.

#[cfg(loom)]
pub(crate) use loom::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};
pub(crate) use std::sync::OnceLock;
#[cfg(not(loom))]
pub(crate) use std::sync::atomic::{AtomicU32, AtomicU64, Ordering, fence};

/// Between 'I have published mine' and 'I look for yours'. With one on each side, at least one of two sees the
/// other (store buffering, Dekker): this is what excludes the lost wake-up.
pub(crate) fn publish_then_look() {
    fence(Ordering::SeqCst);
}

/// Alone in its cache lines (two: processors fetch them in pairs), so that who writes it does not slow down those
/// who read its neighbours.
#[derive(Debug, Default)]
#[repr(align(128))]
pub(crate) struct Apart<T>(pub T);

impl<T> std::ops::Deref for Apart<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.0
    }
}

/// Makes it `value` where it is more. Not written where it is not: a fence stands before each of these, so that
/// whoever resets it afterwards and looks, having passed a fence too, sees what was published before.
pub(crate) fn lower(of: &AtomicU64, value: u64) {
    if of.load(Ordering::Acquire) > value {
        of.fetch_min(value, Ordering::SeqCst);
    }
}

/// Stripes into which what every thread writes is divided.
pub(crate) const STRIPES: usize = if cfg!(loom) { 1 } else { 16 };

/// The stripe of this thread: threads that are no more than there are stripes have one each. What it decides is where
/// something is written, never what.
#[cfg(not(loom))]
pub(crate) fn stripe() -> usize {
    static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
    thread_local! {
        static OWN: usize = NEXT.fetch_add(1, Ordering::Relaxed) % STRIPES;
    }
    OWN.with(|own| *own)
}

/// One for all: loom's threads share what is the thread's.
#[cfg(loom)]
pub(crate) fn stripe() -> usize {
    0
}

/// Bits of one word that are set, the lowest first.
pub(crate) fn ones(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        (word != 0).then(|| {
            let bit = word.trailing_zeros() as usize;
            word &= word - 1;
            bit
        })
    })
}

/// A fixed set of small numbers.
#[derive(Debug)]
pub(crate) struct Bits {
    words: Box<[AtomicU64]>,
}

impl Bits {
    pub fn new(bits: usize) -> Bits {
        Bits { words: (0..bits.div_ceil(64)).map(|_| AtomicU64::new(0)).collect() }
    }

    pub fn words(&self) -> usize {
        self.words.len()
    }

    pub fn word(&self, at: usize) -> u64 {
        self.words[at].load(Ordering::Acquire)
    }

    pub fn has(&self, bit: usize) -> bool {
        self.word(bit / 64) & (1 << (bit % 64)) != 0
    }

    /// Sees to it that it is in the set; written only where it is not yet. A fence stands before: see [`lower`].
    pub fn mark(&self, bit: usize) {
        if !self.has(bit) {
            self.add(bit);
        }
    }

    /// Whether it was not in the set before.
    pub fn add(&self, bit: usize) -> bool {
        let mask = 1 << (bit % 64);
        self.words[bit / 64].fetch_or(mask, Ordering::SeqCst) & mask == 0
    }

    /// Whether it was in the set before.
    pub fn take(&self, bit: usize) -> bool {
        let mask = 1 << (bit % 64);
        self.words[bit / 64].fetch_and(!mask, Ordering::SeqCst) & mask != 0
    }
}

/// A table that grows by parts and never moves.
#[derive(Debug)]
pub(crate) struct Parts<T> {
    parts: Box<[OnceLock<Box<[T]>>]>,
    /// The logarithm of a part's size: a division would cost more than the rest.
    shift: u32,
}

impl<T: Default> Parts<T> {
    /// Room for `total`, `each` at a time, rounded up to a power of two.
    pub fn new(total: usize, each: usize) -> Parts<T> {
        let each = each.min(total.max(1)).next_power_of_two();
        let parts = (0..total.div_ceil(each)).map(|_| OnceLock::new()).collect();
        let parts = Parts { parts, shift: each.trailing_zeros() };
        if cfg!(loom) {
            // loom does not see that a OnceLock's content is published together with it.
            (0..total).for_each(|at| {
                parts.make(at);
            });
        }
        parts
    }

    pub fn get(&self, at: usize) -> Option<&T> {
        self.parts.get(at >> self.shift)?.get()?.get(at & ((1 << self.shift) - 1))
    }

    /// Allocates the part where it is not there yet.
    pub fn make(&self, at: usize) -> Option<&T> {
        let part = self.parts.get(at >> self.shift)?;
        let each = 1 << self.shift;
        part.get_or_init(|| (0..each).map(|_| T::default()).collect()).get(at & (each - 1))
    }
}
