//! Figures of a ranking with labels: AUC, recall and precision at a point, calibration, bootstrap intervals.

use serde::Serialize;

/// A score with its label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scored {
    /// 0–1.
    pub score: f32,
    /// The label.
    pub positive: bool,
    /// The conversation it belongs to: intervals resample conversations, since turns of one are alike.
    pub group: u32,
}

/// A figure with the interval that holds it in 95 of 100 resamples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Interval {
    /// The figure.
    pub value: f64,
    /// Its 2.5th percentile.
    pub low: f64,
    /// Its 97.5th percentile.
    pub high: f64,
}

impl std::fmt::Display for Interval {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:.3} [{:.3}–{:.3}]", self.value, self.low, self.high)
    }
}

fn descending(rows: &[Scored]) -> Vec<Scored> {
    let mut sorted = rows.to_vec();
    sorted.sort_by(|a, b| b.score.total_cmp(&a.score));
    sorted
}

/// Area under the ROC curve: the chance that a positive ranks above a negative, ties counting half (Mann and
/// Whitney 1947). NaN where one of the two is missing.
pub fn auc(rows: &[Scored]) -> f64 {
    let sorted = descending(rows);
    let (mut above, mut area) = (0.0, 0.0);
    let mut at = 0;
    while at < sorted.len() {
        let end = at + sorted[at..].iter().take_while(|row| row.score == sorted[at].score).count();
        let positives = sorted[at..end].iter().filter(|row| row.positive).count() as f64;
        let negatives = (end - at) as f64 - positives;
        area += negatives * (above + positives / 2.0);
        above += positives;
        at = end;
    }
    area / (above * (rows.len() as f64 - above))
}

/// The highest recall with at most this share of false positives.
pub fn recall_at(rows: &[Scored], false_positives: f64) -> f64 {
    let sorted = descending(rows);
    let positives = rows.iter().filter(|row| row.positive).count() as f64;
    let allowed = false_positives * (rows.len() as f64 - positives);
    let (mut hit, mut wrong, mut best) = (0.0, 0.0, 0.0);
    for (index, row) in sorted.iter().enumerate() {
        if row.positive {
            hit += 1.0
        } else {
            wrong += 1.0
        }
        // Rows of one score stand or fall together.
        if sorted.get(index + 1).is_none_or(|next| next.score != row.score) && wrong <= allowed {
            best = hit;
        }
    }
    best / positives
}

/// The precision at the first point that reaches this recall.
pub fn precision_at(rows: &[Scored], recall: f64) -> f64 {
    let sorted = descending(rows);
    let positives = rows.iter().filter(|row| row.positive).count() as f64;
    let mut hit = 0.0;
    for (index, row) in sorted.iter().enumerate() {
        hit += f64::from(u8::from(row.positive));
        if sorted.get(index + 1).is_none_or(|next| next.score != row.score) && hit >= recall * positives {
            return hit / (index + 1) as f64;
        }
    }
    f64::NAN
}

/// Precision, recall, F1 of the positives and the mean F1 of both, at a threshold.
pub fn at_threshold(rows: &[Scored], threshold: f32) -> (f64, f64, f64, f64) {
    let count = |said: bool, is: bool| {
        rows.iter().filter(|row| (row.score >= threshold) == said && row.positive == is).count() as f64
    };
    let (hit, wrong, missed, rest) =
        (count(true, true), count(true, false), count(false, true), count(false, false));
    let ratio = |a: f64, b: f64| if b > 0.0 { a / b } else { 0.0 };
    let f1 = |hit: f64, wrong: f64, missed: f64| ratio(2.0 * hit, 2.0 * hit + wrong + missed);
    let positive = f1(hit, wrong, missed);
    (ratio(hit, hit + wrong), ratio(hit, hit + missed), positive, (positive + f1(rest, missed, wrong)) / 2.0)
}

/// One bin of a calibration table.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Bin {
    /// Scores from here.
    pub from: f64,
    /// Turns in it.
    pub turns: usize,
    /// Their mean score.
    pub said: f64,
    /// The share that is positive.
    pub is: f64,
}

