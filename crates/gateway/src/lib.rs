//! Sockets and HTTP: connections, origins, back-pressure and rate limits.
