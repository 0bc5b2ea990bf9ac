//! `cargo hubs` on real crates: what it writes, what it says, and that what it writes is TypeScript that works.

mod check;
mod errors;
mod generate;
mod project;
mod typescript;
