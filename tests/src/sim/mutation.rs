//! Laws broken on purpose, outside the router, to show that the simulation sees it.

/// One way to break a promise.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mutation {
    /// What is decided is shown before it is synced.
    ShownBeforeSync,
    /// A resent frame arrives under another `cid`.
    NoDedupe,
    /// The dispatcher believes that everybody has one seat more.
    SeatTooMany,
    /// The bot speaks right after a human has claimed.
    BotTalksOn,
    /// A declined conversation leaves its line.
    NotRequeued,
    /// An event does not reach the log.
    EventLost,
    /// A restart forgets the end of the log.
    LogCut,
    /// A customer's frames come in another order.
    Reordered,
    /// A resume leaves something out.
    ResumeHole,
    /// Whoever is away gets offers.
    AwayIsAsked,
    /// No timer fires.
    NoTime,
    /// A customer's frame is never answered.
    NoAnswer,
    /// A seat is free as soon as it is taken.
    SeatFreed,
    /// Customers without a connection are given up in half the time.
    Impatient,
    /// The router is not told that a queue is gone.
    QueueForgotten,
}

impl Mutation {
    /// Every one.
    pub const ALL: [Mutation; 15] = [
        Mutation::ShownBeforeSync,
        Mutation::NoDedupe,
        Mutation::SeatTooMany,
        Mutation::BotTalksOn,
        Mutation::NotRequeued,
        Mutation::EventLost,
        Mutation::LogCut,
        Mutation::Reordered,
        Mutation::ResumeHole,
        Mutation::AwayIsAsked,
        Mutation::NoTime,
        Mutation::NoAnswer,
        Mutation::SeatFreed,
        Mutation::Impatient,
        Mutation::QueueForgotten,
    ];
}
