//! What every task of the gateway shares.

use crate::access::Access;
use crate::admission::Admission;
use crate::config::GatewayConfig;
use crate::connections::Connections;
use crate::counters::Counters;
use crate::http::backoff::Backoff;
use crate::inbound::Door;
use crate::refusals::Refusals;
use std::sync::Arc;
use tokio::sync::Semaphore;

pub(crate) struct Shell {
    pub(crate) config: GatewayConfig,
    pub(crate) access: Arc<dyn Access>,
    pub(crate) door: Door,
    pub(crate) connections: Arc<Connections>,
    pub(crate) counters: Arc<Counters>,
    pub(crate) admission: Arc<Admission>,
    pub(crate) backoff: Backoff,
    pub(crate) refusals: Refusals,
    /// Password checks under way, and those that wait for their turn.
    pub(crate) passwords: Semaphore,
    pub(crate) passwords_waiting: Semaphore,
}
