//! Who is needed elsewhere: looked at a few times a second by whoever decides next, so that the versatile are kept
//! for what only they can do while it is scarce, and used like anybody else while it is not.

use super::Dispatcher;
use super::line::Book;
use super::roster::Roster;
use super::seat::LEVELS;
use crate::score::{KINDS, SCARCITY_MS, fade, needed, scarcity};
use crate::search::Search;
use crate::sync::{Apart, AtomicU32, AtomicU64, Ordering};
use arc_swap::ArcSwapOption;
use conversation::Millis;
use std::sync::Arc;

/// Which kinds each advisor can take: computed anew when the roster or the kinds have changed.
#[derive(Debug)]
struct Abilities {
    version: u64,
    kinds: usize,
    /// By seat, a bit for each kind.
    of: Vec<u64>,
    /// Members of each kind, by word of the seats' index.
    members: Vec<Vec<u64>>,
}

/// The state of the watch.
#[derive(Debug)]
pub(super) struct Scarcity {
    /// When it is next to be looked at: whoever moves it on looks; read by every decision.
    next: Apart<AtomicU64>,
    /// Those of each kind who came of late, as `f32`: written and read by whoever looks.
    came: Box<[AtomicU32]>,
    /// Computed anew, and read, by whoever looks.
    abilities: ArcSwapOption<Abilities>,
}

impl Default for Scarcity {
    fn default() -> Self {
        let kinds = if cfg!(loom) { 1 } else { KINDS };
        Scarcity {
            next: Apart(AtomicU64::new(0)),
            came: (0..kinds).map(|_| AtomicU32::new(0)).collect(),
            abilities: ArcSwapOption::empty(),
        }
    }
}

impl Abilities {
    fn new(roster: &Roster, book: &Book) -> Abilities {
        let kinds = book.kinds.iter().filter_map(|at| book.lines.get(*at));
        let mut of = vec![0; roster.members.len()];
        let mut members = Vec::new();
        for (k, line) in kinds.enumerate() {
            let search = Search::of_line(&roster.policy, &line.key, 0);
            let mut masks = vec![0u64; roster.members.len().div_ceil(64)];
            for (at, member) in roster.members.iter().enumerate() {
                if member.as_ref().is_some_and(|member| search.admits(&member.advisor)) {
                    masks[at / 64] |= 1 << (at % 64);
                    of[at] |= 1 << k;
                }
            }
            members.push(masks);
        }
        Abilities { version: roster.version, kinds: book.kinds.len(), of, members }
    }
}

impl Dispatcher {
    pub(super) fn watch_scarcity(&self, now: Millis) {
        let next = self.scarcity.next.load(Ordering::Relaxed);
        if now < next {
            return;
        }
        let again = now + SCARCITY_MS;
        let mine =
            self.scarcity.next.compare_exchange(next, again, Ordering::AcqRel, Ordering::Relaxed).is_ok();
        let roster = self.roster.load();
        if !mine || roster.weights[SPARE] == 0.0 {
            return;
        }
        let book = self.book.load();
        let known = self.scarcity.abilities.load();
        let abilities = match known.as_ref() {
            Some(known) if known.version == roster.version && known.kinds == book.kinds.len() => {
                known.clone()
            }
            _ => {
                let fresh = Arc::new(Abilities::new(&roster, &book));
                self.scarcity.abilities.store(Some(fresh.clone()));
                fresh
            }
        };
        let mut came = Vec::with_capacity(abilities.kinds);
        for (line, faded) in book.kinds.iter().filter_map(|at| book.lines.get(*at)).zip(&self.scarcity.came) {
            let new = line.came.swap(0, Ordering::Relaxed);
            let all = fade(f32::from_bits(faded.load(Ordering::Relaxed)), new);
            faded.store(all.to_bits(), Ordering::Relaxed);
            came.push(all);
        }
        let came_all: f32 = came.iter().sum();
        let scarcities: Vec<f32> = came
            .iter()
            .zip(&abilities.members)
            .map(|(came, members)| scarcity(*came, came_all, self.free_eighths(members)))
            .collect();
        for (at, kinds) in abilities.of.iter().enumerate() {
            if let Some(seat) = self.seats.get(at) {
                seat.set_needed(needed(*kinds, &scarcities));
            }
        }
    }

    /// Free advisors among the members, in eighths.
    fn free_eighths(&self, members: &[u64]) -> u32 {
        let free = |word: usize, mask: u64| -> u32 {
            let at = |level| (self.seats.row(level, word) & mask).count_ones() * (LEVELS - level) as u32;
            (0..LEVELS).map(at).sum()
        };
        members.iter().enumerate().filter(|(_, mask)| **mask != 0).map(|(word, mask)| free(word, *mask)).sum()
    }
}

/// The term that it is for.
const SPARE: usize = 7;
const _: () = assert!(matches!(crate::policy::TERM_NAMES[SPARE].as_bytes(), b"spare"));
