//! What goes wrong on the way from a crate to its generated files. Every error says what to do next.

use std::path::PathBuf;

use crate::{emit::EmitErrors, paths::relative};

/// Why generating or checking was not possible.
///
/// What it displays is the error alone; [`Error::help`] is what to do about it, and [`Error::output`] is what cargo, git
/// or the compiled program said.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Cargo cannot read the workspace.
    #[error("cargo cannot read the workspace")]
    Metadata {
        /// What cargo said.
        output: String,
    },
    /// There is nothing to look at.
    #[error("no package chosen")]
    NoPackage {
        /// Packages that use hubs.
        candidates: Vec<String>,
    },
    /// No package has that name.
    #[error("no package `{name}` in this workspace")]
    UnknownPackage {
        /// The name asked for.
        name: String,
        /// The names there are.
        known: String,
    },
    /// The package cannot have a hub.
    #[error("`{package}` does not depend on hubs-runtime, so it has no hub")]
    NoHubs {
        /// The package.
        package: String,
    },
    /// `[package.metadata.hubs]` is not what it should be.
    #[error("{}: [package.metadata.hubs]: {problem}", .manifest.display())]
    Config {
        /// The Cargo.toml.
        manifest: PathBuf,
        /// What is wrong.
        problem: String,
        /// What to do about it.
        help: String,
    },
    /// Two files would be written to one place.
    #[error("{first} and {second} are one place: {}", .path.display())]
    SamePlace {
        /// One package and its key.
        first: String,
        /// The other.
        second: String,
        /// Where.
        path: PathBuf,
    },
    /// The package has no such feature.
    #[error("`{package}` has no feature `{feature}`")]
    NoFeature {
        /// The package.
        package: String,
        /// The feature asked for.
        feature: String,
        /// The features there are.
        known: Vec<String>,
    },
    /// A package with neither a library nor a binary that cargo hubs can choose.
    #[error("`{package}` has no library and {problem}")]
    NoBinary {
        /// The package.
        package: String,
        /// None, or too many.
        problem: String,
    },
    /// The user's code does not compile.
    #[error("`{package}` does not compile, so its contract cannot be read")]
    Compile {
        /// The package.
        package: String,
        /// What the compiler said.
        output: String,
    },
    /// Cargo does not come to compiling.
    #[error("cargo cannot build `{package}`")]
    Build {
        /// The package.
        package: String,
        /// What cargo said.
        output: String,
    },
    /// The program does not answer when it is asked for its contract.
    #[error("`{package}` has no library, and its program `{bin}` does not give its contract")]
    NoExport {
        /// The package.
        package: String,
        /// The binary.
        bin: String,
        /// Where its `main` is.
        source_file: PathBuf,
    },
    /// The program that links the package ended without an answer.
    #[error("the contract of `{package}` could not be read ({status})")]
    Silent {
        /// The package.
        package: String,
        /// What the program said.
        output: String,
        /// How it ended.
        status: String,
    },
    /// The compiled code has a contract that cannot be written.
    #[error("{0}")]
    Contract(String),
    /// The library wrote what this program does not read, or the other way round.
    #[error("{origin} has contract format {found}, and cargo hubs {} reads format {known}", env!("CARGO_PKG_VERSION"))]
    Format {
        /// Who wrote the document.
        origin: String,
        /// What the document says.
        found: u64,
        /// What we read.
        known: u32,
        /// How the older of the two becomes newer.
        update: String,
    },
    /// Git does not have the document.
    #[error("`{revision}` is neither a file nor a git revision")]
    Revision {
        /// What was asked for.
        revision: String,
        /// What git said.
        output: String,
    },
    /// A package has no contract document on disk.
    #[error("there is no {} yet", .0.display())]
    NoDocument(PathBuf),
    /// No error has that code.
    #[error("there is no error `{0}`")]
    NoCode(String),
    /// The contract has something that TypeScript cannot say.
    #[error(transparent)]
    Emit(#[from] EmitErrors),
    /// There is no page to serve.
    #[error("there is no `package.json` in the folder of the TypeScript or above it")]
    NoPage,
    /// There is no server to run, or more than one.
    #[error("cannot choose the package with the server: {problem}")]
    NoServer {
        /// None, or too many.
        problem: String,
    },
    /// A new project would be where something is already.
    #[error("{} exists already", .0.display())]
    Exists(PathBuf),
    /// A new project cannot have that name.
    #[error("`{name}` cannot be the name of a project: {problem}")]
    Name {
        /// The name asked for.
        name: String,
        /// What cargo says about it.
        problem: String,
    },
    /// The page cannot be built or served here.
    #[error("{problem}")]
    Node {
        /// What is missing, or too old.
        problem: String,
    },
    /// A file in the way was not written by this tool.
    #[error("{} is in the way: cargo hubs did not write it", .0.display())]
    NotOurs(PathBuf),
    /// The disk.
    #[error("cannot {what} {}: {source}", .path.display())]
    Io {
        /// What we tried.
        what: &'static str,
        /// With what.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A call to a hub that runs somewhere failed.
    #[error("{problem}")]
    Call {
        /// What went wrong.
        problem: String,
        /// What to do about it.
        help: String,
    },
    /// A document or manifest that cannot be read.
    #[error("cannot understand {}: {problem}", .path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why not.
        problem: String,
    },
}

