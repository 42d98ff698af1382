//! From when on a wish for a human is heard.

use crate::evidence::Ground;

/// The share of the turns without a wish for a human in which one may be heard.
const MISHEARD: f64 = 0.02;

/// From which log-odds a wish for a human is heard, for each ground there may be for one. Missing a wish is the worst
/// failure: of all that mishear at most [`MISHEARD`] of the other turns, those that hear the most wishes, on scores of
/// models that did not see the conversation. A price for each turn misheard, the same on every ground, finds them.
///
/// Takes of each turn its ground, its score and whether it asks for a human.
pub(crate) fn heard_from(turns: impl Iterator<Item = (Ground, f64, bool)>) -> [f32; Ground::COUNT] {
    let mut rows: [Vec<(f64, bool)>; Ground::COUNT] = Default::default();
    let mut others = 0.0;
    for (ground, score, wish) in turns {
        others += f64::from(u8::from(!wish));
        rows[ground as usize].push((score, wish));
    }
    for rows in &mut rows {
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
    }
    let mut thresholds = [f32::MAX; Ground::COUNT];
    for price in (1..=200).rev().map(|n| f64::from(n) / 50.0) {
        let mut misheard = 0.0;
        let mut found = [f32::MAX; Ground::COUNT];
        for (rows, found) in rows.iter().zip(&mut found) {
            let (mut worth, mut best, mut wrong, mut wrong_there) = (0.0, 0.0, 0.0, 0.0);
            for (score, wish) in rows {
                worth += if *wish { 1.0 } else { -price };
                wrong += f64::from(u8::from(!wish));
                if worth > best {
                    (best, wrong_there, *found) = (worth, wrong, *score as f32);
                }
            }
            misheard += wrong_there;
        }
        if misheard > MISHEARD * others {
            break;
        }
        thresholds = found;
    }
    thresholds
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn most_wishes_are_heard_that_few_misheard_turns_allow() {
        let on = |ground, score, wish, times| std::iter::repeat_n((ground, score, wish), times);
        let turns = on(Ground::People, 3.0, true, 50)
            .chain(on(Ground::People, 2.0, false, 2))
            .chain(on(Ground::People, 1.0, true, 10))
            // Five more of them would cost ninety others.
            .chain(on(Ground::People, 0.0, false, 90))
            .chain(on(Ground::People, -1.0, true, 5))
            .chain(on(Ground::Wording, 0.0, false, 20));
        let heard = heard_from(turns);
        assert_eq!(heard[Ground::People as usize], 1.0);
        assert_eq!(heard[Ground::Wording as usize], f32::MAX);
    }
}
