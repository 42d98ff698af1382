//! The relais binary: command line, configuration, clock, entropy, every task, shutdown.
