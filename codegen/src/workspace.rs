//! What cargo knows: which packages there are, which of them have hubs, and which hubs-runtime each of them uses.

use std::path::{Path, PathBuf};

use cargo_metadata::{Metadata, MetadataCommand, Package, PackageId, Target, TargetKind};

use crate::{Config, Error};

/// The package that has the library `hubs`.
const RUNTIME: &str = "hubs-runtime";

/// What is passed on to cargo.
#[derive(Debug, Clone, Default)]
pub struct CargoOptions {
    /// The manifest to start from; the current directory's otherwise.
    pub manifest_path: Option<PathBuf>,
    /// Whether Cargo.lock must not change.
    pub locked: bool,
    /// Whether cargo must not use the network.
    pub offline: bool,
    /// Features of the packages that are looked at.
    pub features: Vec<String>,
}

/// A workspace as cargo sees it.
#[derive(Debug)]
pub struct Workspace {
    metadata: Metadata,
    pub(crate) options: CargoOptions,
}

/// A package whose contract is wanted.
#[derive(Debug)]
pub struct Subject<'a> {
    /// The package.
    pub package: &'a Package,
    /// Where its files go.
    pub config: Config,
    /// The hubs-runtime it was resolved to.
    pub runtime: &'a Package,
    /// What the package's manifest calls hubs-runtime, if it names it itself.
    pub runtime_key: Option<String>,
}

impl Workspace {
    /// Asks cargo.
    ///
    /// # Errors
    /// Cargo finds no manifest, or cannot resolve it.
    pub fn read(options: CargoOptions) -> Result<Self, Error> {
        let mut command = MetadataCommand::new();
        if let Some(path) = &options.manifest_path {
            command.manifest_path(path);
        }
        let flags = [("--locked", options.locked), ("--offline", options.offline)];
        command
            .other_options(flags.iter().filter(|(_, on)| *on).map(|(flag, _)| (*flag).to_owned()).collect::<Vec<_>>());
        let metadata = command.exec().map_err(|error| match error {
            cargo_metadata::Error::CargoMetadata { stderr } => Error::Metadata(stderr.trim().to_owned()),
            other => Error::Metadata(other.to_string()),
        })?;
        Ok(Self { metadata, options })
    }

    /// Folder of the workspace.
    pub fn root(&self) -> &Path {
        self.metadata.workspace_root.as_std_path()
    }

    /// Where everything is kept that is made on the way.
    pub(crate) fn scratch(&self) -> PathBuf {
        self.metadata.target_directory.as_std_path().join("hubs")
    }

