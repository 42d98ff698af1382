//! One file a phase: what can be done to a conversation while it is with the bot, in a queue, offered, with an
//! advisor, or over. Each adds its own methods to [`crate::turn::Turn`]; none knows another's state.

pub(crate) mod advisor;
pub(crate) mod bot;
pub(crate) mod closed;
pub(crate) mod listening;
pub(crate) mod offered;
pub(crate) mod queue;
