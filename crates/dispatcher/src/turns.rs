//! The moments at which time alone changes who may have a request.

use crate::policy::Policy;
use conversation::{AdvisorId, Millis, QueueId};

/// What they depend on.
pub(crate) struct Turns<'a> {
    pub since: Millis,
    pub weight: u16,
    /// Not to be offered before.
    pub not_before: Option<Millis>,
    /// It is meant for one advisor.
    pub only: bool,
    /// An advisor knows the customer.
    pub affinity: bool,
    pub avoided: &'a [(AdvisorId, Millis)],
}

/// Those moments.
pub(crate) fn turning_points<'a>(
    policy: &'a Policy,
    queue: &QueueId,
    of: &Turns<'a>,
) -> impl Iterator<Item = Millis> + use<'a> {
    let offers = policy.offers(queue);
    let since = of.since;
    let after = move |s: u32| since + u64::from(s) * 1_000;
    policy
        .queue(queue)
        .steps
        .iter()
        .map(move |step| after(step.after_s))
        .chain((of.weight > 1).then(|| after(policy.ageing.light_s)))
        .chain(of.only.then(|| after(offers.direct_s)))
        .chain((of.affinity && offers.affinity_s > 0).then(|| after(offers.affinity_s)))
        .chain(of.not_before)
        .chain(of.avoided.iter().map(|(_, until)| *until))
}
