//! Who works here and under which policy: one immutable snapshot, replaced whole when somebody changes it.

use crate::advisor::Advisor;
use crate::policy::{Policy, TERMS};
use conversation::AdvisorId;
use std::collections::HashMap;
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
    /// By seat.
    pub members: Vec<Option<Arc<Member>>>,
    pub seats: Arc<HashMap<AdvisorId, u32>>,
}

impl Roster {
    pub fn new(policy: Policy) -> Roster {
        Roster {
            version: 1,
            weights: policy.terms.weights(),
            policy: Arc::new(policy),
            members: Vec::new(),
            seats: Arc::default(),
        }
    }

    /// Seat and generation of an advisor.
    pub fn seat(&self, id: &AdvisorId) -> Option<(usize, u16)> {
        let at = *self.seats.get(id)? as usize;
        Some((at, self.members.get(at)?.as_ref()?.generation))
    }

    pub fn member(&self, at: usize) -> Option<&Arc<Member>> {
        self.members.get(at)?.as_ref()
    }
}
