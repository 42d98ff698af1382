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

/// 'What if one more French-speaking advisor from 10 to 14?', asked in one line.
#[test]
fn more_people_are_one_question_away() {
    let mut scenario = Scenario::shipped().unwrap();
    scenario.what_if.clear();
    scenario.suppose_more("1 care, both languages, 10-14").unwrap();
    scenario.suppose_more("20 technical").unwrap();
    assert_eq!(scenario.what_if[0].add[0].shifts, [(2.0, 6.0)]);
    let report = run(&scenario, 3);
    let [one, twenty] = report.what_if.as_slice() else { panic!("two questions") };
    let now = &report.policies[0];
    assert!(one.all.mean_s < now.all.mean_s, "{} {}", one.all.mean_s, now.all.mean_s);
    assert!(twenty.queues.values().all(|queue| queue.p90_s < 10.0), "{twenty:?}");
    assert!(twenty.occupancy < one.occupancy && one.occupancy < now.occupancy);
    let wrong = |asked: &str| scenario.clone().suppose_more(asked).unwrap_err().0;
    assert!(wrong("1 legal").contains("there is no such team; there are: care, French;"));
    assert!(wrong("1 sales, 14-10").contains("a shift ends after it began"));
    assert!(wrong("one sales").contains("'one' is not a number of people"));
}

/// Seeds 1–6 of the shipped scenario, together; the README gives forty others, on which nothing was tried.
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
    // Of each queue too, every day: the interval is not kept for all by one queue's being too wide and another's too narrow.
    for report in &reports {
        let ours = &report.policies[0];
        assert!(ours.queues.keys().eq(ours.foreseen_by_queue.keys()), "every queue had waits to foresee");
        for (queue, inside) in &ours.foreseen_by_queue {
            assert!((0.72..=0.88).contains(inside), "{queue}, seed {}: {inside:.3}", report.seed);
        }
    }
}
