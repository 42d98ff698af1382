//! The regression behind a head: logistic, on signals, the encoder's numbers and hashed wording, with pulls towards
//! what was set by hand. Only the buckets that the data holds take part; the others stay at zero by themselves.

use crate::context::{FIRST_MESSAGE, Facts, MOOD_BEFORE, TERMS};
use crate::encoder::HIDDEN;
use crate::minimise::minimise;
use crate::model::{Head, KINDS};
use crate::wording::BUCKETS;
use crate::{math, train::Settings};

const FIRST_HIDDEN: usize = 1 + KINDS;
const FIRST_BUCKET: usize = FIRST_HIDDEN + HIDDEN;
/// Pull of the facts' weights towards zero.
const FACT_PULL: f64 = 2.0;

/// What a head sees of a turn.
pub(crate) struct Row {
    /// Buckets and values; places in the list of buckets that are in use, once [`in_use`] has been there.
    pub sparse: Vec<(u32, f32)>,
    pub hidden: [f32; HIDDEN],
    pub kinds: [f32; KINDS],
}

/// Which buckets the rows use, in order; the rows then name them by their place in that list.
pub(crate) fn in_use<'r>(rows: impl Iterator<Item = &'r mut Row>) -> Vec<u32> {
    let rows: Vec<&mut Row> = rows.collect();
    let mut place = vec![u32::MAX; BUCKETS];
    for row in &rows {
        for (bucket, _) in &row.sparse {
            place[*bucket as usize] = 0;
        }
    }
    let used: Vec<u32> = (0..BUCKETS as u32).filter(|bucket| place[*bucket as usize] == 0).collect();
    for (index, bucket) in used.iter().enumerate() {
        place[*bucket as usize] = index as u32;
    }
    for row in rows {
        for (bucket, _) in &mut row.sparse {
            *bucket = place[*bucket as usize];
        }
    }
    used
}

/// A head while it is being learned: intercept, signals, the encoder's numbers, wording.
#[derive(Clone)]
pub(crate) struct Weights(Vec<f64>);

impl Weights {
    pub(crate) fn score(&self, row: &Row) -> f64 {
        score(&self.0, row)
    }

    /// Rounded as the file keeps it; `used` says which bucket each weight of the wording belongs to.
    pub(crate) fn head(&self, used: &[u32]) -> Head {
        let wording = &self.0[FIRST_BUCKET..];
        let mut kinds = [0.0f32; KINDS];
        for (slot, weight) in kinds.iter_mut().zip(&self.0[1..FIRST_HIDDEN]) {
            *slot = *weight as f32;
        }
        let mut hidden = [0.0f32; HIDDEN];
        for (slot, weight) in hidden.iter_mut().zip(&self.0[FIRST_HIDDEN..FIRST_BUCKET]) {
            *slot = *weight as f32;
        }
        let mut table = vec![0.0; BUCKETS];
        for (bucket, weight) in used.iter().zip(wording) {
            table[*bucket as usize] = *weight;
        }
        Head::rounded(self.0[0] as f32, kinds, hidden, &table)
    }
}

fn score(x: &[f64], row: &Row) -> f64 {
    let mut sum = x[0];
    for (kind, value) in row.kinds.iter().enumerate() {
        sum += x[1 + kind] * f64::from(*value);
    }
    for (number, value) in row.hidden.iter().enumerate() {
        sum += x[FIRST_HIDDEN + number] * f64::from(*value);
    }
    for (place, value) in &row.sparse {
        sum += x[FIRST_BUCKET + *place as usize] * f64::from(*value);
    }
    sum
}

/// What it costs to have said `p` where `target` is.
pub(crate) fn surprise(p: f64, target: f64) -> f64 {
    let of = |p: f64, share: f64| if share > 0.0 { -share * math::ln(p.max(1e-12)) } else { 0.0 };
    of(p, target) + of(1.0 - p, 1.0 - target)
}

