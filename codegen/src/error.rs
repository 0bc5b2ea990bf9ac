//! What goes wrong on the way from a crate to its generated files. Every message says what to do next.

use std::path::PathBuf;

use crate::emit::EmitErrors;

/// Why generating or checking was not possible.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Cargo cannot read the workspace.
    #[error("{0}\n`cargo metadata` failed; mend what it says first")]
    Metadata(String),
    /// There is nothing to look at.
    #[error(
        "no package chosen; name one with `-p`{candidates}, or write `[package.metadata.hubs]` into the Cargo.toml of \
         every contract crate"
    )]
    NoPackage {
        /// Packages that use hubs, as a part of a sentence.
        candidates: String,
    },
    /// No package has that name.
    #[error("no package `{name}` in this workspace; there are {known}")]
    UnknownPackage {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The package cannot have a hub.
    #[error("`{package}` does not depend on hubs-runtime, so it has no hub; run `cargo add hubs-runtime -p {package}`")]
    NoHubs {
        /// The package.
        package: String,
    },
    /// `[package.metadata.hubs]` is not what it should be.
    #[error(
        "{manifest}: [package.metadata.hubs]: {problem}; it may have `contract = \"contract/hubs.json\"`, \
         `typescript = \"web/src/hubs\"` (or `false`), `json-schema = \"contract/messages.schema.json\"`, \
         `asyncapi = \"contract/asyncapi.json\"` and, for a package with several binaries, `bin = \"name\"`"
    )]
    Config {
        /// The Cargo.toml.
        manifest: PathBuf,
        /// What is wrong.
        problem: String,
    },
    /// Two packages would write to one place.
    #[error("`{first}` and `{second}` both generate into {path}; change one of them in [package.metadata.hubs]")]
    SamePlace {
        /// One package.
        first: String,
        /// The other.
        second: String,
        /// Where.
        path: PathBuf,
    },
    /// A package with neither a library nor a binary that cargo hubs can choose.
    #[error(
        "`{package}` has no library and {problem}; say which binary has the hubs: `bin = \"name\"` in [package.metadata.hubs]"
    )]
    NoBinary {
        /// The package.
        package: String,
        /// None, or too many.
        problem: String,
    },
    /// The user's code does not compile.
    #[error(
        "{output}`{package}` does not compile, so its contract cannot be read; mend the errors above and run this again"
    )]
    Compile {
        /// The package.
        package: String,
        /// What cargo said, if it was not shown already.
        output: String,
    },
    /// The program does not answer when it is asked for its contract.
    #[error(
        "`{package}` has no library, and its program `{bin}` does not give its contract; make \
         `hubs::export_contract_if_asked();` the first line of `main` in {source_file}"
    )]
    NoExport {
        /// The package.
        package: String,
        /// The binary.
        bin: String,
        /// Where its `main` is.
        source_file: PathBuf,
    },
    /// The compiled code has a contract that cannot be written.
    #[error("{0}")]
    Contract(String),
    /// The library wrote what this program does not read.
    #[error("{place} writes contract format {found}, and this cargo hubs reads format {known}; update {update}")]
    Format {
        /// Who wrote the document.
        place: String,
        /// What the document says.
        found: u64,
        /// What we read.
        known: u32,
        /// Which of the two is too old.
        update: &'static str,
    },
    /// Git does not have the document.
    #[error(
        "`{revision}` is no file, and git does not have {path} at a revision of that name; name a contract document, \
         or a revision such as `origin/main`\n{said}"
    )]
    Revision {
        /// What was asked for.
        revision: String,
        /// The document.
        path: PathBuf,
        /// What git said.
        said: String,
    },
    /// No error has that code.
    #[error("there is no error `{0}`; `cargo hubs explain` lists them all")]
    NoCode(String),
    /// The contract has something that TypeScript cannot say.
    #[error(transparent)]
    Emit(#[from] EmitErrors),
    /// A file in the way was written by somebody else.
    #[error(
        "{0} is in the way: cargo hubs did not write it; move it, or generate somewhere else with \
         `typescript = \"..\"` in [package.metadata.hubs]"
    )]
    NotOurs(PathBuf),
    /// The disk.
    #[error("cannot {what} {path}: {source}")]
    Io {
        /// What we tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A document or manifest that cannot be read.
    #[error("cannot understand {path}: {problem}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
}

impl Error {
    /// For `map_err`.
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path, source }
    }
}
