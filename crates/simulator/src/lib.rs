//! A day of a contact centre in simulated time, on the real dispatcher: the answers to a manager's what-if.
