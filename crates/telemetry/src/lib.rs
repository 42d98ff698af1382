//! The closed set of metrics, derived from events: an occurrence is an event or an observation, and its counter is
//! written once, here.
//!
//! Names begin with `relais_` and end with their base unit; labels come from closed enums or from configured names,
//! never from a user, a conversation or an address. Text exposition format 0.0.4 of Prometheus.

mod derive;
mod series;

pub use derive::Derive;
pub use series::Series;
