//! L-BFGS (Nocedal 1980; Liu and Nocedal 1989) with a backtracking line search: deterministic, one thread.

/// Corrections that are remembered.
const MEMORY: usize = 8;

/// Minimises a smooth convex function from `x`; `f` writes the gradient and returns the value. Stops after
/// `rounds`, or when the gradient's length falls below `tolerance` of its first.
pub fn minimise(
    x: &mut Vec<f64>,
    rounds: usize,
    tolerance: f64,
    mut f: impl FnMut(&[f64], &mut [f64]) -> f64,
    mut progress: impl FnMut(usize, f64),
) {
    let n = x.len();
    let mut gradient = vec![0.0; n];
    let mut value = f(x, &mut gradient);
    let first = dot(&gradient, &gradient).sqrt().max(1e-12);
    let mut pairs: Vec<(Vec<f64>, Vec<f64>, f64)> = Vec::new();
    let mut next = vec![0.0; n];
    let mut next_gradient = vec![0.0; n];
    for round in 0..rounds {
        if dot(&gradient, &gradient).sqrt() < tolerance * first {
            break;
        }
        let mut direction: Vec<f64> = gradient.iter().map(|g| -g).collect();
        let mut alphas = Vec::with_capacity(pairs.len());
        for (s, y, rho) in pairs.iter().rev() {
            let alpha = rho * dot(s, &direction);
            axpy(-alpha, y, &mut direction);
            alphas.push(alpha);
        }
        if let Some((s, y, _)) = pairs.last() {
            let scale = dot(s, y) / dot(y, y);
            direction.iter_mut().for_each(|d| *d *= scale);
        } else {
            let scale = 1.0 / first;
            direction.iter_mut().for_each(|d| *d *= scale);
        }
        for ((s, y, rho), alpha) in pairs.iter().zip(alphas.iter().rev()) {
            let beta = rho * dot(y, &direction);
            axpy(alpha - beta, s, &mut direction);
        }
        let slope = dot(&gradient, &direction);
        if slope >= 0.0 {
            break;
        }
        let mut step = 1.0;
        let mut found = false;
        for _ in 0..30 {
            for ((slot, x), d) in next.iter_mut().zip(x.iter()).zip(&direction) {
                *slot = x + step * d;
            }
            let next_value = f(&next, &mut next_gradient);
            if next_value <= value + 1e-4 * step * slope {
                value = next_value;
                found = true;
                break;
            }
            step *= 0.5;
        }
        if !found {
            break;
        }
        let s: Vec<f64> = next.iter().zip(x.iter()).map(|(a, b)| a - b).collect();
        let y: Vec<f64> = next_gradient.iter().zip(&gradient).map(|(a, b)| a - b).collect();
        let sy = dot(&s, &y);
        std::mem::swap(x, &mut next);
        std::mem::swap(&mut gradient, &mut next_gradient);
        if sy > 1e-12 {
            if pairs.len() == MEMORY {
                pairs.remove(0);
            }
            pairs.push((s, y, 1.0 / sy));
        }
        progress(round + 1, value);
    }
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn axpy(alpha: f64, x: &[f64], y: &mut [f64]) {
    for (y, x) in y.iter_mut().zip(x) {
        *y += alpha * x;
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn it_finds_the_bottom_of_a_bowl() {
        let mut x = vec![3.0, -4.0];
        super::minimise(
            &mut x,
            100,
            1e-9,
            |x, g| {
                g[0] = 2.0 * (x[0] - 1.0);
                g[1] = 20.0 * (x[1] + 2.0);
                (x[0] - 1.0) * (x[0] - 1.0) + 10.0 * (x[1] + 2.0) * (x[1] + 2.0)
            },
            |_, _| {},
        );
        assert!((x[0] - 1.0).abs() < 1e-6 && (x[1] + 2.0).abs() < 1e-6, "{x:?}");
    }
}