/// Fits a head to rows with their targets (0–1). `used` is the number of buckets in use.
pub(crate) fn fit(
    rows: &[(&Row, f64)],
    used: usize,
    prior: &Head,
    rounds: usize,
    settings: &Settings,
    mut progress: impl FnMut(usize, f64),
) -> Weights {
    let mut x = vec![0.0; FIRST_BUCKET + used];
    x[0] = f64::from(prior.intercept);
    let mut centre = [0.0f64; KINDS];
    for (kind, weight) in prior.kinds.iter().enumerate() {
        centre[kind] = if settings.without.signals { 0.0 } else { f64::from(*weight) };
        x[1 + kind] = centre[kind];
    }
    for (slot, weight) in x[FIRST_HIDDEN..].iter_mut().zip(&prior.hidden) {
        *slot = f64::from(*weight);
    }
    let hidden_centre: Vec<f64> = prior.hidden.iter().map(|weight| f64::from(*weight)).collect();
    let encoder = !settings.without.encoder;
    let (pull, signal_pull, hidden_pull) =
        (settings.wording_pull, settings.signal_pull, settings.hidden_pull);
    minimise(
        &mut x,
        rounds,
        1e-3,
        |x, gradient| {
            let mut loss = 0.0;
            gradient[0] = 0.0;
            for kind in 0..KINDS {
                let off = x[1 + kind] - centre[kind];
                loss += 0.5 * signal_pull * off * off;
                gradient[1 + kind] = signal_pull * off;
            }
            for number in 0..HIDDEN {
                let off = x[FIRST_HIDDEN + number] - hidden_centre[number];
                loss += 0.5 * hidden_pull * off * off;
                gradient[FIRST_HIDDEN + number] = hidden_pull * off;
            }
            for (g, w) in gradient[FIRST_BUCKET..].iter_mut().zip(&x[FIRST_BUCKET..]) {
                loss += 0.5 * pull * w * w;
                *g = pull * w;
            }
            for (row, target) in rows {
                let p = math::sigmoid(score(x, row));
                loss += surprise(p, *target);
                let error = p - target;
                gradient[0] += error;
                for (kind, value) in row.kinds.iter().enumerate() {
                    gradient[1 + kind] += error * f64::from(*value);
                }
                if encoder {
                    for (number, value) in row.hidden.iter().enumerate() {
                        gradient[FIRST_HIDDEN + number] += error * f64::from(*value);
                    }
                }
                for (place, value) in &row.sparse {
                    gradient[FIRST_BUCKET + *place as usize] += error * f64::from(*value);
                }
            }
            loss
        },
        &mut progress,
    );
    Weights(x)
}

/// A turn as the second step sees it: its words' log-odds, its facts, and 1 if its customer is frustrated, 0 if not.
pub(crate) type Turn = (f64, Facts, f64);

/// The log-odds of a turn by shift, slope and a weight a fact, in this order.
fn logit(x: &[f64], (score, facts, _): &Turn) -> f64 {
    let terms = x[2..].iter().zip(&facts.values).map(|(weight, value)| weight * f64::from(*value));
    x[0] + x[1] * score + terms.sum::<f64>()
}

/// Fits what the facts of a conversation add to its words' log-odds: slope, shift, and a weight a fact. The mood of the
/// turns before counts by the share `mood` of the slope more than was fitted; the mean score stays, more of the calibration
/// does not.
pub(crate) fn facts(
    turns: &[Turn],
    mood: f64,
    progress: &mut dyn FnMut(usize, f64),
) -> (f32, f32, [f32; TERMS]) {
    let mut x = vec![0.0; 2 + TERMS];
    x[1] = 1.0;
    minimise(
        &mut x,
        300,
        1e-6,
        |x, gradient| {
            gradient.fill(0.0);
            let mut loss = 0.0;
            for (weight, slot) in x[2..].iter().zip(&mut gradient[2..]) {
                loss += 0.5 * FACT_PULL * weight * weight;
                *slot = FACT_PULL * weight;
            }
            for turn in turns {
                let (score, facts, target) = turn;
                let p = math::sigmoid(logit(x, turn));
                loss += surprise(p, *target);
                let error = p - target;
                gradient[0] += error;
                gradient[1] += error * score;
                for (slot, value) in gradient[2..].iter_mut().zip(&facts.values) {
                    *slot += error * f64::from(*value);
                }
            }
            loss
        },
        progress,
    );
    if mood != 0.0 {
        weigh_mood(&mut x, turns, mood);
    }
    let mut context = [0.0; TERMS];
    for (slot, weight) in context.iter_mut().zip(&x[2..]) {
        *slot = *weight as f32;
    }
    (x[1] as f32, x[0] as f32, context)
}

