//! The server of the chat example.
fn main() {}
