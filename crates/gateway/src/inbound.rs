//! What the gateway tells the brain.

use crate::access::Identity;
use conversation::AdvisorId;
use std::net::IpAddr;
use std::sync::mpsc::{SyncSender, TrySendError};
use std::sync::{PoisonError, RwLock};
use wire::frame::advisor::AdvisorHello;
use wire::frame::customer::Hello;
use wire::frame::{AdvisorFrame, CustomerFrame};

/// One connection, for as long as it lives; never used again in this process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ConnectionId(pub u64);

/// What the gateway tells the brain.
#[derive(Debug)]
pub enum Inbound {
    /// A customer's good `hello`.
    CustomerHello(Box<CustomerHello>),
    /// Any later frame of a customer; never `hello`.
    CustomerFrame {
        /// From where.
        connection: ConnectionId,
        /// What.
        frame: CustomerFrame,
    },
    /// An advisor's good `hello`.
    AdvisorHello {
        /// From where.
        connection: ConnectionId,
        /// What was said; its token, if any, is taken out.
        hello: Box<AdvisorHello>,
        /// Who, authenticated.
        account: AdvisorId,
    },
    /// Any later frame of an advisor; never `hello`.
    AdvisorFrame {
        /// From where.
        connection: ConnectionId,
        /// What.
        frame: AdvisorFrame,
    },
    /// A connection is gone: exactly once for each that said a good `hello`, unless [`Inbound::Quiet`] came first.
    Gone {
        /// Which.
        connection: ConnectionId,
    },
    /// The server shuts down: this is the last. What was told before is everything that was accepted; acknowledge
    /// it, then call [`crate::Connections::close_all`].
    Quiet,
}

/// A customer's good `hello`: the origin is one of the site's, a `conversation` has come with its right token,
/// `previous` too (else it was taken out).
#[derive(Debug)]
pub struct CustomerHello {
    /// From where.
    pub connection: ConnectionId,
    /// What was said.
    pub hello: Hello,
    /// Who the site vouches for, where it does.
    pub identity: Option<Identity>,
    /// The page's origin, where a browser sent one.
    pub origin: Option<String>,
    /// The visitor's address, behind trusted proxies too. Personal data: not for logs or metrics.
    pub address: IpAddr,
}

/// Why the brain did not take what it was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// It has too much to do: the connection is closed with 1013.
    Full,
    /// It is no longer there.
    Over,
}

/// The brain's side of the door. Never blocks.
pub trait Inbox: Send + Sync + 'static {
    /// Takes one.
    ///
    /// # Errors
    /// [`Refused`].
    fn tell(&self, what: Inbound) -> Result<(), Refused>;
}

impl Inbox for SyncSender<Inbound> {
    fn tell(&self, what: Inbound) -> Result<(), Refused> {
        self.try_send(what).map_err(|error| match error {
            TrySendError::Full(_) => Refused::Full,
            TrySendError::Disconnected(_) => Refused::Over,
        })
    }
}

impl<I: Inbox + ?Sized> Inbox for std::sync::Arc<I> {
    fn tell(&self, what: Inbound) -> Result<(), Refused> {
        (**self).tell(what)
    }
}

/// The inbox with a bolt: once it is shut, nothing that is being read on any thread can slip in behind.
pub(crate) struct Door {
    inbox: Box<dyn Inbox>,
    shut: RwLock<bool>,
}

impl Door {
    pub(crate) fn new(inbox: impl Inbox) -> Door {
        Door { inbox: Box::new(inbox), shut: RwLock::new(false) }
    }

    pub(crate) fn tell(&self, what: Inbound) -> Result<(), Refused> {
        let shut = self.shut.read().unwrap_or_else(PoisonError::into_inner);
        if *shut { Err(Refused::Over) } else { self.inbox.tell(what) }
    }

    pub(crate) fn is_shut(&self) -> bool {
        *self.shut.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn shut(&self) {
        *self.shut.write().unwrap_or_else(PoisonError::into_inner) = true;
    }

    /// The last word, which passes the bolt.
    pub(crate) fn quiet(&self) -> Result<(), Refused> {
        self.inbox.tell(Inbound::Quiet)
    }
}