/// Adds the share `mood` of the slope to the weight of the mood before, and shifts until the mean score is what it was.
fn weigh_mood(x: &mut [f64], turns: &[Turn], mood: f64) {
    // A first message stands where one of the usual mood would.
    let later: Vec<&Facts> =
        turns.iter().map(|(_, facts, _)| facts).filter(|facts| facts.values[FIRST_MESSAGE] == 0.0).collect();
    let usual = later.iter().map(|facts| f64::from(facts.values[MOOD_BEFORE])).sum::<f64>()
        / later.len().max(1) as f64;
    x[2 + MOOD_BEFORE] += mood * x[1];
    x[2 + FIRST_MESSAGE] += mood * x[1] * usual;
    // Steps of at most one: where the words tell all turns apart, the scores are steep and a free step leaves for afar.
    for _ in 0..20 {
        let (mut error, mut slope) = (0.0, 0.0);
        for turn in turns {
            let p = math::sigmoid(logit(x, turn));
            error += p - turn.2;
            slope += p * (1.0 - p);
        }
        x[0] -= (error / slope.max(1e-9)).clamp(-1.0, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_the_words_tell_all_turns_apart_the_shift_stays_near() {
        let row = |score: f64, mood: f32| {
            let mut facts = Facts::default();
            facts.values[MOOD_BEFORE] = mood;
            (score, facts, f64::from(u8::from(score > 0.0)))
        };
        let rows = [row(-0.2, -2.0), row(-0.1, -1.0), row(0.1, -2.0), row(0.2, 1.0)];
        let (slope, shift, _) = facts(&rows, 0.2, &mut |_, _| {});
        assert!(slope > 10.0 && shift.abs() < 2.0 * slope, "{slope} {shift}");
    }

    #[test]
    fn the_mood_counts_for_more_and_the_mean_score_stays() {
        let rows: Vec<Turn> = (0..200u32)
            .map(|n| {
                let mut facts = Facts::default();
                facts.values[FIRST_MESSAGE] = f32::from(u8::from(n % 4 == 0));
                facts.values[MOOD_BEFORE] = if n % 4 == 0 { 0.0 } else { (n % 7) as f32 - 5.0 };
                let score = f64::from(n % 11) - 6.0;
                (score, facts, f64::from(u8::from(score + f64::from(facts.values[MOOD_BEFORE]) > -2.0)))
            })
            .collect();
        let mean = |(slope, shift, context): (f32, f32, [f32; TERMS])| {
            let of = |(score, facts, _): &Turn| {
                let facts: f32 = facts.values.iter().zip(context).map(|(value, weight)| value * weight).sum();
                math::sigmoid(f64::from(shift + facts) + f64::from(slope) * score)
            };
            rows.iter().map(of).sum::<f64>() / rows.len() as f64
        };
        let fitted = facts(&rows, 0.0, &mut |_, _| {});
        let moody = facts(&rows, 0.5, &mut |_, _| {});
        let more = |term: usize| moody.2[term] - fitted.2[term];
        let later = rows.iter().filter(|(_, facts, _)| facts.values[FIRST_MESSAGE] == 0.0);
        let (sum, count) = later
            .fold((0.0, 0.0), |(sum, count), (_, facts, _)| (sum + facts.values[MOOD_BEFORE], count + 1.0));
        assert!((more(MOOD_BEFORE) - 0.5 * fitted.0).abs() < 1e-3, "{fitted:?} {moody:?}");
        assert!((more(FIRST_MESSAGE) - 0.5 * fitted.0 * sum / count).abs() < 1e-3, "{fitted:?} {moody:?}");
        assert!((mean(fitted) - mean(moody)).abs() < 1e-3, "{} {}", mean(fitted), mean(moody));
    }
}
