//! Which Rust types may cross the wire.

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};

use super::named::Named;

/// A type that may cross the hub wire: it can be written, read, and described in JSON Schema and TypeScript.
///
/// Numbers, text, lists, maps and most other types of the standard library are. Put [`#[hub_type]`](crate::hub_type) on your
/// struct or enum; do not implement this by hand.
pub trait HubType: Serialize + DeserializeOwned + JsonSchema + Named + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + JsonSchema + Named + Send + 'static> HubType for T {}
