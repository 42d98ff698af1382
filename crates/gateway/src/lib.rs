//! Sockets and HTTP on one port: connections, origins, back-pressure and rate limits.
//!
//! Shell: it reads frames, checks who speaks and from where, and tells the brain ([`Inbox`]); what the brain wants
//! said goes out through [`Connections`], which never blocks. What only the house knows (sites, sessions, tokens,
//! pages) it asks through [`Access`]. Every limit with its answer is in [`limits`].
//!
//! Suggested reading order: [`inbound`] and [`connections`] (the two directions), [`access`] (what is asked of the
//! house), [`limits`], [`serve()`] (the accept loop and the end), `http/` (pages, the API, the upgrade), `socket/`
//! (one connection after the upgrade), [`counters`].

pub mod access;
pub mod address;
mod admission;
pub mod config;
pub mod connections;
pub mod counters;
mod http;
pub mod inbound;
pub mod limits;
mod line;
pub mod origin;
mod refusals;
mod serve;
mod shell;
mod socket;

pub use access::{Access, Identity, Me, Page, Secret, SignedIn, Site};
pub use address::Network;
pub use config::GatewayConfig;
pub use connections::Connections;
pub use counters::Counters;
pub use inbound::{ConnectionId, CustomerHello, Inbound, Inbox, Refused};
pub use limits::Limits;
pub use origin::Origin;
pub use serve::{Drained, listen, serve};

/// A text that is shared, not copied, between the connections that it goes to.
pub use tokio_tungstenite::tungstenite::Utf8Bytes;
