//! The shipped scenario, with seeds that are published: what the README says of it holds.
#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use simulator::{Scenario, run};

#[test]
fn a_seed_gives_the_same_report_to_the_byte() {
    let scenario = Scenario::shipped().unwrap();
    let (a, b) = (run(&scenario, 3), run(&scenario, 3));
    assert_eq!(serde_json::to_string(&a).unwrap(), serde_json::to_string(&b).unwrap());
    assert_eq!(a.svg(), b.svg());
    assert_ne!(a, run(&scenario, 4));
}

/// Seeds 1–6 of the shipped scenario, together: the figures that the README gives.
#[test]
fn ours_is_ahead_where_it_matters_and_close_to_the_bound() {
    let mut scenario = Scenario::shipped().unwrap();
    scenario.what_if.clear();
    let reports: Vec<_> = (1..=6).map(|seed| run(&scenario, seed)).collect();
    let mean = |of: &dyn Fn(&simulator::Report) -> f64| reports.iter().map(of).sum::<f64>() / 6.0;
    let ours = |of: fn(&simulator::Outcome) -> f64| mean(&|report| of(&report.policies[0]));
    let wait = ours(|outcome| outcome.all.mean_s) / mean(&|report| report.bounds.pooled.mean_s);
    assert!(wait <= 1.10, "mean wait is × {wait:.3} of one pool's");
    for (n, name) in simulator::POLICIES.iter().enumerate().skip(1) {
        let p90 = mean(&|report| report.policies[n].all.p90_s);
        let abandoned = mean(&|report| report.policies[n].all.abandoned);
        assert!(ours(|o| o.all.p90_s) < p90, "{name} is ahead in the 90th percentile");
        assert!(ours(|o| o.all.abandoned) < abandoned, "{name} loses fewer");
    }
    for report in &reports {
        assert!(report.policies[0].load_spread <= 1.0, "equal advisors, unequal loads");
    }
    let foreseen = ours(|outcome| outcome.foreseen.unwrap());
    assert!((0.75..=0.85).contains(&foreseen), "{foreseen:.3} of the waits ended within their interval");
}
