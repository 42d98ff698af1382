//! What picking and reserving alone costs: structures without a line, without terms and without a trace.

use super::{CAPACITY, Chosen, House, SKILLS, kinds};
use conversation::Skill;
use dispatcher::{Advisor, Request};
use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

/// The skills that each advisor has at level 2 at least, one bit a skill, and those that each kind needs.
struct Bare {
    skills: Vec<u64>,
    needs: Vec<u64>,
}

impl Bare {
    fn new(people: &[Advisor]) -> Bare {
        let names: Vec<Skill> = (0..SKILLS).map(|n| Skill::new(&format!("skill-{n}")).unwrap()).collect();
        let bits = |skills: &[(Skill, u8)]| {
            let able = skills.iter().filter(|(_, level)| *level >= 2);
            able.map(|(skill, _)| 1 << names.iter().position(|name| name == skill).unwrap()).sum()
        };
        Bare {
            skills: people.iter().map(|advisor| bits(&advisor.skills)).collect(),
            needs: kinds().iter().map(|kind| bits(&kind.skills)).collect(),
        }
    }

    fn can(&self, seat: usize, kind: usize) -> bool {
        self.skills[seat] & self.needs[kind] == self.needs[kind]
    }
}

/// Looks through all advisors for the least loaded, under a Mutex.
pub struct Scan(Bare, Mutex<Vec<u8>>);

impl Scan {
    pub fn new(people: &[Advisor]) -> Scan {
        Scan(Bare::new(people), Mutex::new(vec![0; people.len()]))
    }
}

impl House for Scan {
    fn enqueue(&self, _request: Request, _kind: usize, _now: u64) {}
    fn decide(&self, kind: usize, _now: u64) -> Option<Chosen> {
        let mut loads = self.1.lock().unwrap();
        let able = (0..loads.len()).filter(|seat| self.0.can(*seat, kind) && loads[*seat] < CAPACITY);
        let seat = able.min_by_key(|seat| loads[*seat])?;
        loads[seat] += 1;
        Some(Chosen::Seat(seat))
    }
    fn accept(&self, _chosen: &Chosen, _now: u64) {}
    fn release(&self, chosen: &Chosen, _now: u64) {
        self.1.lock().unwrap()[chosen.seat()] -= 1;
    }
    fn has_line(&self) -> bool {
        false
    }
}

/// All advisors in the order of their load, under a Mutex: the first with the skills.
pub struct Tree {
    bare: Bare,
    /// Load and number in that order, and the load by number.
    all: Mutex<Ordered>,
}

struct Ordered {
    order: BTreeSet<(u8, u32)>,
    loads: Vec<u8>,
}

impl Tree {
    pub fn new(people: &[Advisor]) -> Tree {
        let order = (0..people.len() as u32).map(|seat| (0, seat)).collect();
        Tree { bare: Bare::new(people), all: Mutex::new(Ordered { order, loads: vec![0; people.len()] }) }
    }
}

impl House for Tree {
    fn enqueue(&self, _request: Request, _kind: usize, _now: u64) {}
    fn decide(&self, kind: usize, _now: u64) -> Option<Chosen> {
        let mut guard = self.all.lock().unwrap();
        let Ordered { loads, order } = &mut *guard;
        let (load, seat) =
            *order.range(..(CAPACITY, 0)).find(|(_, seat)| self.bare.can(*seat as usize, kind))?;
        order.remove(&(load, seat));
        order.insert((load + 1, seat));
        loads[seat as usize] += 1;
        Some(Chosen::Seat(seat as usize))
    }
    fn accept(&self, _chosen: &Chosen, _now: u64) {}
    fn release(&self, chosen: &Chosen, _now: u64) {
        let mut guard = self.all.lock().unwrap();
        let Ordered { loads, order } = &mut *guard;
        let (load, seat) = (loads[chosen.seat()], chosen.seat() as u32);
        order.remove(&(load, seat));
        order.insert((load - 1, seat));
        loads[chosen.seat()] -= 1;
    }
    fn has_line(&self) -> bool {
        false
    }
}

/// A bitset for each skill and one for each load; a seat is taken by compare-and-set.
pub struct Sets {
    able: Vec<Vec<u64>>,
    loads: Vec<AtomicU64>,
    at: Vec<Vec<AtomicU64>>,
    needs: Vec<u64>,
}

impl Sets {
    pub fn new(people: &[Advisor]) -> Sets {
        let bare = Bare::new(people);
        let words = people.len().div_ceil(64);
        let mut able = vec![vec![0; words]; SKILLS as usize];
        for (seat, skills) in bare.skills.iter().enumerate() {
            (0..SKILLS as usize)
                .filter(|skill| skills >> skill & 1 == 1)
                .for_each(|skill| able[skill][seat / 64] |= 1 << (seat % 64));
        }
        let row = || (0..words).map(|_| AtomicU64::new(0)).collect::<Vec<_>>();
        let at: Vec<Vec<AtomicU64>> = (0..=CAPACITY).map(|_| row()).collect();
        for seat in 0..people.len() {
            at[0][seat / 64].fetch_or(1 << (seat % 64), Ordering::Relaxed);
        }
        Sets { able, loads: people.iter().map(|_| AtomicU64::new(0)).collect(), at, needs: bare.needs }
    }

    /// From one load to the next: the word first, then the sets, which are hints that the word corrects.
    fn pass(&self, seat: usize, from: u64, to: u64) -> bool {
        let swap = self.loads[seat].compare_exchange(from, to, Ordering::AcqRel, Ordering::Relaxed);
        if swap.is_ok() {
            self.at[from as usize][seat / 64].fetch_and(!(1 << (seat % 64)), Ordering::AcqRel);
            self.at[to as usize][seat / 64].fetch_or(1 << (seat % 64), Ordering::AcqRel);
        }
        swap.is_ok()
    }
}

impl House for Sets {
    fn enqueue(&self, _request: Request, _kind: usize, _now: u64) {}
    fn decide(&self, kind: usize, _now: u64) -> Option<Chosen> {
        let needs = self.needs[kind];
        let (first, second) = (needs.trailing_zeros() as usize, 63 - needs.leading_zeros() as usize);
        let (first, second) = (&self.able[first], &self.able[second]);
        for load in 0..u64::from(CAPACITY) {
            for (word, there) in self.at[load as usize].iter().enumerate() {
                let mut free = there.load(Ordering::Acquire) & first[word] & second[word];
                while free != 0 {
                    let seat = word * 64 + free.trailing_zeros() as usize;
                    if self.pass(seat, load, load + 1) {
                        return Some(Chosen::Seat(seat));
                    }
                    free &= free - 1;
                }
            }
        }
        None
    }
    fn accept(&self, _chosen: &Chosen, _now: u64) {}
    fn release(&self, chosen: &Chosen, _now: u64) {
        loop {
            let load = self.loads[chosen.seat()].load(Ordering::Acquire);
            if self.pass(chosen.seat(), load, load - 1) {
                return;
            }
        }
    }
    fn has_line(&self) -> bool {
        false
    }
}
