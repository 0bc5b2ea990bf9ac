//! What in a contract cannot be written in the language asked for. Every message names the Rust item and the way out.

/// One thing that cannot be emitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
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
    /// A generic type whose parameters are not known refers to itself.
    #[error(
        "HUB103: `{name}` ({rust_path}) refers to itself where its parameters are not known, so that TypeScript has no \
         name for it; write a type of its own for each"
    )]
    NoParameters {
        /// Name of the type.
        name: String,
        /// Its path in Rust.
        rust_path: String,
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
    /// A method's name means something else in TypeScript.
    #[error(
        "HUB110: `{name}` cannot be the name of a method in TypeScript ({rust_path}), because {why}; rename the method \
         in Rust, and keep its name on the wire with `#[method(name = \"{wire}\")]` if you need it"
    )]
    ReservedMember {
        /// Name in TypeScript.
        name: String,
        /// Path of the method in Rust.
        rust_path: String,
        /// What the name means.
        why: &'static str,
        /// Name on the wire.
        wire: String,
    },
    /// Two methods have one name in TypeScript.
    #[error("HUB111: `{first}` and `{second}` are both `{name}` in TypeScript; rename one of them")]
    TwoMembers {
        /// Name in TypeScript.
        name: String,
        /// Rust path of one.
        first: String,
        /// Rust path of the other.
        second: String,
    },
    /// A type or interface has a name that the generated files use for something else.
    #[error("HUB112: `{name}` ({rust_path}) cannot be a name in the generated TypeScript, because {why}; rename it")]
    TakenName {
        /// The name.
        name: String,
        /// Its path in Rust.
        rust_path: String,
        /// Who has the name.
        why: String,
    },
    /// A stream in a client interface.
    #[error(
        "HUB115: `{rust_path}` has a stream, and no client of SignalR takes streams in calls of the server; let the \
         page call a hub method that returns the stream"
    )]
    ClientStream {
        /// Path of the method in Rust.
        rust_path: String,
    },
    /// A number of 128 bits.
    #[error(
        "HUB116: `{path}` ({rust_path}) has 128 bits, and JavaScript's numbers are exact up to 2^53 only; make it a \
         `String` of digits"
    )]
    TooWide {
        /// Path of the field.
        path: String,
        /// Path of its type or method in Rust.
        rust_path: String,
    },
}

/// Something that works less well in the language asked for than in Rust.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitWarning {
    /// More uploads than the official client can send.
    #[error(
        "HUB120: the official JavaScript client cannot call `{rust_path}`: it loses every second of neighbouring \
         stream arguments, and {streams} streams need at least {needed} values between them; put a value between \
         the streams, or make one stream of them"
    )]
    LostStreams {
        /// Path of the method in Rust.
        rust_path: String,
        /// How many streams it takes.
        streams: usize,
        /// How many values would save it.
        needed: usize,
    },
    /// A number of 64 bits.
    #[error(
        "HUB121: `{path}` ({rust_path}) has 64 bits, and JavaScript's numbers are exact up to 2^53 only; if it may be \
         greater, make it a `hubs::Text` of it"
    )]
    Wide {
        /// Path of the field.
        path: String,
        /// Path of its type or method in Rust.
        rust_path: String,
    },
}

/// All that cannot be emitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct EmitErrors(pub Vec<EmitError>);
