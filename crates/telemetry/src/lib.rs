//! The closed set of metrics and log lines, derived from events.
