//! Many patterns at once: which of them may begin at a word, and which stand there.

use crate::pattern::{Element, Item, Loose, Pattern, Table};
use crate::text::TokenKind;
use crate::words::{Words, bit};
use std::collections::HashSet;

/// Many patterns, indexed by how they begin.
#[derive(Clone, Debug, Default)]
pub struct PatternSet {
    patterns: Vec<(Pattern, u32)>,
    exact: Table<Vec<Candidate>>,
    stems: Table<Vec<Candidate>>,
    heads: Table<Vec<Candidate>>,
    numbers: Vec<Candidate>,
    /// The patterns' words: what many of them name is kept once, so that it is found near.
    words: HashSet<Words>,
}

/// A pattern that may begin at a word, with bits of what must follow at once and of what must follow somewhere, all
/// ones where anything may: a look at these two spares most walks.
#[derive(Clone, Copy, Debug)]
pub struct Candidate {
    next: u64,
    later: u64,
    /// Its place among the patterns.
    pub(crate) pattern: u32,
}

impl Candidate {
    fn of(pattern: &Pattern, index: u32) -> Candidate {
        let rest = pattern.elements.get(1..).unwrap_or_default();
        // The first that must be there, and all before it, may come next.
        let near = rest.iter().position(|element| !element.may_miss()).map(|must| &rest[..=must]);
        let next = near.and_then(|near| {
            near.iter().try_fold(0, |bits, element| {
                let bounded = !element.gap && !element.end;
                bounded.then(|| element.all_bits()).flatten().map(|more| bits | more)
            })
        });
        let exact = |element: &&Element| !element.may_miss() && element.other.is_empty();
        let later = rest.iter().filter(exact).filter_map(Element::all_bits);
        Candidate {
            next: next.unwrap_or(u64::MAX),
            later: later.min_by_key(|bits| bits.count_ones()).unwrap_or(u64::MAX),
            pattern: index,
        }
    }
}

/// A pattern found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Match {
    /// The number that was given with the pattern.
    pub id: u32,
    /// First item.
    pub from: u32,
    /// One past the last item.
    pub to: u32,
}

impl PatternSet {
    /// Adds a pattern that reports `id`.
    pub fn add(&mut self, mut pattern: Pattern, id: u32) {
        for element in &mut pattern.elements {
            match self.words.get(&element.exact) {
                Some(same) => element.exact = same.clone(),
                None => drop(self.words.insert(element.exact.clone())),
            }
        }
        let candidate = Candidate::of(&pattern, self.patterns.len() as u32);
        for key in pattern.elements[0].exact.iter() {
            self.exact.entry(*key).or_default().push(candidate);
        }
        for loose in &pattern.elements[0].other {
            let list = match loose {
                Loose::Stem(stem) => self.stems.entry(*stem).or_default(),
                Loose::Prefix(head, _) => self.heads.entry(*head).or_default(),
                Loose::Number => &mut self.numbers,
                Loose::Any => unreachable!("parse refuses a pattern that begins with any word"),
            };
            list.push(candidate);
        }
        self.patterns.push((pattern, id));
    }

    /// The patterns that may begin at a word, `numbers` aside.
    pub(crate) fn candidates(&self, form: &str, hash: u64, stem: u64, head: u64) -> Vec<Candidate> {
        let begins = |candidate: &&Candidate| {
            let takes = |loose: &Loose| matches!(loose, Loose::Prefix(_, prefix) if form.starts_with(prefix.as_str()));
            self.patterns[candidate.pattern as usize].0.elements[0].other.iter().any(takes)
        };
        let [exact, stems, heads] = [(&self.exact, hash), (&self.stems, stem), (&self.heads, head)]
            .map(|(table, key)| table.get(&key).into_iter().flatten());
        exact.chain(stems).chain(heads.filter(begins)).copied().collect()
    }

    /// How many patterns it holds.
    pub fn len(&self) -> usize {
        self.patterns.len()
    }

    /// Whether it holds nothing.
    pub fn is_empty(&self) -> bool {
        self.patterns.is_empty()
    }

    /// Appends every match to `found`, in the order of the message. `known` says which patterns a word may begin, where
    /// that is known before.
    pub fn find_all<'k>(
        &self,
        items: &[Item<'_>],
        known: impl Fn(&Item<'_>) -> Option<&'k [Candidate]>,
        found: &mut Vec<Match>,
    ) {
        let all = items.iter().fold(0, |bits, item| bits | bit(item.hash));
        for (at, item) in items.iter().enumerate() {
            let next = match items.get(at + 1) {
                Some(next) if next.comma => u64::MAX,
                Some(next) => bit(next.hash) | bit(next.stem) | bit(next.head),
                None => 0,
            };
            let mut consider = |list: &[Candidate], sure: bool| {
                for candidate in list {
                    // One question, not three: which of them says no is guessed wrong too often.
                    let may_follow = (candidate.next == u64::MAX) | (candidate.next & next != 0);
                    if !(may_follow & (candidate.later & all != 0)) {
                        continue;
                    }
                    let (pattern, id) = &self.patterns[candidate.pattern as usize];
                    if (sure || pattern.elements[0].takes(item))
                        && let Some(to) = pattern.find(items, at)
                    {
                        found.push(Match { id: *id, from: at as u32, to: to as u32 });
                    }
                }
            };
            if let Some(list) = known(item) {
                consider(list, true);
            } else {
                if let Some(list) = self.exact.get(&item.hash) {
                    consider(list, true);
                }
                if item.kind == TokenKind::Word {
                    for (table, key, sure) in
                        [(&self.stems, item.stem, true), (&self.heads, item.head, false)]
                    {
                        if let Some(list) = table.get(&key) {
                            consider(list, sure);
                        }
                    }
                }
            }
            if item.number {
                consider(&self.numbers, true);
            }
        }
    }
}
