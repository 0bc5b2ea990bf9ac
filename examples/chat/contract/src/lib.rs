//! The contract of the chat example.
