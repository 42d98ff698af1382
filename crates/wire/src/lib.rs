//! relais.v1 as types: the frames, their errors and codes, and the sans-IO session. The only types that peers see.
//!
//! Core: bytes in, values out. Suggested reading order: [`frame`] (what is said), [`decode`] (how a broken frame is
//! answered), [`view`] (what of an event each side may see), [`error`] and [`close`] (every code),
//! [`sentence`] (reasons in words), [`session`] (handshake, heartbeat, rates), [`schema`] (the published documents).

pub mod close;
pub mod decode;
pub mod error;
pub mod frame;
pub mod schema;
pub mod sentence;
pub mod session;
pub mod view;

pub use close::Close;
pub use decode::{BadFrame, advisor_frame, customer_frame};
pub use error::ErrorCode;
pub use frame::{AdvisorFrame, CustomerFrame, ServerFrame};
