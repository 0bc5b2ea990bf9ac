//! The macros of `hubs`.
