//! A seat's word: what an advisor holds, in 64 bits, so that law 2 is one comparison of one exchange.

use crate::advisor::Presence;
use crate::score::Points;

/// Everything that decides whether a seat may be taken, in 64 bits: points held (16), reserved (16), capacity
/// (16), the advisor's generation (12), status (2), connected (1), live (1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word(pub u64);

pub(super) const LIVE: u64 = 1 << 63;
const CONNECTED: u64 = 1 << 62;
const STATUS: u32 = 60;
const AVAILABLE: u64 = 2;
pub(super) const GENERATION: u32 = 48;
pub(crate) const GENERATIONS: u16 = 1 << 12;

impl Word {
    pub fn held(self) -> u16 {
        self.0 as u16
    }
    pub fn reserved(self) -> u16 {
        (self.0 >> 16) as u16
    }
    pub fn capacity(self) -> u16 {
        (self.0 >> 32) as u16
    }
    pub fn generation(self) -> u16 {
        (self.0 >> GENERATION) as u16 & (GENERATIONS - 1)
    }
    pub fn live(self) -> bool {
        self.0 & LIVE != 0
    }
    pub fn connected(self) -> bool {
        self.0 & CONNECTED != 0
    }
    pub fn status(self) -> Presence {
        match self.0 >> STATUS & 3 {
            0 => Presence::Offline,
            1 => Presence::Away,
            _ => Presence::Available,
        }
    }
    pub fn used(self) -> u32 {
        u32::from(self.held()) + u32::from(self.reserved())
    }
    /// Presence is an allowlist.
    pub fn present(self) -> bool {
        self.0 >> STATUS == (LIVE | CONNECTED) >> STATUS | AVAILABLE
    }
    /// As the score reads them: the upper half is the capacity, and presence where it is looked for.
    #[inline]
    pub(super) fn all_points(self) -> Points {
        const { assert!((LIVE | CONNECTED) >> STATUS | AVAILABLE == Points::PRESENT as u64 && STATUS == 60) };
        Points { taken: self.0 as u32, capacity: (self.0 >> 32) as u32 }
    }
    /// The generation of the word that these points were read from.
    #[inline]
    pub(super) fn generation_of(points: Points) -> u16 {
        Word(u64::from(points.capacity) << 32).generation()
    }
    /// Points that a conversation of `weight` takes from this advisor.
    pub fn points(self, weight: u16) -> u16 {
        weight.max(1).min(self.capacity().max(1))
    }
    #[inline]
    pub fn fits(self, weight: u16) -> bool {
        self.used() + u32::from(self.points(weight)) <= u32::from(self.capacity())
    }
    /// Points that a conversation of `weight`, content with `least`, takes from what is free at present.
    pub(super) fn points_now(self, weight: u16, least: u16) -> u16 {
        let free = u32::from(self.capacity()).saturating_sub(self.used());
        self.points(weight).min(free as u16).max(self.points(least))
    }
    pub(super) fn with_status(self, status: Presence) -> Word {
        let bits = match status {
            Presence::Offline => 0,
            Presence::Away => 1,
            Presence::Available => AVAILABLE,
        };
        Word(self.0 & !(3 << STATUS) | bits << STATUS)
    }
    pub(super) fn with_connected(self, connected: bool) -> Word {
        Word(if connected { self.0 | CONNECTED } else { self.0 & !CONNECTED })
    }
    pub(super) fn with_capacity(self, capacity: u16) -> Word {
        Word(self.0 & !(0xffff << 32) | u64::from(capacity) << 32)
    }
    pub(super) fn with_points(self, held: u16, reserved: u16) -> Word {
        Word(self.0 & !0xffff_ffff | u64::from(reserved) << 16 | u64::from(held))
    }
}
