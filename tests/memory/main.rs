//! What hubs promise, seen through typed clients over the in-memory transport with paused time.

mod authorization;
mod backpressure;
mod bursts;
mod calls;
mod client_results;
mod context;
mod counters;
mod durable_feed;
mod expiry;
mod feed;
mod filters;
mod groups;
mod hub;
mod lifecycle;
mod names;
mod nodes;
mod panics;
mod recording;
mod runtimes;
mod slow_readers;
mod streams;
mod typed_errors;
mod validation;
mod waiting_policies;
