//! A set of words by their hashes, of which most words are told apart at one look, however many there are.

use std::sync::Arc;

/// The words. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Words {
    /// In order, each once.
    sorted: Arc<[u64]>,
    /// A bit for each, among 256, which are full where there are many words.
    few: [u64; FEW],
    /// A bit for each, among a power of two of them, at least sixteen times as many as there are words.
    many: Arc<[u64]>,
}

const FEW: usize = 4;

/// A word's bit among 64.
pub(crate) fn bit(hash: u64) -> u64 {
    1 << (hash & 63)
}

/// Which of so many times 64 bits it is in: a power of two.
fn place(hash: u64, of: usize) -> usize {
    (hash >> 6) as usize & (of - 1)
}

impl Words {
    pub fn new(mut hashes: Vec<u64>) -> Words {
        hashes.sort_unstable();
        hashes.dedup();
        let mut few = [0; FEW];
        let mut many = vec![0; (hashes.len() / 4 + 1).next_power_of_two()];
        for hash in &hashes {
            few[place(*hash, FEW)] |= bit(*hash);
            let at = place(*hash, many.len());
            many[at] |= bit(*hash);
        }
        Words { sorted: hashes.into(), few, many: many.into() }
    }

    #[inline]
    pub fn contains(&self, hash: u64) -> bool {
        self.few[place(hash, FEW)] & bit(hash) != 0
            && self.many[place(hash, self.many.len())] & bit(hash) != 0
            && self.sorted.binary_search(&hash).is_ok()
    }

    pub fn iter(&self) -> impl Iterator<Item = &u64> {
        self.sorted.iter()
    }

    /// Bits of all words.
    pub fn all_bits(&self) -> u64 {
        self.few.iter().fold(0, |all, bits| all | bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hash;

    #[test]
    fn what_was_put_in_is_found_and_nothing_else() {
        for count in [0, 1, 2, 7, 100, 1_500] {
            let hashes: Vec<u64> = (0..count).map(|n| hash::pair(n, 1)).collect();
            let words = Words::new(hashes.iter().chain(&hashes).copied().collect());
            assert!(hashes.iter().all(|hash| words.contains(*hash)), "{count}");
            assert!(!(0..5_000).any(|n| words.contains(hash::pair(n, 2))), "{count}");
            assert_eq!(words.iter().count(), hashes.len());
        }
    }
}