impl Error {
    /// A name for programs; it stays the same from version to version.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Metadata { .. } => "workspace",
            Self::NoPackage { .. } | Self::UnknownPackage { .. } => "package",
            Self::NoHubs { .. } => "no-hubs",
            Self::NoFeature { .. } => "feature",
            Self::Config { .. } | Self::SamePlace { .. } | Self::NoBinary { .. } => "configuration",
            Self::Compile { .. } => "compile",
            Self::Build { .. } => "build",
            Self::NoExport { .. } | Self::Silent { .. } => "no-answer",
            Self::Contract(_) | Self::Emit(_) => "contract",
            Self::Format { .. } => "format",
            Self::Revision { .. } => "revision",
            Self::NoDocument(_) => "no-document",
            Self::NoCode(_) => "code",
            Self::NotOurs(_) | Self::Exists(_) => "in-the-way",
            Self::NoPage | Self::NoServer { .. } => "project",
            Self::Name { .. } => "name",
            Self::Node { .. } => "node",
            Self::Call { .. } => "call",
            Self::Io { .. } => "io",
            Self::Unreadable { .. } => "unreadable",
        }
    }

    /// What cargo, git or the compiled program said.
    pub fn output(&self) -> Option<&str> {
        match self {
            Self::Metadata { output }
            | Self::Compile { output, .. }
            | Self::Build { output, .. }
            | Self::Silent { output, .. }
            | Self::Revision { output, .. } => Some(output.trim_end()).filter(|output| !output.is_empty()),
            _ => None,
        }
    }

    /// What to do next, if the error does not say it itself.
    pub fn help(&self) -> Option<String> {
        let help = match self {
            Self::Metadata { .. } => "cargo says above what it wants".to_owned(),
            Self::NoPackage { candidates } => no_package(candidates),
            Self::UnknownPackage { known, .. } => format!("there is {known}"),
            Self::NoHubs { package } => format!("run `cargo add hubs-runtime --package {package}`"),
            Self::Config { help, .. } | Self::Call { help, .. } => help.clone(),
            Self::SamePlace { .. } => "give each a place of its own in [package.metadata.hubs]".to_owned(),
            Self::NoFeature { known, .. } if known.is_empty() => "it has none".to_owned(),
            Self::NoFeature { known, .. } => format!("it has `{}`", known.join("`, `")),
            Self::NoBinary { .. } => {
                "say which binary has the hubs: `bin = \"name\"` in [package.metadata.hubs]".to_owned()
            }
            Self::Compile { .. } => "fix the compiler errors above, then run this again".to_owned(),
            Self::Build { .. } => "cargo says above what it could not do".to_owned(),
            Self::NoExport { source_file, .. } => format!(
                "make `hubs::export_contract_if_requested();` the first line of `main` in {}, or move the hubs to a library",
                source_file.display()
            ),
            Self::Format { update, .. } => update.clone(),
            Self::Revision { .. } => {
                "name a contract document, or a revision such as `origin/main`; if git does not know that one, it was \
                 not fetched"
                    .to_owned()
            }
            Self::NoDocument(_) => "run `cargo hubs generate`".to_owned(),
            Self::NoCode(_) => "`cargo hubs explain` lists them all".to_owned(),
            Self::NotOurs(_) => {
                "move it, or generate into another place, with [package.metadata.hubs] or `--to`".to_owned()
            }
            Self::NoPage => "name the page's folder with `--page`".to_owned(),
            Self::NoServer { .. } => "name it with `--server`".to_owned(),
            Self::Exists(_) => "choose another name, or remove it".to_owned(),
            Self::Name { .. } => "choose another name; it is that of the folder and of the package".to_owned(),
            Self::Node { .. } => {
                "install Node 20.19 or newer, with npm (https://nodejs.org), then run this again".to_owned()
            }
            Self::Contract(text) => return explained(text),
            Self::Emit(errors) => return explained(&errors.to_string()),
            Self::Silent { .. } | Self::Io { .. } | Self::Unreadable { .. } => return None,
        };
        Some(help)
    }

    /// Everything in one text, for where there are no colours and no second stream.
    pub fn whole(&self) -> String {
        let output = self.output().map(|output| format!("{output}\n")).unwrap_or_default();
        let help = self.help().map(|help| format!("\nhelp: {help}")).unwrap_or_default();
        format!("{output}{self}{help}")
    }

    /// For `map_err`.
    pub(crate) fn io(what: &'static str, path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { what, path: if path.is_absolute() { relative(&path) } else { path }, source }
    }
}

fn no_package(candidates: &[String]) -> String {
    let mark = "write `[package.metadata.hubs]` into the Cargo.toml of every contract crate";
    match candidates {
        [] => format!("name one with `-p`, or {mark}"),
        some => {
            let some: Vec<_> = some.iter().map(|name| format!("`-p {name}`")).collect();
            format!("name one ({}), or {mark}", some.join(", "))
        }
    }
}

/// Where there is more about the first error with a code.
fn explained(text: &str) -> Option<String> {
    let code = text.split("HUB").skip(1).find_map(|rest| rest.get(..3).filter(|code| code.parse::<u16>().is_ok()))?;
    Some(format!("`cargo hubs explain HUB{code}` says more"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_kind_is_in_the_manual() {
        let page = std::fs::read_to_string("../docs/cargo-hubs.md").unwrap();
        let source = include_str!("error.rs");
        let kinds = source.split("fn kind(").nth(1).and_then(|rest| rest.split("    }\n").next()).unwrap();
        let kinds: Vec<_> = kinds.split('"').skip(1).step_by(2).collect();
        assert!(kinds.len() > 10, "{kinds:?}");
        for kind in kinds {
            assert!(page.contains(&format!("`{kind}`")), "docs/cargo-hubs.md does not name the kind {kind}");
        }
    }
}
