//! Reads hub contracts and writes typed clients.
