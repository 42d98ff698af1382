//! Configuration as it was written: TOML values that know their line, and problems that name it.
