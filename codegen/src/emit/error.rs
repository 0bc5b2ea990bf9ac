//! What in a contract cannot be written in the language asked for. Every message names the Rust item and the way out.

/// One thing that cannot be emitted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EmitError {
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
    /// A declaration that is code, not only a type.
    #[error(
        "HUB113: `{rust_path}` asks for a TypeScript `enum`, which is code and not only a type; take `#[ts(repr(..))]` \
         away, so that it becomes a union of strings"
    )]
    NotErasable {
        /// Path of the type in Rust.
        rust_path: String,
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
         greater, make it a `String`"
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
