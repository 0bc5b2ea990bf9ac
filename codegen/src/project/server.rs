//! The program that serves the hubs of a contract.

use std::{
    path::{Path, PathBuf},
    process::Command,
};

use cargo_metadata::{Metadata, Package};

use super::workspace::{Subject, Workspace};
use crate::error::Error;

/// The server of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// Its package.
    pub package: String,
    /// Its binary.
    pub bin: String,
    /// The folder of the workspace, where cargo is run.
    pub workspace: PathBuf,
    /// Where cargo builds.
    target: PathBuf,
    /// Its folder, where it runs.
    folder: PathBuf,
}

impl Server {
    /// The command that runs it, once it is built: in the folder of its package, as `cargo test` runs tests.
    pub fn run(&self) -> Command {
        let program = format!("{}{}", self.bin, std::env::consts::EXE_SUFFIX);
        let mut command = Command::new(self.target.join("debug").join(program));
        command.current_dir(&self.folder);
        command
    }
}

impl Workspace {
    /// The package of this name; without a name, the one with a binary that is a subject or depends on one.
    ///
    /// # Errors
    /// No such package, or more than one.
    pub fn server(&self, subjects: &[Subject<'_>], name: Option<&str>) -> Result<Server, Error> {
        let metadata = self.metadata();
        let members = metadata.workspace_packages();
        let with_binary = members.iter().filter(|package| !binaries(package).is_empty());
        let fits = |package: &Package| match name {
            Some(name) => package.name.as_str() == name,
            None => subjects.iter().any(|subject| uses(package, subject.package)),
        };
        let found: Vec<&Package> = with_binary.copied().filter(|package| fits(package)).collect();
        let names = || found.iter().map(|package| format!("`{}`", package.name)).collect::<Vec<_>>().join(", ");
        match (found.as_slice(), name) {
            ([package], _) => server(metadata, package),
            ([], Some(name)) => Err(Error::NoServer { problem: format!("there is no `{name}` with a binary") }),
            ([], None) => Err(Error::NoServer { problem: "no package with a binary uses the hubs".to_owned() }),
            _ => Err(Error::NoServer { problem: format!("there are {}", names()) }),
        }
    }
}

fn server(metadata: &Metadata, package: &Package) -> Result<Server, Error> {
    let bins = binaries(package);
    let bin = match (package.default_run.as_deref(), bins.as_slice()) {
        (Some(bin), _) => bin.to_owned(),
        (None, [bin]) => (*bin).to_owned(),
        _ => {
            let problem = format!("`{}` has more than one binary; give it a `default-run`", package.name);
            return Err(Error::NoServer { problem });
        }
    };
    let manifest = package.manifest_path.as_std_path();
    Ok(Server {
        package: package.name.to_string(),
        bin,
        workspace: metadata.workspace_root.as_std_path().to_owned(),
        target: metadata.target_directory.as_std_path().to_owned(),
        folder: manifest.parent().map_or_else(PathBuf::new, Path::to_owned),
    })
}

fn binaries(package: &Package) -> Vec<&str> {
    package.targets.iter().filter(|target| target.is_bin()).map(|target| target.name.as_str()).collect()
}

/// Whether `package` is `subject`, or needs it to run.
fn uses(package: &Package, subject: &Package) -> bool {
    let needs = |dependency: &cargo_metadata::Dependency| {
        dependency.name == subject.name.as_str() && dependency.kind == cargo_metadata::DependencyKind::Normal
    };
    package.id == subject.id || package.dependencies.iter().any(needs)
}
