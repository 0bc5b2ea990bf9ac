//! `cargo hubs` on real crates: what it writes, what it says, and that what it writes is TypeScript that works.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers too")]

mod check;
mod errors;
mod generate;
mod project;
mod typescript;
