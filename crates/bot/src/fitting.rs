//! Fitting the matcher: dual coordinate descent with squared hinge loss (Hsieh, Chang, Lin, Keerthi and
//! Sundararajan, ICML 2008), a fixed number of passes in a fixed order: the same script gives the same machine.

use crate::matcher::Features;

/// Whose example a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Of {
    /// This intent's, and no other's.
    Intent(usize),
    /// Not this intent's; the others do not learn from it.
    Not(usize),
    /// No intent's.
    Nothing,
}

/// One plane per intent.
pub(crate) struct Machine {
    /// Weights by feature, then by intent.
    pub(crate) weights: Vec<f32>,
    /// By intent.
    pub(crate) bias: Vec<f32>,
}

/// Cost of a mistake on an intent's own example, and on another's.
const COST_OWN: f32 = 6.0;
const COST_OTHER: f32 = 1.0;
/// Passes of the fitting; the weights hardly change after them.
const PASSES: usize = 14;

/// Fits; rows have length 1.
pub(crate) fn fit(rows: &[(Of, Features)], features: usize, intents: usize) -> Machine {
    let mut machine = Machine { weights: vec![0.0; features * intents], bias: vec![0.0; intents] };
    let order = order(rows.len());
    for intent in 0..intents {
        let mut weights = vec![0.0_f32; features];
        let mut bias = 0.0_f32;
        let mut alpha = vec![0.0_f32; rows.len()];
        for _ in 0..PASSES {
            for &at in &order {
                let (of, row) = &rows[at];
                let (sign, cost) = match of {
                    Of::Intent(own) if *own == intent => (1.0, COST_OWN),
                    // What is told apart by hand counts as much as what is told by it.
                    Of::Not(own) if *own == intent => (-1.0, COST_OWN),
                    Of::Not(_) => continue,
                    Of::Intent(_) | Of::Nothing => (-1.0, COST_OTHER),
                };
                let score: f32 =
                    row.iter().map(|(id, value)| weights[*id as usize] * value).sum::<f32>() + bias;
                let diagonal = 0.5 / cost;
                let gradient = sign * score - 1.0 + diagonal * alpha[at];
                // The bias is one more feature of value 1.
                let next = (alpha[at] - gradient / (2.0 + diagonal)).max(0.0);
                let step = (next - alpha[at]) * sign;
                if step != 0.0 {
                    alpha[at] = next;
                    bias += step;
                    for (id, value) in row {
                        weights[*id as usize] += step * value;
                    }
                }
            }
        }
        machine.bias[intent] = bias;
        for (id, weight) in weights.into_iter().enumerate() {
            machine.weights[id * intents + intent] = weight;
        }
    }
    machine
}

/// A fixed order that mixes the intents: steps by a number that shares no factor with the length.
fn order(length: usize) -> Vec<usize> {
    let gcd = |mut a: usize, mut b: usize| {
        while b > 0 {
            (a, b) = (b, a % b);
        }
        a
    };
    let mut step = (length * 5 / 13).max(1);
    while gcd(step, length.max(1)) != 1 {
        step += 1;
    }
    (0..length).map(|at| at * step % length).collect()
}
