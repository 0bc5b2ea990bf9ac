//! Reads contract documents, and says what to do about those of another version.

use std::path::Path;

use cargo_metadata::Package;
use hubs::contract::{Contract, FORMAT};

use crate::error::Error;

/// Who wrote a document.
pub(crate) enum Origin<'a> {
    /// A file, or a file at a git revision.
    Document(String),
    /// The program that was just compiled with this hubs-runtime.
    Library(&'a Package),
}

/// Reads a contract document.
///
/// # Errors
/// There is no such file, or it is no document of a format that is known here.
pub fn read(path: &Path) -> Result<Contract, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    parse(&text, &Origin::Document(path.display().to_string()))
}

/// Reads the text of a document.
pub(crate) fn parse(text: &str, origin: &Origin<'_>) -> Result<Contract, Error> {
    let path = || match origin {
        Origin::Document(place) => place.into(),
        Origin::Library(runtime) => format!("what {} wrote", library(runtime)).into(),
    };
    let problem = |problem: String| Error::Unreadable { path: path(), problem };
    let document: serde_json::Value = serde_json::from_str(text).map_err(|error| problem(error.to_string()))?;
    let found = document.get("format").and_then(serde_json::Value::as_u64);
    let found = found.ok_or_else(|| problem("it is no contract document: it has no `format`".to_owned()))?;
    if found != u64::from(FORMAT) {
        let newer = found > u64::from(FORMAT);
        let (origin, update) = match origin {
            Origin::Document(place) => (place.clone(), document_update(newer)),
            Origin::Library(runtime) => {
                let source = runtime.source.as_ref().map(|source| source.repr.as_str());
                (library(runtime), library_update(&runtime.version.to_string(), source, newer))
            }
        };
        return Err(Error::Format { origin, found, known: FORMAT, update });
    }
    serde_json::from_value(document).map_err(|error| problem(error.to_string()))
}

fn library(runtime: &Package) -> String {
    format!("{} {}", runtime.name, runtime.version)
}

fn document_update(newer: bool) -> String {
    let help = match newer {
        true => "get a newer cargo hubs: `cargo install hubs-codegen --locked`",
        false => "make the document anew: `cargo hubs generate` in the crate that it came from",
    };
    help.to_owned()
}

/// What to type so that the library of this version and from this place fits this program. All packages of hubs have one
/// version.
fn library_update(version: &str, source: Option<&str>, newer: bool) -> String {
    let install = "get the cargo hubs of that version: `cargo install hubs-codegen --locked";
    match source {
        _ if !newer => "get a newer library: `cargo update hubs-runtime`".to_owned(),
        None => document_update(true),
        Some(source) => match source.strip_prefix("git+") {
            None => format!("{install} --version {version}`"),
            Some(git) => {
                let (url, commit) = git.split_once('#').unwrap_or((git, ""));
                let url = url.split('?').next().unwrap_or(url);
                let commit = if commit.is_empty() { String::new() } else { format!(" --rev {commit}") };
                format!("{install} --git {url}{commit}`")
            }
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_library_says_which_command_fits_it() {
        for (source, ends) in [
            (Some("registry+https://example.com/index"), "--locked --version 0.2.0`"),
            (Some("git+https://example.com/h?branch=main#1f0e3dad"), "--git https://example.com/h --rev 1f0e3dad`"),
            (None, "`cargo install hubs-codegen --locked`"),
        ] {
            let help = library_update("0.2.0", source, true);
            assert!(help.ends_with(ends), "{help}");
        }
    }
}
