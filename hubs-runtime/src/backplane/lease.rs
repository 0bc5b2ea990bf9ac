//! What is held by one node at a time.

/// Who holds a lease.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lease {
    /// This node, for the term that it asked for.
    Acquired,
    /// The node of this name, for a time.
    Held(String),
}
