//! The dispatcher's own limits (law 7); those that others name too are in [`conversation::limits`].

/// Different sets of requirements (queue, language, skills, weight) that have ever waited; more:
/// [`crate::Full::Lines`].
pub const LINES: usize = 16_384;
/// Steps of one queue; more: the policy is refused.
pub const STEPS: usize = 8;
/// Advisors whose terms are computed for one decision. Where more are eligible, the least loaded of a [`SAMPLE`] are:
/// with so many choices the best of a sample is as good as the best of all (M. Mitzenmacher, 'The power of two choices
/// in randomized load balancing', IEEE TPDS 12(10), 2001).
pub const SHORTLIST: usize = 16;
/// Advisors with the skills among whom the least loaded are looked for, beginning somewhere else each time; where too
/// few of them are free, so many more.
pub const SAMPLE: usize = 64;
/// Queues of one policy; more: the policy is refused.
pub const QUEUES: usize = 1_024;
/// Advisors that one conversation avoids for a while; more: the oldest is forgotten.
pub const AVOIDED: usize = 16;