/// Ten bins of equal width, and the expected calibration error (Naeini et al. 2015).
pub fn calibration(rows: &[Scored]) -> (Vec<Bin>, f64) {
    let mut bins = Vec::new();
    let mut error = 0.0;
    for tenth in 0..10 {
        let inside: Vec<&Scored> =
            rows.iter().filter(|row| ((row.score * 10.0) as usize).min(9) == tenth).collect();
        if inside.is_empty() {
            continue;
        }
        let turns = inside.len();
        let said = inside.iter().map(|row| f64::from(row.score)).sum::<f64>() / turns as f64;
        let is = inside.iter().filter(|row| row.positive).count() as f64 / turns as f64;
        error += (said - is).abs() * turns as f64 / rows.len() as f64;
        bins.push(Bin { from: tenth as f64 / 10.0, turns, said, is });
    }
    (bins, error)
}

/// SplitMix64 (Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((u128::from(z ^ (z >> 31)) * n as u128) >> 64) as usize
    }
}

/// A figure with its bootstrap interval (Efron 1979), resampling whole conversations.
pub fn interval(rows: &[Scored], resamples: usize, figure: impl Fn(&[Scored]) -> f64) -> Interval {
    let groups = rows.iter().map(|row| row.group).max().map_or(0, |most| most as usize + 1);
    let mut by_group = vec![Vec::new(); groups];
    for row in rows {
        by_group[row.group as usize].push(*row);
    }
    by_group.retain(|rows| !rows.is_empty());
    let mut random = Random(7);
    let mut values = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let mut sample = Vec::with_capacity(rows.len());
        for _ in 0..by_group.len() {
            sample.extend_from_slice(&by_group[random.below(by_group.len())]);
        }
        let value = figure(&sample);
        if value.is_finite() {
            values.push(value);
        }
    }
    values.sort_by(f64::total_cmp);
    let percentile = |share: f64| -> f64 {
        values.get(((values.len() as f64 - 1.0) * share).round() as usize).copied().unwrap_or(f64::NAN)
    };
    Interval { value: figure(rows), low: percentile(0.025), high: percentile(0.975) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(list: &[(f32, bool)]) -> Vec<Scored> {
        list.iter()
            .enumerate()
            .map(|(i, (score, positive))| Scored { score: *score, positive: *positive, group: i as u32 })
            .collect()
    }

    #[test]
    fn a_small_ranking_by_hand() {
        let r = rows(&[(0.9, true), (0.8, false), (0.7, true), (0.7, false), (0.1, false)]);
        // Pairs: 0.9 beats three; 0.7 loses to 0.8, ties with 0.7, beats 0.1: 4.5 of 6.
        assert!((auc(&r) - 0.75).abs() < 1e-12);
        assert!((recall_at(&r, 0.05) - 0.5).abs() < 1e-12);
        assert!((precision_at(&r, 0.9) - 0.5).abs() < 1e-12);
        let (precision, recall, f1, _) = at_threshold(&r, 0.75);
        assert_eq!((precision, recall, f1), (0.5, 0.5, 0.5));
        assert!(auc(&rows(&[(0.5, true)])).is_nan());
    }

    #[test]
    fn calibration_of_a_perfect_and_of_a_wrong_score() {
        let (_, error) = calibration(&rows(&[(1.0, true), (0.0, false)]));
        assert_eq!(error, 0.0);
        let (bins, error) = calibration(&rows(&[(0.95, false), (0.95, false)]));
        assert_eq!(bins[0].turns, 2);
        assert!((error - 0.95).abs() < 1e-6);
    }

    #[test]
    fn an_interval_holds_its_figure() {
        let r = rows(&[(0.9, true), (0.8, false), (0.7, true), (0.3, false), (0.1, false), (0.6, true)]);
        let found = interval(&r, 200, auc);
        assert!(found.low <= found.value && found.value <= found.high, "{found:?}");
    }
}