    /// The packages of these names; without names, all that have `[package.metadata.hubs]`, or else the one that the
    /// current directory or the given manifest belongs to.
    ///
    /// # Errors
    /// An unknown name, nothing to choose, a mistake in a package's configuration, a package without hubs-runtime.
    pub fn subjects(&self, names: &[String]) -> Result<Vec<Subject<'_>>, Error> {
        let members = self.metadata.workspace_packages();
        let chosen: Vec<&Package> = if names.is_empty() {
            let marked: Vec<_> =
                members.iter().copied().filter(|package| package.metadata.get("hubs").is_some()).collect();
            if marked.is_empty() { self.metadata.root_package().into_iter().collect() } else { marked }
        } else {
            names.iter().map(|name| self.member(&members, name)).collect::<Result<_, _>>()?
        };
        if chosen.is_empty() {
            return Err(Error::NoPackage { candidates: self.candidates(&members) });
        }
        let subjects = chosen.into_iter().map(|package| self.subject(package)).collect::<Result<Vec<_>, _>>()?;
        different_places(&subjects)?;
        Ok(subjects)
    }

    fn member<'a>(&self, members: &[&'a Package], name: &str) -> Result<&'a Package, Error> {
        members.iter().copied().find(|package| package.name.as_str() == name).ok_or_else(|| {
            let known: Vec<_> = members.iter().map(|package| format!("`{}`", package.name)).collect();
            Error::UnknownPackage { name: name.to_owned(), known: known.join(", ") }
        })
    }

    fn candidates(&self, members: &[&Package]) -> String {
        let users = members.iter().filter(|package| self.runtime_of(package).is_some());
        let users: Vec<_> = users.map(|package| format!("`-p {}`", package.name)).collect();
        if users.is_empty() { String::new() } else { format!(" (perhaps {})", users.join(" or ")) }
    }

    fn subject<'a>(&'a self, package: &'a Package) -> Result<Subject<'a>, Error> {
        let config = Config::read(package.manifest_path.as_std_path(), &package.metadata)?;
        let runtime = self.runtime_of(package).ok_or_else(|| Error::NoHubs { package: package.name.to_string() })?;
        let named = package.dependencies.iter().find(|dependency| dependency.name == RUNTIME);
        let runtime_key = named.map(|dependency| dependency.rename.clone().unwrap_or_else(|| dependency.name.clone()));
        Ok(Subject { package, config, runtime, runtime_key })
    }

    /// The hubs-runtime that `package` uses: its own dependency, or the nearest of its dependencies'.
    fn runtime_of(&self, package: &Package) -> Option<&Package> {
        let nodes = &self.metadata.resolve.as_ref()?.nodes;
        let mut layer: Vec<&PackageId> = vec![&package.id];
        let mut seen: Vec<&PackageId> = layer.clone();
        while !layer.is_empty() {
            let next: Vec<&PackageId> = nodes
                .iter()
                .filter(|node| layer.contains(&&node.id))
                .flat_map(|node| node.deps.iter().map(|dep| &dep.pkg))
                .filter(|id| !seen.contains(id))
                .collect();
            let found = self.metadata.packages.iter().find(|p| p.name.as_str() == RUNTIME && next.contains(&&p.id));
            if found.is_some() {
                return found;
            }
            seen.extend(&next);
            layer = next;
        }
        None
    }
}

impl Subject<'_> {
    /// Whether other crates can link this package.
    pub(crate) fn has_library(&self) -> bool {
        let linked = [TargetKind::Lib, TargetKind::RLib, TargetKind::DyLib];
        self.package.targets.iter().any(|target| linked.iter().any(|kind| target.kind.contains(kind)))
    }

    /// The binary that has the hubs, for a package without a library.
    pub(crate) fn binary(&self) -> Result<&Target, Error> {
        let bins: Vec<_> = self.package.targets.iter().filter(|target| target.is_bin()).collect();
        let wanted = self.config.bin.as_ref().or(self.package.default_run.as_ref());
        let problem = match (wanted, bins.as_slice()) {
            (None, [only]) => return Ok(only),
            (None, []) => "no binary".to_owned(),
            (None, _) => "more than one binary".to_owned(),
            (Some(name), _) => match bins.iter().find(|target| target.name == *name) {
                Some(target) => return Ok(target),
                None => format!("no binary `{name}`"),
            },
        };
        Err(Error::NoBinary { package: self.package.name.to_string(), problem })
    }

    /// Folder of the package.
    pub(crate) fn folder(&self) -> &Path {
        let manifest = self.package.manifest_path.as_std_path();
        manifest.parent().unwrap_or(manifest)
    }
}

fn different_places(subjects: &[Subject<'_>]) -> Result<(), Error> {
    for (index, one) in subjects.iter().enumerate() {
        for other in &subjects[index + 1..] {
            let same_typescript = one.config.typescript.is_some() && one.config.typescript == other.config.typescript;
            let path = match &one.config.typescript {
                Some(path) if same_typescript => path,
                _ if one.config.contract == other.config.contract => &one.config.contract,
                _ => continue,
            };
            let (first, second) = (one.package.name.to_string(), other.package.name.to_string());
            return Err(Error::SamePlace { first, second, path: path.clone() });
        }
    }
    Ok(())
}
