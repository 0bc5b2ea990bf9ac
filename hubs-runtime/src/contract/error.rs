//! Why no contract document can be made of the compiled hubs. Every variant names the Rust items and says what to do.

/// Why no contract document can be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ContractError {
    /// Two hubs, or two client interfaces, have one name.
    #[error("HUB100: two interfaces are named `{name}`: `{first}` and `{second}`; rename one of them")]
    TwoInterfaces {
        /// The name.
        name: String,
        /// Rust path of one.
        first: String,
        /// Rust path of the other.
        second: String,
    },
    /// Two types have one name.
    #[error(
        "HUB101: two types are named `{name}`: `{first}` and `{second}`; rename one of them, in Rust or for the wire \
         only with `#[ts(rename = \"..\")]` and `#[schemars(rename = \"..\")]`"
    )]
    TwoTypes {
        /// The name.
        name: String,
        /// Rust path of one.
        first: String,
        /// Rust path of the other.
        second: String,
    },
    /// A type has a JSON Schema that refers to itself and no name.
    #[error("HUB102: the type `{name}` refers to itself and has no name; put `#[hub_type]` on it")]
    NoName {
        /// Name of the schema.
        name: String,
    },
    /// Keys that serde cannot read where they are.
    #[error(
        "HUB105: `{field}` ({rust_path}) has numbers as keys, inside of a type with a tag, without one, or with \
         flattened fields, where serde takes every key for text and fails; make the keys `String`, or move the map out"
    )]
    NumberKeys {
        /// Path of the field.
        field: String,
        /// Path of its type in Rust.
        rust_path: String,
    },
    /// Keys that JSON has no text for.
    #[error(
        "HUB106: `{field}` ({rust_path}) is a map with {what} as keys, and JSON has texts as keys only, so that serde fails \
         at every entry; take a list of pairs, or make the keys `String`"
    )]
    Keys {
        /// Path of the field.
        field: String,
        /// Path of its type in Rust.
        rust_path: String,
        /// What the keys are.
        what: &'static str,
    },
    /// A value that is to be written among the fields of an object and is none.
    #[error(
        "HUB107: `{field}` ({rust_path}) is {what}, which has no fields that {how} could stand among, so that serde fails \
         at every value; put it into a field of its own"
    )]
    NoObject {
        /// Path of the field or variant.
        field: String,
        /// Path of its type in Rust.
        rust_path: String,
        /// What the value is.
        what: String,
        /// What asks for an object.
        how: &'static str,
    },
    /// A declaration that is code in TypeScript, not only a type.
    #[error(
        "HUB113: `{rust_path}` asks for a TypeScript `enum`, which is code and not only a type; remove \
         `#[ts(repr(..))]`, so that it becomes a union of strings"
    )]
    NotErasable {
        /// Path of the type in Rust.
        rust_path: String,
    },
    /// A package registered no hub.
    #[error(
        "no hub found in package `{package}`{others}; put `#[hub]` on a trait, and make sure its module is compiled in"
    )]
    NoHub {
        /// The package asked for.
        package: String,
        /// Packages that do have hubs, as the end of a sentence.
        others: String,
    },
    /// More than one thing is wrong.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Several(Vec<ContractError>),
}

impl ContractError {
    /// No error, the one error, or all of them.
    pub(super) fn check(mut errors: Vec<Self>) -> Result<(), Self> {
        match errors.len() {
            0 => Ok(()),
            1 => Err(errors.remove(0)),
            _ => Err(Self::Several(errors)),
        }
    }
}
