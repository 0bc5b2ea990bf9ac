//! Contract documents that exist already: files, and files as they were at a git revision.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use cargo_metadata::Package;
use hubs::contract::{Contract, FORMAT};

use crate::{Error, store, workspace::Subject};

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

/// The document of a package: from a file, as it was at a git revision, or as it is on disk. `None` if the revision is
/// older than the document.
///
/// # Errors
/// `place` is neither a file nor a revision, or the document cannot be read.
pub fn blessed(subject: &Subject<'_>, place: Option<&str>) -> Result<Option<Contract>, Error> {
    match place {
        None if !subject.config.contract.exists() => Err(Error::NoDocument(store::relative(&subject.config.contract))),
        None => read(&subject.config.contract).map(Some),
        Some(file) if Path::new(file).is_file() => read(Path::new(file)).map(Some),
        Some(revision) => at_revision(revision, &subject.config.contract),
    }
}

fn at_revision(revision: &str, path: &Path) -> Result<Option<Contract>, Error> {
    // The folder may be younger than the revision, but git only needs one inside the repository.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(path);
    let inside: PathBuf = path.strip_prefix(folder).unwrap_or(path).to_owned();
    let inside = inside.to_string_lossy().replace('\\', "/");
    // So that nothing that starts with a dash is taken for an option.
    let known =
        git(folder, &["rev-parse", "--quiet", "--verify", "--end-of-options", &format!("{revision}^{{tree}}")])?;
    let shown = git(folder, &["show", "--end-of-options", &format!("{revision}:./{inside}")])?;
    if shown.status.success() {
        let place = format!("{revision}:{}", store::relative(path).display());
        return parse(&String::from_utf8_lossy(&shown.stdout), &Origin::Document(place)).map(Some);
    }
    if known.status.success() {
        return Ok(None);
    }
    let output = String::from_utf8_lossy(&shown.stderr).trim().to_owned();
    Err(Error::Revision { revision: revision.to_owned(), output })
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Output, Error> {
    Command::new("git").arg("-C").arg(folder).args(arguments).output().map_err(Error::io("run", "git"))
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
