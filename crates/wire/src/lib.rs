//! The frames of relais.v1, their errors and codes, and the sans-IO session: what peers see.
