//! Who works here and under which policy: one immutable snapshot, replaced whole when somebody changes it.

use super::line::Line;
use super::pool::Pools;
use crate::advisor::Advisor;
use crate::limits::LINES;
use crate::policy::{Calendar, Policy, TERMS};
use crate::sync::{OnceLock, Parts};
use conversation::{AdvisorId, QueueId};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// An advisor with their place among the seats.
#[derive(Debug)]
pub(crate) struct Member {
    pub advisor: Advisor,
    /// Of the seat; a later advisor at the same place has another.
    pub generation: u16,
}

/// The snapshot.
#[derive(Clone, Debug)]
pub(crate) struct Roster {
    /// Another number for every snapshot.
    pub version: u64,
    pub policy: Arc<Policy>,
    pub weights: [f32; TERMS],
    /// The policy's hours, as far as they can be understood.
    pub calendars: Arc<BTreeMap<String, Calendar>>,
    /// By seat.
    pub members: Vec<Option<Arc<Member>>>,
    /// By seat: the generation of its member, close together for decisions to read.
    pub generations: Vec<u16>,
    /// By seat: the name of its member.
    pub ids: Vec<Option<AdvisorId>>,
    pub seats: Arc<HashMap<AdvisorId, u32, foldhash::fast::FixedState>>,
    pools: LinePools,
}

/// The pools of lines, by their place in the book: put here when somebody comes to the line, so that a decision reads
/// them without counting itself among their readers. Another snapshot begins with none.
#[derive(Debug)]
struct LinePools(Parts<OnceLock<Arc<Pools>>>);

impl LinePools {
    fn none() -> LinePools {
        LinePools(Parts::new(if cfg!(loom) { 4 } else { LINES }, 256))
    }
}

impl Clone for LinePools {
    fn clone(&self) -> LinePools {
        LinePools::none()
    }
}

/// The hours of a policy; those that cannot be understood ([`Policy::problems`] says why) are left out.
pub(crate) fn calendars(policy: &Policy) -> BTreeMap<String, Calendar> {
    let read =
        |(name, hours): (&String, &crate::policy::Hours)| Some((name.clone(), hours.calendar(name).ok()?));
    policy.hours.iter().filter_map(read).collect()
}

impl Roster {
    pub fn new(policy: Policy) -> Roster {
        Roster {
            version: 1,
            weights: policy.terms.weights(),
            calendars: Arc::new(calendars(&policy)),
            policy: Arc::new(policy),
            members: Vec::new(),
            generations: Vec::new(),
            ids: Vec::new(),
            seats: Arc::default(),
            pools: LinePools::none(),
        }
    }

    /// The pools of a line, where they are known here.
    #[inline]
    pub fn pools(&self, line: usize) -> Option<&Pools> {
        self.pools.0.get(line)?.get().map(|pools| &**pools)
    }

    /// Puts a line's pools where [`Roster::pools`] finds them.
    pub fn know(&self, line: &Line) {
        if self.pools(line.at).is_none()
            && let (Some(known), Some(pools)) = (self.pools.0.make(line.at), line.pools(self).as_ref())
        {
            // Another thread that was faster has put the same.
            let _ = known.set(pools.clone());
        }
    }

    /// Seat and generation of an advisor.
    pub fn seat(&self, id: &AdvisorId) -> Option<(usize, u16)> {
        let at = *self.seats.get(id)? as usize;
        Some((at, *self.generations.get(at)?))
    }

    pub fn member(&self, at: usize) -> Option<&Arc<Member>> {
        self.members.get(at)?.as_ref()
    }

    /// The hours of a queue; `None` is always open.
    pub fn calendar(&self, queue: &QueueId) -> Option<&Calendar> {
        self.calendars.get(self.policy.queue(queue).hours.as_ref()?)
    }
}
