//! HTTP as the endpoint needs it: reading requests and their queries, and writing answers. Must not
//! know hubs or sessions.

pub(super) mod answer;
pub(super) mod query;
pub(super) mod request;
