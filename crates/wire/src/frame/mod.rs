//! What is said, by whom: one file a direction.

pub mod advisor;
pub mod customer;
pub mod server;

pub use advisor::AdvisorFrame;
pub use customer::CustomerFrame;
pub use server::ServerFrame;
