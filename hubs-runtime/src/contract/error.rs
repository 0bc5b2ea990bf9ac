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
    /// JSON Schema and TypeScript do not agree on the name of a type.
    #[error(
        "HUB102: {typescript} in TypeScript, {schema} in JSON Schema, and neither is known to the other side; pin one \
         name for both, best by `#[hub_type]`"
    )]
    NoPartner {
        /// TypeScript names and Rust paths without a schema.
        typescript: String,
        /// Names of schemas without TypeScript.
        schema: String,
    },
    /// A type has a JSON Schema that refers to itself and no name in TypeScript.
    #[error("HUB102: the type `{name}` refers to itself and has no name in TypeScript; put `#[hub_type]` on it")]
    NoTypeScript {
        /// Name of the schema.
        name: String,
    },
    /// One declaration of a generic type cannot be true for all that it is used with.
    #[error(
        "HUB103: `{name}` ({rust_path}) {problem}, which one declaration with parameters cannot say in TypeScript; \
         write a type of its own for each"
    )]
    Generic {
        /// Name of the type.
        name: String,
        /// Its path in Rust.
        rust_path: String,
        /// What is wrong.
        problem: &'static str,
    },
    /// The name of what pages send is taken.
    #[error(
        "HUB104: pages send `{name}` ({rust_path}) with other fields than they receive it, which makes `{name}Input` \
         in TypeScript, and another type has that name (`{other}`); rename one of them"
    )]
    InputName {
        /// Name of the type.
        name: String,
        /// Its path in Rust.
        rust_path: String,
        /// Rust path of the type that has the name.
        other: String,
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
