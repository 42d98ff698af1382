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
