//! Who may open a connection: in all, in HTTP, unspoken, and by address.

use crate::address::{Network, Prefix};
use crate::counters::Turned;
use crate::limits::{ADDRESSES, Limits};
use conversation::{Millis, SiteId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::{Arc, Mutex, PoisonError};

/// Counts what is open against the limits.
pub(crate) struct Admission {
    limits: Limits,
    unlimited: Vec<Network>,
    all: AtomicUsize,
    http: AtomicUsize,
    ungreeted: AtomicUsize,
    addresses: Mutex<HashMap<Prefix, Visitor>>,
    sites: Mutex<HashMap<SiteId, Bucket>>,
}

#[derive(Clone, Copy)]
struct Bucket {
    tokens: f32,
    at: Millis,
}

impl Bucket {
    fn refill(&mut self, burst: f32, per_s: f32, now: Millis) {
        let passed = now.saturating_sub(self.at) as f32 / 1_000.0;
        self.tokens = (self.tokens + passed * per_s).min(burst);
        self.at = now;
    }

    /// Takes a token; else says in how many milliseconds there will be one.
    fn take(&mut self, burst: f32, per_s: f32, now: Millis) -> Result<(), u64> {
        self.refill(burst, per_s, now);
        if self.tokens >= 1.0 {
            self.tokens -= 1.0;
            return Ok(());
        }
        Err(((1.0 - self.tokens) / per_s * 1_000.0).ceil() as u64)
    }
}

struct Visitor {
    open: usize,
    bucket: Bucket,
}

/// A place among the open; leaving it is dropping it.
pub(crate) struct Seat {
    admission: Arc<Admission>,
    which: Which,
}

#[derive(Clone, Copy)]
enum Which {
    All,
    Http,
    Ungreeted,
    Address(Prefix),
}

impl Admission {
    pub(crate) fn new(limits: Limits, unlimited: Vec<Network>) -> Admission {
        Admission {
            limits,
            unlimited,
            all: AtomicUsize::new(0),
            http: AtomicUsize::new(0),
            ungreeted: AtomicUsize::new(0),
            addresses: Mutex::default(),
            sites: Mutex::default(),
        }
    }

    /// A place among all connections.
    pub(crate) fn any(self: &Arc<Self>) -> Result<Seat, Turned> {
        self.counted(&self.all, self.limits.connections, Which::All, Turned::Connections)
    }

    /// A place among those in HTTP.
    pub(crate) fn http(self: &Arc<Self>) -> Result<Seat, Turned> {
        self.counted(&self.http, self.limits.http, Which::Http, Turned::Http)
    }

    /// A place among the sockets whose first frame has not come.
    pub(crate) fn ungreeted(self: &Arc<Self>) -> Result<Seat, Turned> {
        self.counted(&self.ungreeted, self.limits.ungreeted, Which::Ungreeted, Turned::Ungreeted)
    }

    fn counted(
        self: &Arc<Self>,
        count: &AtomicUsize,
        limit: usize,
        which: Which,
        why: Turned,
    ) -> Result<Seat, Turned> {
        let more = |open: usize| (open < limit).then_some(open + 1);
        match count.fetch_update(Relaxed, Relaxed, more) {
            Ok(_) => Ok(Seat { admission: Arc::clone(self), which }),
            Err(_) => Err(why),
        }
    }

    /// A place among an address's own; `None` for an address without limits.
    pub(crate) fn address(self: &Arc<Self>, address: IpAddr, now: Millis) -> Result<Option<Seat>, Turned> {
        if self.unlimited.iter().any(|network| network.contains(address)) {
            return Ok(None);
        }
        let Limits { per_address, address_burst, address_per_s, .. } = self.limits;
        let mut prefix = Prefix::of(address);
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if addresses.len() >= ADDRESSES && !addresses.contains_key(&prefix) {
            addresses.retain(|_, visitor| {
                visitor.bucket.refill(address_burst, address_per_s, now);
                visitor.open > 0 || visitor.bucket.tokens < address_burst
            });
            if addresses.len() >= ADDRESSES {
                prefix = Prefix::REST;
            }
        }
        let fresh = || Visitor { open: 0, bucket: Bucket { tokens: address_burst, at: now } };
        let visitor = addresses.entry(prefix).or_insert_with(fresh);
        if visitor.open >= per_address {
            return Err(Turned::PerAddress);
        }
        visitor.bucket.take(address_burst, address_per_s, now).map_err(|_| Turned::AddressPace)?;
        visitor.open += 1;
        Ok(Some(Seat { admission: Arc::clone(self), which: Which::Address(prefix) }))
    }

    /// Whether a site may be greeted once more; else when. The site is known to exist.
    pub(crate) fn site(&self, site: &SiteId, now: Millis) -> Result<(), u64> {
        let Limits { site_burst, site_per_s, .. } = self.limits;
        let mut sites = self.sites.lock().unwrap_or_else(PoisonError::into_inner);
        let bucket = sites.entry(site.clone()).or_insert_with(|| Bucket { tokens: site_burst, at: now });
        bucket.take(site_burst, site_per_s, now)
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let count = match self.which {
            Which::All => &self.admission.all,
            Which::Http => &self.admission.http,
            Which::Ungreeted => &self.admission.ungreeted,
            Which::Address(prefix) => {
                let mut addresses = self.admission.addresses.lock().unwrap_or_else(PoisonError::into_inner);
                if let Some(visitor) = addresses.get_mut(&prefix) {
                    visitor.open = visitor.open.saturating_sub(1);
                }
                return;
            }
        };
        count.fetch_sub(1, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(limits: Limits) -> Arc<Admission> {
        Arc::new(Admission::new(limits, Network::loopback()))
    }

    #[test]
    fn a_seat_is_free_again_when_it_is_left() {
        let admission = admission(Limits { connections: 2, ..Limits::default() });
        let first = admission.any().ok().unwrap();
        let _second = admission.any().ok().unwrap();
        assert_eq!(admission.any().err(), Some(Turned::Connections));
        drop(first);
        assert!(admission.any().is_ok());
    }

    #[test]
    fn an_address_has_its_own_count_and_pace_and_this_machine_has_none() {
        let limits = Limits { per_address: 2, address_burst: 3.0, address_per_s: 1.0, ..Limits::default() };
        let admission = admission(limits);
        let open = |text: &str, now| admission.address(text.parse().unwrap(), now);
        let (a, _b) = (open("192.0.2.1", 0).ok().unwrap(), open("192.0.2.1", 0).ok().unwrap());
        assert_eq!(open("192.0.2.1", 0).err(), Some(Turned::PerAddress));
        assert!(open("192.0.2.2", 0).is_ok(), "another address does not feel it");
        drop(a);
        let _third = open("192.0.2.1", 0).ok().unwrap();
        drop(_b);
        assert_eq!(open("192.0.2.1", 0).err(), Some(Turned::AddressPace));
        assert!(open("192.0.2.1", 1_000).is_ok());
        let many: Vec<_> = (0..100).map(|_| open("127.0.0.1", 0)).collect();
        assert!(many.iter().all(|seat| matches!(seat, Ok(None))));
    }

    #[test]
    fn the_table_of_addresses_is_bounded() {
        let admission = admission(Limits { per_address: 4, ..Limits::default() });
        let held: Vec<_> = (0..ADDRESSES as u64 + 4)
            .map(|n| {
                let prefix = 0x2001_0db8u128 << 96 | u128::from(n) << 64;
                admission.address(IpAddr::V6(prefix.into()), 0)
            })
            .collect();
        assert!(held.iter().all(Result::is_ok), "the last four share one count");
        assert!(admission.addresses.lock().unwrap().len() <= ADDRESSES + 1);
        assert_eq!(admission.address("2001:db9::1".parse().unwrap(), 0).err(), Some(Turned::PerAddress));
        drop(held);
        let later = 3_600_000;
        assert!(admission.address("2001:db9::1".parse().unwrap(), later).is_ok());
        assert!(admission.addresses.lock().unwrap().len() < 10, "those who left are forgotten");
    }

    #[test]
    fn a_site_has_a_pace() {
        let admission = admission(Limits { site_burst: 1.0, site_per_s: 2.0, ..Limits::default() });
        let site = SiteId::new("demo").unwrap();
        assert_eq!(admission.site(&site, 0), Ok(()));
        assert_eq!(admission.site(&site, 0), Err(500));
        assert_eq!(admission.site(&SiteId::new("other").unwrap(), 0), Ok(()));
        assert_eq!(admission.site(&site, 500), Ok(()));
    }
}
