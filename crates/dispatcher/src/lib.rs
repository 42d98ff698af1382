//! Chooses the best advisor for a waiting conversation, without a lock, and says why.
//!
//! Suggested reading order: [`policy`] (what the house has decided), [`search`] (who may), [`score`] (who is
//! best), [`reference`](mod@reference) (what is right, slow and obvious), [`Dispatcher`] (the real one).

mod advisor;
mod decision;
mod estimate;
mod house;
pub mod limits;
pub mod policy;
pub mod reference;
mod request;
pub mod score;
pub mod search;
mod sync;
mod turns;

pub use advisor::{Advisor, Load, Presence};
pub use decision::{
    Availability, ClaimError, Decision, Figures, Full, Gone, Position, Refusal, Refused, Wait,
};
pub use estimate::Accuracy;
pub use house::{Choice, Dispatcher, Room};
pub use policy::{LocalTime, PRIORITIES, Policy, Problem};
pub use request::Request;
