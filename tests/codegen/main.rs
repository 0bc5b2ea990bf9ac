//! `cargo hubs` on real crates: what it writes, what it says, and that what it writes is TypeScript that works.

#![allow(clippy::unwrap_used, reason = "these are tests, their helpers too")]

mod check;
mod commands;
mod csharp;
mod disk;
mod errors;
mod generate;
mod in_cargo_test;
mod kinds;
mod manual;
mod page;
mod pipeline;
mod project;
mod sources;
mod terminal;
mod typescript;
mod usage;
