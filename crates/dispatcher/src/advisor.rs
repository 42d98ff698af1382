//! The people: what an advisor can do, whether they are there, and what they carry.

use conversation::{AdvisorId, Lang, QueueId, Skill};
use serde::{Deserialize, Serialize};

/// An advisor as the house has written them down.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Advisor {
    /// Who.
    pub id: AdvisorId,
    /// What they know, each with a level from 1 (has heard of it) to 5 (teaches it).
    pub skills: Vec<(Skill, u8)>,
    /// Languages they answer in, the best first.
    pub langs: Vec<Lang>,
    /// Points they can hold at once: law 2.
    pub capacity: u16,
    /// Queues they serve; `None` is all of them.
    #[serde(default)]
    pub queues: Option<Vec<QueueId>>,
}

impl Advisor {
    /// Their level in `skill`, 0 where they do not have it.
    pub fn level(&self, skill: &Skill) -> u8 {
        self.skills.iter().find(|(name, _)| name == skill).map_or(0, |(_, level)| *level)
    }

    /// Whether they serve `queue`.
    pub fn serves(&self, queue: &QueueId) -> bool {
        self.queues.as_ref().is_none_or(|queues| queues.contains(queue))
    }
}

/// What a person has set for themselves. Only `Available`, together with a live connection, gets offers:
/// an allowlist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Presence {
    /// Takes conversations.
    Available,
    /// At their desk, takes none.
    Away,
    /// Gone.
    Offline,
}

/// What an advisor carries, in points, and whether they are there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Points of conversations they have.
    pub held: u16,
    /// Points kept for offers that are open.
    pub reserved: u16,
    /// Points they can hold.
    pub capacity: u16,
    /// What they have set.
    pub status: Presence,
    /// Whether a connection of theirs is open.
    pub connected: bool,
}
