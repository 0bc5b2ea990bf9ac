//! What a JSON Schema does not say about a type: the names it is written with, its type parameters, and the order of
//! its fields. No language's syntax is in it. It is read from what ts-rs writes, which knows all three.

mod read;
mod token;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(super) use read::{declaration, ty as read};

/// A type as it is written in Rust, beside its JSON Schema.
///
/// Where the two differ, the schema is right: it is what serde reads and writes. A shape adds names, parameters and
/// order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// Text.
    String,
    /// No value at all.
    Never,
    /// One fixed value.
    Const(Value),
    /// A type of the document by its [`name`](super::TypeDef::name), or a parameter of the type in whose shape this is.
    Type {
        /// The name.
        name: String,
        /// What the type's parameters stand for.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        args: Vec<Shape>,
    },
    /// Items of one type.
    List(Box<Shape>),
    /// A fixed number of items, each with a type of its own.
    Tuple(Vec<Shape>),
    /// An object whose keys are values of a type.
    Map {
        /// The type of the keys.
        keys: Box<Shape>,
        /// The type of the values.
        values: Box<Shape>,
    },
    /// An object with these fields, in the order of Rust.
    Object(Vec<FieldShape>),
    /// One of several, in the order of Rust.
    Union(Vec<Shape>),
    /// All of several at once: an object and what is flattened into it.
    All(Vec<Shape>),
}

/// A field of an object.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FieldShape {
    /// Name on the wire.
    pub name: String,
    /// Whether it may be missing.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
    /// Its type.
    pub shape: Shape,
}

impl Shape {
    /// Whether there is anything here that a schema does not say.
    pub(super) fn says_something(&self) -> bool {
        match self {
            Self::Type { .. } | Self::Object(_) | Self::Map { .. } => true,
            Self::List(item) => item.says_something(),
            Self::Tuple(parts) | Self::Union(parts) | Self::All(parts) => parts.iter().any(Self::says_something),
            _ => false,
        }
    }

    /// The same with `Any` for every name that is not known.
    pub(super) fn only(self, known: &dyn Fn(&str) -> bool) -> Self {
        let all = |parts: Vec<Self>| parts.into_iter().map(|part| part.only(known)).collect();
        let one = |part: Box<Self>| Box::new(part.only(known));
        match self {
            Self::Type { name, .. } if !known(&name) => Self::Any,
            Self::Type { name, args } => Self::Type { name, args: all(args) },
            Self::List(item) => Self::List(one(item)),
            Self::Tuple(parts) => Self::Tuple(all(parts)),
            Self::Map { keys, values } => Self::Map { keys: one(keys), values: one(values) },
            Self::Object(fields) => {
                let fields = fields.into_iter().map(|field| FieldShape { shape: field.shape.only(known), ..field });
                Self::Object(fields.collect())
            }
            Self::Union(parts) => Self::Union(all(parts)),
            Self::All(parts) => Self::All(all(parts)),
            plain => plain,
        }
    }
}
