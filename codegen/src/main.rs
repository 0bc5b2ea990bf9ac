//! The `cargo hubs` command.
fn main() {}
