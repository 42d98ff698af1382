//! Annoyance in general: a head that was learned from thousands of comments on anything (`data/SOURCES.md`). What it
//! knows of a language is added, by a share, to what our own conversations teach.
//!
//! The file: `RELAISG1`, the language (2 letters), unit, the encoder's weights, and one small integer a bucket.

use crate::encoder::HIDDEN;
use crate::hash;
use crate::model::Head;
use crate::wording::BUCKETS;

/// What its file begins with.
const MAGIC: &[u8; 8] = b"RELAISG1";
/// The largest weight that is kept, in root mean squares of them all: a few rare words are cut, so that the many
/// keep their steps.
const LARGEST: f64 = 8.0;

/// The head.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct General {
    pub lang: [u8; 2],
    hidden: [f32; HIDDEN],
    unit: f32,
    table: Vec<i8>,
    /// Checksum of its file.
    pub sum: u64,
}

impl General {
    /// Its file, from a head that was learned without signals.
    pub fn write(head: &Head, lang: [u8; 2]) -> Vec<u8> {
        let used: Vec<f64> =
            head.table.iter().filter(|w| **w != 0).map(|w| f64::from(*w) * f64::from(head.unit)).collect();
        let square: f64 = used.iter().map(|w| w * w).sum();
        let unit = (LARGEST * (square / used.len().max(1) as f64).sqrt() / f64::from(i8::MAX)).max(1e-9);
        let mut bytes = MAGIC.to_vec();
        bytes.extend(lang);
        bytes.extend((unit as f32).to_le_bytes());
        bytes.extend(head.hidden.iter().flat_map(|weight| weight.to_le_bytes()));
        bytes.extend(head.table.iter().map(|weight| {
            let steps = (f64::from(*weight) * f64::from(head.unit) / unit).round();
            steps.clamp(f64::from(-i8::MAX), f64::from(i8::MAX)) as i8 as u8
        }));
        bytes
    }

    /// Reads a file.
    pub fn read(bytes: &[u8]) -> Option<General> {
        let rest = bytes.strip_prefix(MAGIC)?;
        let (lang, rest) = rest.split_first_chunk::<2>()?;
        let (unit, rest) = rest.split_first_chunk::<4>()?;
        let (weights, table) = rest.split_at_checked(4 * HIDDEN)?;
        if table.len() != BUCKETS {
            return None;
        }
        let mut hidden = [0.0; HIDDEN];
        for (slot, four) in hidden.iter_mut().zip(weights.as_chunks::<4>().0) {
            *slot = f32::from_le_bytes(*four);
        }
        Some(General {
            lang: *lang,
            hidden,
            unit: f32::from_le_bytes(*unit),
            table: table.iter().map(|byte| *byte as i8).collect(),
            sum: hash::bytes(bytes),
        })
    }

    /// What it says of a turn: buckets with values, and the encoder's numbers.
    pub fn score(&self, sparse: impl Iterator<Item = (u32, f32)>, hidden: &[f32; HIDDEN]) -> f64 {
        let words: f64 = sparse
            .filter_map(|(bucket, value)| {
                Some(f64::from(*self.table.get(bucket as usize)?) * f64::from(value))
            })
            .sum();
        let encoder: f64 = self
            .hidden
            .iter()
            .zip(hidden)
            .map(|(weight, number)| f64::from(*weight) * f64::from(*number))
            .sum();
        words * f64::from(self.unit) + encoder
    }

    /// A head with a share of this one added.
    pub fn join(&self, head: &Head, share: f64) -> Head {
        let weights: Vec<f64> = head
            .table
            .iter()
            .zip(&self.table)
            .map(|(own, general)| {
                f64::from(*own) * f64::from(head.unit) + share * f64::from(*general) * f64::from(self.unit)
            })
            .collect();
        let mut hidden = head.hidden;
        for (slot, weight) in hidden.iter_mut().zip(&self.hidden) {
            *slot = (f64::from(*slot) + share * f64::from(*weight)) as f32;
        }
        Head::rounded(head.intercept, head.kinds, hidden, &weights)
    }
}
