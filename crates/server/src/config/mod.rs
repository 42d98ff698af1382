//! Configuration in two stages: what was written (TOML, read by `settings`), then what is valid. All mistakes are
//! told at once, before any port is bound.

pub mod doorway;
pub mod files;
mod limits;
mod queue;
mod read;
mod script;
mod site;
mod wording;

pub use files::Files;
pub use read::read;

use conversation::SiteId;
use gateway::{Network, Origin};
use router::House;
use std::collections::BTreeMap;
use std::net::SocketAddr;

/// What is valid.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; the command line may say otherwise.
    pub listen: SocketAddr,
    /// The console's own origin, where it is not the address in the browser.
    pub public_url: Option<Origin>,
    /// Whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Network>,
    /// Who may read `/metrics`; `None`: private networks.
    pub metrics_from: Option<Vec<Network>>,
    /// What the gateway bounds.
    pub limits: gateway::Limits,
    /// What one connection may send.
    pub rates: wire::session::Rates,
    /// After how many milliseconds without an event a closed conversation's customer is forgotten; `None`: never.
    pub forget_after_ms: Option<u64>,
    /// For the brain.
    pub house: House,
    /// For the dispatcher.
    pub policy: dispatcher::Policy,
    /// For the gateway.
    pub doors: BTreeMap<SiteId, Door>,
}

/// A site, as far as who may come in goes.
#[derive(Clone, Debug, Default)]
pub struct Door {
    /// From which pages, and whether without any.
    pub site: gateway::Site,
    /// The key with which the site signs who a visitor is.
    pub identity_key: Option<Vec<u8>>,
    /// The files beside the configuration that the site names.
    pub files: Vec<String>,
}
