//! The contract document of a package as it is on disk, or as it was at a git revision.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use hubs::contract::Contract;

use super::Subject;
use crate::{
    document::{self, Origin, read},
    error::Error,
    paths::relative,
};

/// The document of a package: from a file, as it was at a git revision, or as it is on disk. `None` if the revision is
/// older than the document.
///
/// # Errors
/// `place` is neither a file nor a revision, or the document cannot be read.
pub fn blessed(subject: &Subject<'_>, place: Option<&str>) -> Result<Option<Contract>, Error> {
    match place {
        None if !subject.config.contract.exists() => Err(Error::NoDocument(relative(&subject.config.contract))),
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
        let place = format!("{revision}:{}", relative(path).display());
        return document::parse(&String::from_utf8_lossy(&shown.stdout), &Origin::Document(place)).map(Some);
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
