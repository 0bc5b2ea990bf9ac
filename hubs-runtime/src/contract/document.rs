//! The contract of a package as a plain document: the one model that everything generated is made from. Sorted, with
//! nothing in it that depends on the machine or the day. Must not know Rust types.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Shape;

/// The `format` of documents that this version writes and reads.
pub const FORMAT: u32 = 2;

/// All hubs of a package and all types they name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contract {
    /// Which rules the document follows: [`FORMAT`].
    pub format: u32,
    /// The package whose hubs these are.
    pub package: String,
    /// The features that the package was compiled with, beside its default ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub features: Vec<String>,
    /// Whether the server speaks MessagePack in .NET's form (`HubOptions::dotnet_messagepack`), which TypeScript's types do
    /// not describe: pages speak JSON then.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dotnet_messagepack: bool,
    /// The hubs, by name.
    pub hubs: Vec<HubContract>,
    /// The named types. The key is the name of the JSON Schema; a generic type has one entry for each instance.
    pub types: BTreeMap<String, TypeDef>,
}

/// What clients may call on one hub, and what the hub may call on them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct HubContract {
    /// Name of the trait.
    pub name: String,
    /// Path of the trait in Rust, for messages to people.
    pub rust_path: String,
    /// Doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of `#[deprecated]`, empty when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Who may connect; `None` for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<Authorization>,
    /// What clients may call, in the order of the trait.
    pub methods: Vec<Method>,
    /// What the hub may call on its clients; `None` for a hub without a client interface.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<ClientContract>,
}

/// What a hub may call on its clients.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct ClientContract {
    /// Name of the trait.
    pub name: String,
    /// Path of the trait in Rust, for messages to people.
    pub rust_path: String,
    /// Doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of `#[deprecated]`, empty when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// What the hub may call, in the order of the trait.
    pub methods: Vec<Method>,
    /// What members of a group show of themselves; `None` if members are not shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub presence: Option<TypeRef>,
}

/// One method of an interface.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Method {
    /// Name on the wire.
    pub name: String,
    /// Name in Rust.
    pub rust_name: String,
    /// Doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The note of `#[deprecated]`, empty when it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deprecated: Option<String>,
    /// Whether a caller may cancel a call, other than a stream, before it has answered.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub cancellable: bool,
    /// Who may call it, besides what the hub requires; `None` for everyone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub authorize: Option<Authorization>,
    /// Whether a client that comes back can read the method's stream on.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub resumable: bool,
    /// Whether a client calls again, with the same key, that does not know whether a call ran.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub idempotent: bool,
    /// How often one connection may call it; `None` for as often as it likes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Rate>,
    /// What becomes of a call to a client that does not keep up; `None` if it must arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slow_readers: Option<SlowReaders>,
    /// Whether a call to a group or user is kept in its log, so that a client that comes back gets it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub durable: bool,
    /// The parameters, in order.
    pub params: Vec<Param>,
    /// What comes back.
    pub output: Output,
    /// The errors that the method names: a failed call may carry one as JSON, in the header `error-data` of its
    /// completion. `None` for a method that fails with text alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<TypeRef>,
}

/// What a caller needs: a user, and all of this.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Authorization {
    /// One role of each list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<Vec<String>>,
    /// Policies of the server, by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub policies: Vec<String>,
}

/// So many calls in so many seconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rate {
    /// How many calls.
    pub calls: u32,
    /// In how many seconds.
    pub seconds: u32,
}

/// What becomes of calls to a client that does not keep up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SlowReaders {
    /// A newer call takes the place of one that waits.
    Latest,
    /// A newer call takes the place of one that waits and has the same value of this parameter, or of a field of it.
    Coalesce(String),
    /// The oldest calls that wait are dropped.
    DropOldest,
    /// At most one call in so many milliseconds, the newest.
    EveryMs(u64),
}

/// One parameter of a method.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Param {
    /// Name in Rust.
    pub name: String,
    /// One value, or a stream of them.
    pub flow: ContractFlow,
    /// The type of the value, or of each item.
    #[serde(rename = "type")]
    pub ty: TypeRef,
}

/// What a method returns.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Output {
    /// Nothing, one value, or a stream of them.
    pub flow: ContractFlow,
    /// The type of the value, or of each item; `None` where nothing comes back.
    #[serde(rename = "type", default, skip_serializing_if = "Option::is_none")]
    pub ty: Option<TypeRef>,
}

/// How values pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ContractFlow {
    /// Nothing passes; for outputs only.
    None,
    /// One value.
    Value,
    /// One value after the other.
    Stream,
}

/// A type where it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TypeRef {
    /// JSON Schema: the type itself, or a reference to `#/types/Name`.
    pub schema: Value,
    /// The names it is written with; `None` where the schema says all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
}

/// A named type.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TypeDef {
    /// Name of the type. Instances of one generic type share it.
    pub name: String,
    /// Path of the type in Rust, for messages to people.
    pub rust_path: String,
    /// Doc comment.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub docs: String,
    /// The type's parameters, by the names that its shape has for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub params: Vec<String>,
    /// Names, parameters and order of what it is made of; `None` where nothing is known of them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shape: Option<Shape>,
    /// JSON Schema of what the server reads; `None` for another name of a type, such as that of a transparent wrapper,
    /// which is what its shape says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub input: Option<Value>,
    /// JSON Schema of what the server writes; `None` if it is the same.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub output: Option<Value>,
}

impl TypeDef {
    /// JSON Schema of the type in one direction.
    pub fn schema(&self, direction: super::Direction) -> Option<&Value> {
        match direction {
            super::Direction::Input => self.input.as_ref(),
            super::Direction::Output => self.output.as_ref().or(self.input.as_ref()),
        }
    }
}

impl Contract {
    /// The JSON Schema of the document itself.
    pub fn schema() -> Value {
        super::schemas::sorted(schemars::schema_for!(Contract).to_value())
    }

    /// The document as it is kept in a file: indented JSON, one newline at the end.
    ///
    /// # Errors
    /// Never for a document made here; an error of serde otherwise.
    pub fn to_json(&self) -> Result<String, serde_json::Error> {
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        Ok(text)
    }

    /// The named type that a `$ref` means: its key in [`types`](Self::types), and what it is.
    pub fn definition(&self, reference: &str) -> Option<(&str, &TypeDef)> {
        let name = super::schemas::referred(reference)?;
        self.types.get_key_value(&name).map(|(name, def)| (name.as_str(), def))
    }
}
