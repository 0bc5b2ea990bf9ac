//! `cargo hubs new`: a project that runs at once, from files that lie in `codegen/templates`. Must not know the command line.

mod draft;
mod project;
mod source;
mod templates;
mod tools;

pub use project::{Created, NewProject};
pub use templates::UI;
pub use tools::check_node;
