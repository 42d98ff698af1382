//! From when on a wish for a human is heard.

use crate::evidence::Ground;
use crate::math;
use crate::minimise::minimise;
use crate::regression::surprise;

/// The share of the turns without a wish for a human in which one may be heard.
const MISHEARD: f64 = 0.02;
/// Rounds in which a calibration is found.
const ROUNDS: usize = 100;

/// From which log-odds a wish for a human is heard, for each ground there may be for one. Missing a wish is the worst
/// failure: the lowest bar under which at most [`MISHEARD`] of the other turns are misheard, on scores of models that did
/// not see the conversation. A score means another chance on each ground, so that each is calibrated by itself, and the
/// bar is the same chance for all; a bar of its own for each would be that of a few turns.
///
/// Takes of each turn its ground, its score and whether it asks for a human.
pub(crate) fn heard_from(turns: impl Iterator<Item = (Ground, f64, bool)>) -> [f32; Ground::COUNT] {
    let mut grounds: [Vec<(f64, bool)>; Ground::COUNT] = Default::default();
    for (ground, score, wish) in turns {
        grounds[ground as usize].push((score, wish));
    }
    let scales = grounds.each_ref().map(|turns| calibration(turns));
    let mut others: Vec<f64> = Vec::new();
    for (turns, [slope, shift]) in grounds.iter().zip(&scales) {
        let misheard = turns.iter().filter(|(_, wish)| !wish);
        others.extend(misheard.map(|(score, _)| slope * score + shift));
    }
    others.sort_by(|a, b| b.total_cmp(a));
    let allowed = (MISHEARD * others.len() as f64) as usize;
    let Some(first) = others.get(allowed) else { return [f32::MAX; Ground::COUNT] };
    // Between the last that may be misheard and the first that may not.
    let last = allowed.checked_sub(1).map_or(first + 1.0, |last| others[last]);
    let bar = 0.5 * (first + last);
    scales.map(|[slope, shift]| if slope > 0.0 { ((bar - shift) / slope) as f32 } else { f32::MAX })
}

/// Slope and shift that make log-odds of scores (Platt 1999, with his targets, which never are quite 0 or 1).
fn calibration(turns: &[(f64, bool)]) -> [f64; 2] {
    let wishes = turns.iter().filter(|(_, wish)| *wish).count() as f64;
    let others = turns.len() as f64 - wishes;
    let [yes, no] = [(wishes + 1.0) / (wishes + 2.0), 1.0 / (others + 2.0)];
    let mut x = vec![1.0, 0.0];
    minimise(
        &mut x,
        ROUNDS,
        1e-6,
        |x, gradient| {
            gradient.fill(0.0);
            let mut loss = 0.0;
            for (score, wish) in turns {
                let target = if *wish { yes } else { no };
                let p = math::sigmoid(x[0] * score + x[1]);
                loss += surprise(p, target);
                gradient[0] += (p - target) * score;
                gradient[1] += p - target;
            }
            loss
        },
        &mut |_, _| {},
    );
    [x[0], x[1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_wishes_are_heard_that_few_misheard_turns_allow() {
        let on = |ground, score, wish, times| std::iter::repeat_n((ground, score, wish), times);
        let turns = on(Ground::People, 3.0, true, 50)
            .chain(on(Ground::People, 2.0, false, 2))
            .chain(on(Ground::People, 1.2, true, 10))
            // Five more of them would cost ninety others.
            .chain(on(Ground::People, 0.0, false, 90))
            .chain(on(Ground::People, -1.0, true, 5))
            .chain(on(Ground::Wording, 0.0, false, 20));
        let heard = heard_from(turns);
        let people = heard[Ground::People as usize];
        assert!(people > 0.0 && people <= 1.2, "{people}");
        // Nothing there ever was a wish.
        assert!(heard[Ground::Wording as usize] > people, "{heard:?}");
    }

    #[test]
    fn the_same_score_is_another_chance_on_another_ground() {
        // Nine in ten at a score of one on the first, one in ten on the second.
        let mut turns = Vec::new();
        for (ground, wishes) in [(Ground::Entry, 9), (Ground::Denied, 1)] {
            for score in 0..20 {
                let wish = |n: usize| score > 10 || (score == 10 && n < wishes);
                turns.extend((0..10).map(|n| (ground, f64::from(score) / 10.0, wish(n))));
            }
        }
        let heard = heard_from(turns.into_iter());
        assert!(heard[Ground::Entry as usize] < heard[Ground::Denied as usize], "{heard:?}");
        assert_eq!(heard_from(std::iter::empty()), [f32::MAX; Ground::COUNT]);
    }
}
