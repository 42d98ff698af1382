//! What a house sets of the gateway.

use crate::address::Network;
use crate::limits::Limits;
use crate::origin::Origin;
use wire::session::Rates;

/// What a house sets of the gateway.
#[derive(Clone, Debug)]
pub struct GatewayConfig {
    /// Where people reach this server, if not at the address that their browser names in `Host` (behind a proxy
    /// that ends TLS): the console's own origin, and whether its cookie is `Secure`.
    pub public_url: Option<Origin>,
    /// Proxies whose `X-Forwarded-For` and `X-Forwarded-Proto` are believed. Nobody else's are.
    pub trusted_proxies: Vec<Network>,
    /// Addresses that the limits per address leave alone. This machine by default: what comes from it is a proxy
    /// or a test.
    pub unlimited: Vec<Network>,
    /// Who may read `/metrics`; others are told 403. Private networks by default.
    pub metrics_from: Vec<Network>,
    /// Frames by type, per connection.
    pub rates: Rates,
    /// Everything else that is bounded.
    pub limits: Limits,
}

impl Default for GatewayConfig {
    fn default() -> GatewayConfig {
        GatewayConfig {
            public_url: None,
            trusted_proxies: Vec::new(),
            unlimited: Network::loopback(),
            metrics_from: Network::private(),
            rates: Rates::default(),
            limits: Limits::default(),
        }
    }
}
