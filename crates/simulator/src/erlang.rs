//! What a queue would do if everybody could do everything: the bounds that no routing beats.
//!
//! Erlang C: A. K. Erlang, 'Solution of some problems in the theory of probabilities of significance in automatic
//! telephone exchanges', 1917. Erlang A, with customers who leave: C. Palm, 1957; O. Garnett, A. Mandelbaum and
//! M. Reiman, 'Designing a call center with impatient customers', M&SOM 4(3), 2002.

/// Probability of waiting at all in M/M/s, `load` in erlangs; 1 where the load is too much for `servers`.
pub fn erlang_c(servers: u32, load: f64) -> f64 {
    if load >= f64::from(servers) {
        return 1.0;
    }
    // Erlang B by its recursion, which does not overflow, and C from B.
    let b = (1..=servers).fold(1.0, |b, n| load * b / (f64::from(n) + load * b));
    let rho = load / f64::from(servers);
    b / (1.0 - rho + rho * b)
}

/// What M/M/s+M does in the long run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ErlangA {
    /// Mean wait of all customers, those who leave too, in seconds.
    pub wait_s: f64,
    /// Share that leaves.
    pub abandoned: f64,
}

/// M/M/s+M by its birth–death chain: arrivals and completions a second, mean patience in seconds.
pub fn erlang_a(servers: u32, arrivals: f64, completions: f64, patience_s: f64) -> ErlangA {
    if arrivals <= 0.0 {
        return ErlangA { wait_s: 0.0, abandoned: 0.0 };
    }
    let s = f64::from(servers);
    // Probabilities relative to the state with every server busy: downwards, then upwards.
    let (mut total, mut waiting) = (1.0, 0.0);
    let mut p = 1.0;
    for n in (1..=servers).rev() {
        p *= f64::from(n) * completions / arrivals;
        total += p;
        if p < total * 1e-18 {
            break;
        }
    }
    p = 1.0;
    for n in 1..10_000_000u32 {
        let queue = f64::from(n);
        p *= arrivals / (s * completions + queue / patience_s);
        total += p;
        waiting += queue * p;
        if queue > arrivals * patience_s && p < total * 1e-15 {
            break;
        }
    }
    let length = waiting / total;
    ErlangA { wait_s: length / arrivals, abandoned: (length / patience_s / arrivals).min(1.0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_formulas_give_the_textbook_values() {
        // One server: the probability of waiting is the load.
        assert!((erlang_c(1, 0.7) - 0.7).abs() < 1e-12);
        // Ten servers, eight erlangs: 0.409 in the published tables.
        assert!((erlang_c(10, 8.0) - 0.409).abs() < 5e-4);
        // Endless patience: Erlang A becomes Erlang C, whose mean wait is C / (s·µ − λ).
        let (servers, load, mu) = (10, 8.0, 1.0 / 300.0);
        let a = erlang_a(servers, load * mu, mu, 1e9);
        let c = erlang_c(servers, load) / ((f64::from(servers) - load) * mu);
        assert!((a.wait_s / c - 1.0).abs() < 1e-3, "{} {c}", a.wait_s);
        // Patience as long as service: the number there is Poisson, as with servers without end.
        let a = erlang_a(servers, load * mu, mu, 1.0 / mu);
        let (mut p, mut waiting) = ((-load).exp(), 0.0);
        for n in 1..200 {
            p *= load / f64::from(n);
            waiting += p * f64::from((n - 10).max(0));
        }
        assert!((a.wait_s - waiting / (load * mu)).abs() < 1e-6, "{a:?}");
        assert!((a.abandoned - waiting / load).abs() < 1e-9, "{a:?}");
    }
}
