//! A tiny sentence encoder: word vectors, one layer that sees each word with its two neighbours, and a sum. It
//! was distilled from a large one (`data/SOURCES.md`), so that words that mean alike weigh alike even where our
//! own data holds only one of them, in either language.
//!
//! What it says of a message is a sum over its words, so that each word's part in a score is exact. Vectors and
//! weights are small integers, their products and sums are below 2^24, and so every machine gets the same bits.

use crate::hash;
use crate::pattern::{Item, Table};
use crate::vocabulary::Vocabulary;
use wide::{f32x4, i16x8, i32x4};

/// Numbers that stand for a word.
pub const VECTOR: usize = 16;
/// Numbers that stand for a word among its neighbours, and their sum for a message.
pub const HIDDEN: usize = 32;
/// What an encoder's file begins with.
const MAGIC: &[u8; 8] = b"RELAISE1";
/// Words before, the word itself, words after.
const WINDOW: usize = 3;

/// A word's numbers two by two, and the sums four by four: how a machine multiplies integers fastest.
const PAIRS: usize = VECTOR / 2;
const FOURS: usize = HIDDEN / 4;
type Sums = [i32x4; FOURS];
/// What a word adds before, at and after its place; the word before it is the first.
pub type Products = [Sums; WINDOW];

/// The encoder.
#[derive(Clone, Debug)]
pub struct Encoder {
    rows: Table<u32>,
    vectors: Vec<[i8; VECTOR]>,
    /// For each place of the window and each pair of a word's numbers, the pair's weights for four sums at once.
    weights: [[[i16x8; FOURS]; PAIRS]; WINDOW],
    bias: Sums,
    unit: f32,
    /// The weights of its teacher's own notion of annoyance: where learning begins.
    pub(crate) prior: [f32; HIDDEN],
    /// Checksum of its file: a model goes with one encoder.
    pub(crate) sum: u64,
}

impl Encoder {
    /// Reads the file: magic, number of words, unit, prior, bias, weights, then the words' hashes and vectors.
    pub fn read(bytes: &[u8]) -> Option<Encoder> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let mut at = 0usize;
        let mut four = || -> Option<[u8; 4]> {
            let four = rest.get(at..at + 4)?.try_into().ok()?;
            at += 4;
            Some(four)
        };
        let count = u32::from_le_bytes(four()?) as usize;
        let unit = f32::from_le_bytes(four()?);
        let mut list = || -> Option<[f32; HIDDEN]> {
            let mut list = [0.0; HIDDEN];
            for slot in &mut list {
                *slot = f32::from_le_bytes(four()?);
            }
            Some(list)
        };
        let prior = list()?;
        let bias = list()?;
        let bias =
            std::array::from_fn(|four| i32x4::from(std::array::from_fn(|sum| bias[4 * four + sum] as i32)));
        let rows = rest.get(at..at + WINDOW * VECTOR * HIDDEN)?.as_chunks::<HIDDEN>().0;
        let weight =
            |place: usize, number: usize, sum: usize| i16::from(rows[place * VECTOR + number][sum] as i8);
        let weights = std::array::from_fn(|place| {
            std::array::from_fn(|pair| {
                std::array::from_fn(|four| {
                    let lane = |lane: usize| weight(place, 2 * pair + lane % 2, 4 * four + lane / 2);
                    i16x8::from(std::array::from_fn(lane))
                })
            })
        });
        at += WINDOW * VECTOR * HIDDEN;
        let hashes = rest.get(at..at + 4 * count)?;
        let vectors = rest.get(at + 4 * count..)?;
        if vectors.len() != VECTOR * count {
            return None;
        }
        let hashes = hashes.as_chunks::<4>().0.iter();
        let rows =
            hashes.enumerate().map(|(row, four)| (key(u32::from_le_bytes(*four)), row as u32)).collect();
        let vectors = vectors.as_chunks::<VECTOR>().0.iter().map(|row| row.map(|byte| byte as i8)).collect();
        Some(Encoder { rows, vectors, weights, bias, unit, prior, sum: hash::bytes(bytes) })
    }

    /// What stands for a word, by its hash.
    pub(crate) fn vector(&self, hash: u64) -> Option<&[i8; VECTOR]> {
        let row = self.rows.get(&key(hash as u32))?;
        self.vectors.get(*row as usize)
    }

    /// What a word adds to the sums of the words around it.
    pub(crate) fn products(&self, vector: &[i8; VECTOR]) -> Products {
        let pairs = pairs(vector);
        std::array::from_fn(|place| {
            let mut sums = [i32x4::ZERO; FOURS];
            multiply(&self.weights[place], &pairs, &mut sums);
            sums
        })
    }

    /// Tells of each item, in order, what it adds to the message's numbers.
    pub(crate) fn walk(
        &self,
        items: &[Item<'_>],
        vocabulary: &Vocabulary,
        mut tell: impl FnMut(&Item<'_>, &[f32; HIDDEN]),
    ) {
        let scale = self.unit / (items.len() as f32 + 2.0).sqrt();
        // The sums of an item and of those around it, kept while the window moves: each word is multiplied once
        // with each of the three places it can have.
        let mut sums = [self.bias; 2];
        for (index, item) in items.iter().enumerate() {
            let [mut this, mut next] = [sums[1], self.bias];
            let mut before = sums[0];
            if let Some(products) = item.known.and_then(|known| vocabulary.products(known)) {
                add(&products[2], &mut before);
                add(&products[1], &mut this);
                add(&products[0], &mut next);
            } else if let Some(vector) =
                item.known.map_or_else(|| self.vector(item.hash), |known| Some(&known.vector))
            {
                let pairs = pairs(vector);
                multiply(&self.weights[2], &pairs, &mut before);
                multiply(&self.weights[1], &pairs, &mut this);
                multiply(&self.weights[0], &pairs, &mut next);
            }
            if index > 0 {
                tell(&items[index - 1], &numbers(&before, scale));
            }
            sums = [this, next];
        }
        if let Some(item) = items.last() {
            tell(item, &numbers(&sums[0], scale));
        }
    }
}

/// A word's numbers, each pair four times over.
fn pairs(vector: &[i8; VECTOR]) -> [i16x8; PAIRS] {
    let number = |at: usize| i16::from(vector[at]);
    std::array::from_fn(|pair| {
        let (a, b) = (number(2 * pair), number(2 * pair + 1));
        i16x8::from([a, b, a, b, a, b, a, b])
    })
}

/// Adds a word at a place of the window: 0 before, 1 the word itself, 2 after.
#[inline]
fn multiply(weights: &[[i16x8; FOURS]; PAIRS], pairs: &[i16x8; PAIRS], sums: &mut Sums) {
    for (pair, weights) in pairs.iter().zip(weights) {
        for (sum, weights) in sums.iter_mut().zip(weights) {
            *sum += pair.dot(*weights);
        }
    }
}

#[inline]
fn add(products: &Sums, sums: &mut Sums) {
    for (sum, product) in sums.iter_mut().zip(products) {
        *sum += *product;
    }
}

/// What the sums of a word say: nothing below zero, in the message's scale.
#[inline]
fn numbers(sums: &Sums, scale: f32) -> [f32; HIDDEN] {
    let mut numbers = [0.0; HIDDEN];
    for (slots, sum) in numbers.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
        *slots = (f32x4::from_i32x4(*sum).fast_max(f32x4::ZERO) * f32x4::splat(scale)).to_array();
    }
    numbers
}

/// A table's key of 32 bits of a hash, spread over all 64.
fn key(low: u32) -> u64 {
    u64::from(low).wrapping_mul(0x9E37_79B9_7F4A_7C15)
}
