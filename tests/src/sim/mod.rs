//! One seed, one run: the real router, dispatcher, analyzer, bot and simulated log under simulated time, network,
//! disk and people, with every law checked after every step.
//!
//! Suggested reading order: [`world`] (what happens), [`laws`] and [`ledger`] (what must hold), [`machine`] (the
//! server), [`customer`] and [`staff`] (who acts), [`house`] (what is configured), [`mutation`] (what is broken on
//! purpose, to show that it is found).

pub mod chance;
pub mod counts;
pub mod customer;
pub mod disk;
pub mod gate;
pub mod house;
pub mod household;
pub mod laws;
pub mod ledger;
pub mod machine;
pub mod many;
pub mod mutation;
pub mod network;
pub mod server;
pub mod staff;
pub mod waits;
pub mod world;

pub use counts::Counts;
pub use mutation::Mutation;

use std::panic::{AssertUnwindSafe, catch_unwind};
use world::World;

/// What went wrong in a run.
#[derive(Clone, Debug)]
pub struct Failure {
    /// Which run.
    pub seed: u64,
    /// Which law, and how.
    pub what: String,
    /// The last things that happened, one line each.
    pub trace: Vec<String>,
}

/// Lives through one seed; returns what was seen and the hash of everything that the server did.
///
/// # Errors
/// The law that was broken.
pub fn run(seed: u64, mutation: Option<Mutation>) -> Result<(Counts, u64), Box<Failure>> {
    let mut world = World::new(seed, mutation);
    let lived = catch_unwind(AssertUnwindSafe(|| world.run()));
    let what = match lived {
        Ok(Ok(())) => return Ok((world.counts, world.hash)),
        Ok(Err(what)) => what,
        Err(panic) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("?");
            format!("a panic: {text}")
        }
    };
    let trace = std::mem::take(&mut world.trace);
    Err(Box::new(Failure { seed, what, trace }))
}
