//! What is said, by whom: one file a direction; `offer` is what the server says of offers.

pub mod advisor;
pub mod customer;
pub mod offer;
pub mod server;

pub use advisor::AdvisorFrame;
pub use customer::CustomerFrame;
pub use server::ServerFrame;

use conversation::Lang;
use serde::{Deserialize, Deserializer};

/// A language tag (BCP 47), of which the primary subtag is kept.
pub(crate) fn primary<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Lang>, D::Error> {
    let Some(tag) = Option::<String>::deserialize(deserializer)? else { return Ok(None) };
    let subtag = tag.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase();
    Lang::new(&subtag).map(Some).map_err(serde::de::Error::custom)
}
