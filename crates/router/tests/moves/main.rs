//! The router's promises where conversations move, driven as the server drives it.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on says where by failing")]

mod coming_and_going;
mod estimates;
mod house;
mod other_queues;
mod places;
