//! The durable, append-only log of events and its look-ups; the only room that touches disk.
