//! Contract documents that exist already: files, and files as they were at a git revision.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use hubs::contract::{Contract, FORMAT};

use crate::{Error, store, workspace::Subject};

/// Reads a contract document.
///
/// # Errors
/// There is no such file, or it is no document of a format that is known here.
pub fn read(path: &Path) -> Result<Contract, Error> {
    let text = std::fs::read_to_string(path).map_err(Error::io("read", path))?;
    parse(&text, &path.display().to_string())
}

/// The document of a package: from a file, as it was at a git revision, or as it is on disk.
///
/// # Errors
/// `place` is neither a file nor a revision that has the document.
pub fn blessed(subject: &Subject<'_>, place: Option<&str>) -> Result<Contract, Error> {
    match place {
        None => read(&subject.config.contract),
        Some(file) if Path::new(file).is_file() => read(Path::new(file)),
        Some(revision) => at_revision(revision, &subject.config.contract),
    }
}

fn at_revision(revision: &str, path: &Path) -> Result<Contract, Error> {
    let failed = |said: String| Error::Revision {
        revision: revision.to_owned(),
        path: store::relative(path),
        said: said.trim().to_owned(),
    };
    // The folder may be younger than the revision, but git only needs one inside the repository.
    let folder = path.ancestors().skip(1).find(|folder| folder.is_dir()).unwrap_or(path);
    let inside: PathBuf = path.strip_prefix(folder).unwrap_or(path).to_owned();
    let inside = inside.to_string_lossy().replace('\\', "/");
    let mut command = Command::new("git");
    // So that nothing that starts with a dash is taken for an option.
    command.arg("-C").arg(folder).args(["show", "--end-of-options", &format!("{revision}:./{inside}")]);
    let output = command.output().map_err(Error::io("run", "git"))?;
    if !output.status.success() {
        return Err(failed(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    parse(&String::from_utf8_lossy(&output.stdout), &format!("{revision}:{}", store::relative(path).display()))
}

/// Reads the text of a document; `place` is where it came from.
pub(crate) fn parse(text: &str, place: &str) -> Result<Contract, Error> {
    let problem = |problem: String| Error::Unreadable { path: place.into(), problem };
    let document: serde_json::Value = serde_json::from_str(text).map_err(|error| problem(error.to_string()))?;
    let found = document.get("format").and_then(serde_json::Value::as_u64);
    let found = found.ok_or_else(|| problem("it is no contract document: it has no `format`".to_owned()))?;
    if found != u64::from(FORMAT) {
        let update = if found > u64::from(FORMAT) { "cargo hubs" } else { "hubs-runtime" };
        return Err(Error::Format { place: place.to_owned(), found, known: FORMAT, update });
    }
    serde_json::from_value(document).map_err(|error| problem(error.to_string()))
}
